import { cp, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from './program.ts';
import { temporaryFolder } from '../unit/project/helpers.ts';

export const FOLDERS = join(ROOT, 'test/fixtures/adopt');

/** A copy of a folder written by hand. Its .env has another name in the repository, where one is ignored. */
export async function handWritten(name: string): Promise<string> {
  const folder = join(await temporaryFolder(), name);
  await cp(join(FOLDERS, name), folder, { recursive: true });
  await rename(join(folder, 'dot-env'), join(folder, '.env')).catch(() => undefined);
  await rename(join(folder, 'dot-gitignore'), join(folder, '.gitignore')).catch(() => undefined);
  return folder;
}
