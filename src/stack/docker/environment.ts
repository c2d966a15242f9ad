import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { parseJson } from '../../json.ts';
import type { Project } from '../../project/index.ts';
import { digestOf } from './state-file.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** Files that Compose reads beside the project's own when they are there. */
const FURTHER_FILES = ['docker-compose.override.yaml', 'docker-compose.override.yml', 'compose.override.yaml'];

/** `$NAME` and `${NAME...}`: what Compose takes from the shell. */
const VARIABLE = /\$\{?([A-Za-z_]\w*)/g;
/** Settings that stand in files of their own. */
const NAMES_FILES = /^\s*-?\s*(env_file|include|extends|label_file)\s*:/m;

/**
 * The environment for every `docker compose` of a project. Users that were edited under x-mcpgw reach the identity provider this way;
 * while they are what the compose file says anyway, nothing is set, so that Compose run by hand finds the same settings.
 */
export function composeEnvironment(project: Project, env: Env): Record<string, string | undefined> {
  const users = project.settings.users;
  const written = project.services.find(({ environment }) => 'IDP_DEFAULT_USERS' in environment);
  const differs = written && !isDeepStrictEqual(parseJson(written.environment['IDP_DEFAULT_USERS'] ?? ''), users);
  const isRendered = /\$\{[A-Z_][A-Z0-9_]*\}/.test(withoutComments(project.configText));
  return {
    ...env,
    ...(differs ? { IDP_USERS: JSON.stringify(users) } : {}),
    ...(isRendered ? { POMERIUM_CONFIG: project.paths.renderedConfig } : {}),
  };
}

/** Of everything that decides what Compose would do; a project that names further files has another one each time. */
export async function composeDigest(project: Project, env: Env): Promise<string> {
  const { IDP_USERS: users, POMERIUM_CONFIG: config } = composeEnvironment(project, env);
  const further = await Promise.all(
    FURTHER_FILES.map(async (name) => readFile(`${project.folder}/${name}`, 'utf8').catch(() => '')),
  );
  const texts = [project.composeText, ...further];
  const variables = texts.flatMap((text) => [...text.matchAll(VARIABLE)].map(([, name = '']) => [name, env[name]]));
  const composes = Object.entries(env)
    .filter(([name]) => name.startsWith('COMPOSE_'))
    .toSorted(([a], [b]) => a.localeCompare(b));
  const elsewhere = texts.some((text) => NAMES_FILES.test(text)) ? randomUUID() : '';
  return digestOf(texts, project.secrets, users, config, variables, composes, elsewhere);
}

function withoutComments(text: string): string {
  return text.replace(/(^|\s)#.*$/gm, '');
}
