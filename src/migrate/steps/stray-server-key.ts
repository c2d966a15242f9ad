import { append, removeAt } from '../../project/index.ts';
import { linesAt } from '../lines.ts';
import { recordOf } from '../../json.ts';
import { firstOf, type Step } from '../step.ts';

const SERVER_KEYS = ['upstream_oauth2', 'max_request_bytes', 'path', 'authorization_server_url'];

export const strayServerKey: Step = {
  id: 'stray-server-key',
  why: 'beside `server` such a key is logged as unknown and has no effect',
  apply({ text, routes }) {
    return firstOf(routes, ({ name, path, mcp }) => {
      const stray = SERVER_KEYS.find((key) => mcp && 'server' in mcp && key in mcp);
      if (stray === undefined) return undefined;
      const from = [...path, 'mcp', stray];
      const what = `${name}: \`${stray}\` belongs below \`mcp.server\``;
      const isTwice = stray in recordOf(mcp?.['server']);
      const lines = isTwice ? undefined : linesAt(text, from);
      const without = lines && removeAt(text, from);
      return { text: without && lines && append(without, [...path, 'mcp', 'server'], lines), what };
    });
  },
};
