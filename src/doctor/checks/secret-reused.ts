import { failure, ok, type Check } from '../check.ts';

const SECRET = /(SECRET|PASSWORD|TOKEN|_KEY)$/;

export const secretReused: Check = {
  id: 'SEC-07',
  area: 'secrets',
  title: 'no two secrets are the same',
  on: ['project'],
  needs: ['SEC-01'],
  async run({ project }) {
    const { secrets } = await project();
    const own = Object.entries(secrets).filter(([name, value]) => SECRET.test(name) && value !== '');
    const byValue = Map.groupBy(own, ([, value]) => value);
    const twice = [...byValue.values()].find((entries) => entries.length > 1)?.map(([name]) => name);
    if (!twice) return ok('each is used once');
    return failure(`${twice.join(' and ')} have the same value`, `mcpgw secrets rotate ${twice.at(-1) ?? ''}`);
  },
};
