import { ok, warning, type Check } from '../check.ts';
import { staleFiles } from '../stale-files.ts';
import { shellPath } from '../words.ts';

export const leftovers: Check = {
  id: 'FIL-14',
  area: 'files',
  title: 'nothing is left of processes that died',
  on: ['project'],
  needs: ['FIL-02'],
  async run({ project, cwd }) {
    const { paths } = await project();
    const stale = await staleFiles(paths);
    if (stale.length === 0) return ok('no lock and no pid of a dead process');
    const words = stale.map(({ file }) => shellPath(file, cwd)).join(' ');
    return warning(
      stale.map(({ what }) => what).join(', '),
      `mcpgw doctor --fix    # removes ${words}`,
      stale.map(({ file }) => file),
    );
  },
};
