import { ok, skipped, type Check } from '../check.ts';

const ANONYMOUS = 'anonymous';

/** Somebody who may do nothing is no fault: it is what a policy is for. It is told, since it is also how a slip looks. */
export const policyUsers: Check = {
  id: 'POL-01',
  area: 'policy',
  title: 'what each development user may do',
  on: ['configuration'],
  needs: ['FIL-03'],
  async run({ permissions }) {
    const all = (await permissions()).filter(({ user }) => user !== ANONYMOUS);
    const users = [...new Set(all.map(({ user }) => user))];
    if (users.length === 0) return skipped('there is no MCP route, or nobody to try it as');
    const evidence = users.map((user) => {
      const own = all.filter((one) => one.user === user && one.allowed && one.call === 'tools/list');
      return `${user}: ${own.map(({ server }) => server).join(', ') || 'nothing'}`;
    });
    const idle = users.filter((user) => !all.some((one) => one.user === user && one.allowed));
    return ok(idle.length === 0 ? `${users.join(', ')}: each something` : `${idle.join(', ')}: nothing`, evidence);
  },
};
