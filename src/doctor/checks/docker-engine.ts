import { ok, type Check } from '../check.ts';

/** Asking throws what keeps the engine out of reach, each with its own fix. */
export const dockerEngine: Check = {
  id: 'DKR-01',
  area: 'docker',
  title: 'the Docker Engine answers',
  on: ['docker'],
  needs: ['FIL-02'],
  async run({ docker }) {
    const { version, architecture } = await docker();
    return ok(`Docker ${version} on ${architecture}`);
  },
};
