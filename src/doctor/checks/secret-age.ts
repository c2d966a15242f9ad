import { findSecrets } from '../../project/index.ts';
import { ok, warning, type Check } from '../check.ts';
import { count } from '../words.ts';

const DAY = 86_400_000;
const OLD = 365;

export const secretAge: Check = {
  id: 'SEC-05',
  area: 'secrets',
  title: 'secrets are younger than a year',
  on: ['project'],
  needs: ['SEC-01'],
  async run({ project, env, now }) {
    const secrets = (await findSecrets(await project(), env)).filter(({ hasValue }) => hasValue);
    const aged = secrets.map(({ name, since }) => ({ name, days: Math.floor((now() - Date.parse(since)) / DAY) }));
    const old = aged.filter(({ days }) => days > OLD);
    const [first] = old;
    if (!first)
      return ok(
        `${count(aged.length, 'secret')}, the oldest ${count(Math.max(0, ...aged.map(({ days }) => days)), 'day')} old`,
      );
    return warning(
      old.map(({ name, days }) => `${name} is ${days} days old`).join(', '),
      `mcpgw secrets rotate ${first.name}`,
    );
  },
};
