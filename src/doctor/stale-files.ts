import { readFile } from 'node:fs/promises';
import { kill } from 'node:process';
import type { ProjectPaths } from '../project/index.ts';

export interface StaleFile {
  file: string;
  what: string;
}

/** Files that name a process which is gone. A project's lock and the engine's own note of itself, both JSON with a pid. */
export async function staleFiles({ lock, engineFile }: ProjectPaths): Promise<StaleFile[]> {
  const candidates = [
    { file: lock, noun: 'lock' },
    { file: engineFile, noun: 'note' },
  ];
  const found = await Promise.all(
    candidates.map(async ({ file, noun }) => {
      const pid = pidIn(await readFile(file, 'utf8').catch(() => ''));
      return pid === undefined || isAlive(pid) ? [] : [{ file, what: `the ${noun} of process ${pid}, which is gone` }];
    }),
  );
  return found.flat();
}

function pidIn(text: string): number | undefined {
  try {
    const { pid } = JSON.parse(text) as { pid?: unknown };
    return typeof pid === 'number' && Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    return kill(pid, 0);
  } catch (error) {
    // Another user's process is one too.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
