import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unifiedDiff, type ScaffoldFile } from '../scaffold/index.ts';
import { addMissingToEnv, parseEnvFile } from './env-file.ts';
import { ENV_FILE } from './paths.ts';

/** What is to happen to one file. */
export type FilePlan =
  | { path: string; action: 'write'; file: ScaffoldFile }
  /** There and as it would be written. */
  | { path: string; action: 'same' }
  /** There and different: kept. `diff` leads from what is there to what would be written. */
  | { path: string; action: 'keep'; diff: string }
  /** Names that .env lacks are added at its end. */
  | { path: string; action: 'extend'; added: string[]; content: string };

/** Sets the wanted files against those in the folder. Nothing that is there is ever replaced. */
export function planFiles(wanted: readonly ScaffoldFile[], existing: ReadonlyMap<string, string>): FilePlan[] {
  return wanted.map((file): FilePlan => {
    const { path } = file;
    const there = existing.get(path);
    if (there === undefined) return { path, action: 'write', file };
    if (path === ENV_FILE) {
      const { text, added } = addMissingToEnv(there, parseEnvFile(file.content));
      return added.length === 0 ? { path, action: 'same' } : { path, action: 'extend', added, content: text };
    }
    const diff = unifiedDiff(there, file.content, { before: path, after: `${path} as create would write it` });
    return diff === '' ? { path, action: 'same' } : { path, action: 'keep', diff };
  });
}

/** The texts of those files that are there. */
export async function readExisting(folder: string, paths: readonly string[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const path of paths) {
    const text = await readFile(join(folder, path), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
      throw error;
    });
    if (text !== undefined) found.set(path, text);
  }
  return found;
}
