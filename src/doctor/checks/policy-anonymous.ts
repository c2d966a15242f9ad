import { ok, skipped, warning, type Check } from '../check.ts';

export const policyAnonymous: Check = {
  id: 'POL-03',
  area: 'policy',
  title: 'nobody calls tools without a sign-in',
  on: ['configuration'],
  needs: ['FIL-03'],
  async run({ permissions, configuration }) {
    const all = (await permissions()).filter(({ user }) => user === 'anonymous');
    if (all.length === 0) return skipped('there is no MCP route');
    const open = all.find(({ allowed }) => allowed);
    if (!open) return ok('a sign-in is asked for everywhere');
    const place = open.line === undefined ? '' : ` at line ${open.line}`;
    return warning(
      `${open.server}: anybody may call ${open.call}`,
      `edit the policy in ${(await configuration()).file}${place}`,
    );
  },
};
