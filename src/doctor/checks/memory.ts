import { readFile } from 'node:fs/promises';
import { freemem } from 'node:os';
import { ok, warning, type Check } from '../check.ts';

const MIB = 1024 * 1024;
/** MiB. Pomerium with Envoy and Postgres take some 300 at rest. */
const LITTLE = 150;

export const memory: Check = {
  id: 'MAC-06',
  area: 'machine',
  title: 'free memory',
  async run({ platform }) {
    const free = Math.floor((platform === 'linux' ? await available() : freemem()) / MIB);
    const text = `${free} MiB available`;
    return free >= LITTLE ? ok(text) : warning(text, 'free -m    # then end what takes it');
  },
};

/** What the kernel would give without swapping; caches count as free. */
async function available(): Promise<number> {
  const text = await readFile('/proc/meminfo', 'utf8').catch(() => '');
  const kib = /^MemAvailable:\s+(\d+)/m.exec(text)?.[1];
  return kib === undefined ? freemem() : Number(kib) * 1024;
}
