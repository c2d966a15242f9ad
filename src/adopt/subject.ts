import { join } from 'node:path';
import { createSubject, type Subject } from '../lint/index.ts';
import { COMPOSE_FILE, CONFIG_FILE } from '../project/paths.ts';
import type { Draft, Scene } from './draft.ts';

/** The draft as `mcpgw lint` would read it once it is written. */
export function subjectOf({ config, compose, env }: Draft, { found }: Pick<Scene, 'found'>): Subject {
  const own = join(found.folder, CONFIG_FILE);
  return createSubject({
    config: { file: CONFIG_FILE, text: config },
    compose: { file: COMPOSE_FILE, text: compose, folder: found.folder },
    variables: { ...found.variables, ...env },
    exists: (path) => path === own || found.exists(path),
    release: 'v0.33.1',
  });
}
