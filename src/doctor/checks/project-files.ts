import { ok, type Check } from '../check.ts';
import { count } from '../words.ts';

/** Loading throws what is missing, unreadable or broken, each with its own fix. */
export const projectFiles: Check = {
  id: 'FIL-02',
  area: 'files',
  title: 'the project’s files can be read',
  on: ['project'],
  needs: ['FIL-01'],
  async run({ project }) {
    const { settings, services } = await project();
    const { engine, domain, port } = settings;
    return ok(
      `engine ${engine}, domain ${domain}, port ${port}, ${count(services.length, 'service')}`,
      services.map(
        ({ name, run }) => `${name}: ${run === undefined ? 'a container only' : `runs ${[run].flat().join(' ')}`}`,
      ),
    );
  },
};
