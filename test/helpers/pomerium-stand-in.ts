import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from './program.ts';

/**
 * A folder to be put on the PATH, with a `pomerium` that takes the flags, variables and signals of Pomerium v0.33.1: the development
 * gateway behind a shell script.
 */
export async function placePomerium(folder: string, program = join(ROOT, 'src/start.ts')): Promise<string> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'pomerium');
  const gateway = `exec '${process.execPath}' '${program}' gateway --config "$2"`;
  const lines = [
    '#!/bin/sh',
    'case "$1" in',
    '  --version) echo "pomerium: v0.33.1" ;;',
    '  health) exit 0 ;;',
    `  --config) ${gateway} ;;`,
    '  *) echo "unknown flag: $1" >&2; exit 1 ;;',
    'esac',
  ];
  await writeFile(file, `${lines.join('\n')}\n`);
  await chmod(file, 0o755);
  return folder;
}
