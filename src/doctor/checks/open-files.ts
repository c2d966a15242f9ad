import { readFile } from 'node:fs/promises';
import { ok, skipped, warning, type Check } from '../check.ts';

/** Each open stream takes two descriptors of the gateway, beside its own. */
const ENOUGH = 1024;

export const openFiles: Check = {
  id: 'MAC-05',
  area: 'machine',
  title: 'enough files may be open at once',
  async run({ platform }) {
    if (platform !== 'linux') return skipped('known on Linux only');
    const limits = await readFile('/proc/self/limits', 'utf8');
    const soft = /^Max open files\s+(\S+)/m.exec(limits)?.[1] ?? '';
    if (soft === 'unlimited') return ok(soft);
    const text = `${soft} at once`;
    return Number(soft) >= ENOUGH ? ok(text) : warning(`${text}; each open stream takes two`, 'ulimit -n 65536');
  },
};
