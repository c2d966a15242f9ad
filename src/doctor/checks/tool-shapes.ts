import { ok, skipped, warning, type Check } from '../check.ts';
import { listTools } from '../../mcp/index.ts';
import { firstWay } from '../reach.ts';
import { count, show } from '../words.ts';

/** What the APIs of the large models take as a tool's name (Anthropic and OpenAI, tool use). */
const NAME = /^[\w-]{1,64}$/;

export const toolShapes: Check = {
  id: 'TOL-05',
  area: 'tools',
  title: 'models can take the tools as they are described',
  on: ['server'],
  needs: ['GTW-01', 'SGN-02'],
  async run(patient, signal) {
    const way = await firstWay(patient, signal);
    if (typeof way === 'string') return skipped(way);
    const { server, accessToken } = way;
    const token = accessToken === undefined ? {} : { accessToken };
    const tools = await listTools({ server: server.url, fetch: await patient.fetch(), signal, ...token });
    const names = tools.map(({ name }) => name);
    const long = names.find((name) => !NAME.test(name));
    if (long !== undefined)
      return warning(
        `the name ${show(long)} is not one that models take`,
        `rename it in ${server.name}: letters, digits, _ and -, 64 at most`,
      );
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice !== undefined) return warning(`${twice} is listed twice`, `rename one in ${server.name}`);
    const odd = tools.find(({ inputSchema }) => inputSchema['type'] !== 'object');
    if (odd) return warning(`the input of ${odd.name} is no object`, `mend inputSchema in ${server.name}`);
    return ok(`${server.name}: ${count(tools.length, 'tool')}`);
  },
};
