import { failure, ok, skipped, type Check } from '../check.ts';
import { count } from '../words.ts';

export const policyNobody: Check = {
  id: 'POL-02',
  area: 'policy',
  title: 'every server can be used by somebody',
  on: ['configuration'],
  needs: ['FIL-03'],
  async run({ permissions, configuration }) {
    const all = await permissions();
    const { file } = await configuration();
    const servers = [...new Set(all.map(({ server }) => server))];
    if (servers.length === 0) return skipped('there is no MCP route');
    const shut = servers.find(
      (server) => !all.some((one) => one.server === server && one.call === 'tools/list' && one.allowed),
    );
    if (shut === undefined) return ok(count(servers.length, 'server'));
    const line = all.find(({ server }) => server === shut)?.line;
    const place = line === undefined ? '' : ` at line ${line}`;
    return failure(
      `${shut}: no user of whom the files know may list its tools`,
      `edit the policy in ${file}${place}\nmcpgw policy matrix --route ${shut}`,
    );
  },
};
