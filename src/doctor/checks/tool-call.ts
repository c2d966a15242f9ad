import { callTool, type Tool } from '../../mcp/index.ts';
import { failure, ok, skipped, type Check } from '../check.ts';
import { reachTools } from '../reach-tools.ts';
import { shellWord } from '../words.ts';

export const toolCall: Check = {
  id: 'TOL-02',
  area: 'tools',
  title: 'a tool can be called through the gateway',
  on: ['sign-in'],
  needs: ['TOL-01'],
  async run(patient, signal) {
    for (const server of await patient.servers()) {
      const { tools = [], user, accessToken } = (await reachTools(patient, server, signal)) ?? {};
      const tool = tools.find(isHarmless);
      if (!tool || accessToken === undefined) continue;
      const fetch = await patient.fetch();
      const result = await callTool({
        server: server.url,
        accessToken,
        fetch,
        signal,
        name: tool.name,
        args: {},
        tool,
      });
      const what = `${tool.name} of ${server.name}`;
      if (!result.isError) return ok(`${what}, as ${user}`);
      const said = result.content.flatMap(({ text }) => (typeof text === 'string' ? text.split('\n') : []));
      const words = [server.name, tool.name, '--as', user ?? ''].map(shellWord);
      return failure(`${what} answers with an error`, `mcpgw call ${words.join(' ')}`, said.slice(0, 10));
    }
    return skipped('no server has a tool that only reads and takes no arguments');
  },
};

/** Doctor changes nothing: only a tool that says so of itself, and that can be called without a guess at its arguments. */
function isHarmless({ annotations, inputSchema }: Tool): boolean {
  const { required } = inputSchema;
  return annotations?.['readOnlyHint'] === true && (!Array.isArray(required) || required.length === 0);
}
