import { readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { COMPOSE_FILE, CONFIG_FILE } from './paths.ts';

/** The nearest project folder at or above `cwd`; undefined when there is none. */
export async function findProject(cwd: string): Promise<string | undefined> {
  let folder = resolve(cwd);
  for (;;) {
    if (await isProject(folder)) return folder;
    const parent = dirname(folder);
    if (parent === folder) return undefined;
    folder = parent;
  }
}

/** A compose file of ours marks a project; so does Pomerium's file, so that a lost compose file is told as such. */
export async function isProject(folder: string): Promise<boolean> {
  const compose = await readFile(join(folder, COMPOSE_FILE), 'utf8').catch(() => '');
  if (/^['"]?x-mcpgw['"]?\s*:/m.test(compose)) return true;
  return stat(join(folder, CONFIG_FILE)).then(
    (found) => found.isFile(),
    () => false,
  );
}
