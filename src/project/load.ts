import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { CliError } from '../errors.ts';
import { shellWord } from '../shell-word.ts';
import { systemError } from '../system-error.ts';
import { readConfig, type ProjectConfig } from './configuration.ts';
import { parseEnvFile } from './env-file.ts';
import { CONFIG_FILE, COMPOSE_FILE, ENV_FILE, projectPaths, type ProjectPaths } from './paths.ts';
import { findPlaceholders, type Placeholder } from './placeholders.ts';
import { readServices, type Service } from './services.ts';
import { readSettings, type ProjectSettings } from './settings.ts';
import { parseYaml } from './yaml.ts';

export interface Project {
  /** Absolute. */
  folder: string;
  /** Compose's `name`, else the folder's. */
  name: string;
  paths: ProjectPaths;
  /** pomerium-config.yaml as written. */
  configText: string;
  composeText: string;
  /** The configuration with `${NAME}` filled in and with what the gateway gets from its environment. */
  parsed: ProjectConfig;
  settings: ProjectSettings;
  services: Service[];
  /** Everything in .env; a variable of the shell with the same name beats it, as with Compose. */
  secrets: Record<string, string>;
  /** Values such as YOUR-CLIENT-ID that nobody has filled in yet. */
  placeholders: Placeholder[];
}

/** Reads a project. Throws when a file is missing or unreadable; what is wrong inside pomerium-config.yaml is in `parsed.problems`. */
export async function loadProject(folder: string, env: Readonly<Record<string, string | undefined>>): Promise<Project> {
  const paths = projectPaths(folder);
  const composeText = await readProjectFile(paths.compose, COMPOSE_FILE);
  const compose = parseYaml(composeText, COMPOSE_FILE);
  // First of all: a folder that is no project yet lacks further files, too.
  const settings = readSettings(compose);
  const configText = await readProjectFile(paths.config, CONFIG_FILE);
  const envText = await readProjectFile(paths.env, ENV_FILE);
  const secrets = beatenBy(env, parseEnvFile(envText));
  const services = readServices(compose, folder, { ...env, ...secrets });
  const named = (compose.data as Record<string, unknown>)['name'];
  return {
    folder,
    name: typeof named === 'string' ? named : basename(folder),
    paths,
    configText,
    composeText,
    parsed: await readConfig(configText, paths, secrets, settings.engine),
    settings,
    services,
    secrets,
    placeholders: findPlaceholders(configText),
  };
}

async function readProjectFile(file: string, name: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'EISDIR') throw systemError(error) ?? error;
    throw new CliError({
      code: 'PROJECT_FILE_MISSING',
      message: code === 'EISDIR' ? `${file} is a folder and should be a file` : `${name} is missing in this project`,
      why: code === 'EISDIR' ? 'Compose makes a folder where a file that it is to mount is missing' : file,
      fix: `${code === 'EISDIR' ? `rmdir ${shellWord(file)} && ` : ''}${restore(dirname(file))}`,
      cause: error,
    });
  }
}

/** The command that makes what a project lacks; what is there is kept. */
function restore(folder: string): string {
  return `mcpgw create ${shellWord(folder)} --yes    # adds what is missing and keeps the rest`;
}

function beatenBy(
  env: Readonly<Record<string, string | undefined>>,
  values: Record<string, string>,
): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, env[name] || value]));
}
