import { readFile } from 'node:fs/promises';
import { COMPOSE_FILE, projectPaths } from './paths.ts';
import { readSettings, type ProjectSettings } from './settings.ts';
import { parseYaml } from './yaml.ts';

/** The settings of a project of which other files may be missing; undefined when the compose file is. */
export async function readProjectSettings(folder: string): Promise<ProjectSettings | undefined> {
  const text = await readFile(projectPaths(folder).compose, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return text === undefined ? undefined : readSettings(parseYaml(text, COMPOSE_FILE));
}
