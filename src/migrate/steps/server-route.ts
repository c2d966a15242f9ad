import { replaceValue, wrapIn } from '../../project/index.ts';
import { firstOf, type Step } from '../step.ts';

const OWN = ['server', 'client'];

export const serverRoute: Step = {
  id: 'server-route',
  why: 'since v0.30.0 `mcp` says whether a route is a server or a client; without it Pomerium does not start',
  apply({ text, routes }) {
    return firstOf(routes, ({ name, path, data, mcp }) => {
      const place = [...path, 'mcp'];
      if ('mcp' in data && (data['mcp'] === null || (mcp && Object.keys(mcp).length === 0)))
        return {
          text: replaceValue(text, place, '{server: {}}'),
          what: `${name}: an MCP server, \`mcp: {server: {}}\``,
        };
      if (!mcp || OWN.some((key) => key in mcp)) return undefined;
      return {
        text: wrapIn(text, place, 'server'),
        what: `${name}: the settings of an MCP server are below \`mcp.server\``,
      };
    });
  },
};
