import { statfs } from 'node:fs/promises';
import { failure, ok, warning, type Check } from '../check.ts';
import { shellPath } from '../words.ts';

const MIB = 1024 * 1024;
/** MiB. Logs alone may take 15 MB a service. */
const LITTLE = 200;
const TOO_LITTLE = 10;

export const diskSpace: Check = {
  id: 'MAC-02',
  area: 'machine',
  title: 'free disk space',
  async run({ cwd, folder }) {
    const place = (await folder()) ?? cwd;
    const stats = await statfs(place);
    const free = Math.floor((stats.bavail * stats.bsize) / MIB);
    const text = `${free} MiB free in ${place}`;
    if (free >= LITTLE) return ok(text);
    const fix = `df -h ${shellPath(place, cwd)}    # then free some space there`;
    return free < TOO_LITTLE ? failure(text, fix) : warning(text, fix);
  },
};
