import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { CliError } from '../errors.ts';
import type { ParsedConfig } from '../pomerium/index.ts';
import { shellWord } from '../shell-word.ts';
import { systemError } from '../system-error.ts';
import { parseEnvFile } from './env-file.ts';
import { CONFIG_FILE, COMPOSE_FILE, ENV_FILE, projectPaths, type ProjectPaths } from './paths.ts';
import { findPlaceholders, type Placeholder } from './placeholders.ts';
import { renderText } from './render.ts';
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
  parsed: ParsedConfig;
  settings: ProjectSettings;
  services: Service[];
  /** Everything in .env; a variable of the shell with the same name beats it, as with Compose. */
  secrets: Record<string, string>;
  /** Values such as YOUR-CLIENT-ID that nobody has filled in yet. */
  placeholders: Placeholder[];
}

/** Global settings that reach the gateway through its environment, beside the certificate and the store. */
const GATEWAY_SECRETS = ['SHARED_SECRET', 'COOKIE_SECRET', 'SIGNING_KEY', 'IDP_CLIENT_SECRET'];

/** Reads a project. Throws when a file is missing or unreadable; what is wrong inside pomerium-config.yaml is in `parsed.problems`. */
export async function loadProject(folder: string, env: Readonly<Record<string, string | undefined>>): Promise<Project> {
  const paths = projectPaths(folder);
  const composeText = await readProjectFile(paths.compose, COMPOSE_FILE);
  const configText = await readProjectFile(paths.config, CONFIG_FILE);
  const envText = await readProjectFile(paths.env, ENV_FILE);
  const compose = parseYaml(composeText, COMPOSE_FILE);
  const settings = readSettings(compose);
  const secrets = beatenBy(env, parseEnvFile(envText));
  const services = readServices(compose, folder, { ...env, ...secrets });
  const named = (compose.data as Record<string, unknown>)['name'];
  return {
    folder,
    name: typeof named === 'string' ? named : basename(folder),
    paths,
    configText,
    composeText,
    parsed: await parse(configText, paths, secrets),
    settings,
    services,
    secrets,
    placeholders: findPlaceholders(configText),
  };
}

/** The environment that the embedded and native engines give to the gateway. Pomerium: environment beats file. */
export function gatewayEnvironment(
  paths: ProjectPaths,
  secrets: Readonly<Record<string, string>>,
): Record<string, string> {
  return {
    ...Object.fromEntries(GATEWAY_SECRETS.flatMap((name) => (secrets[name] ? [[name, secrets[name]]] : []))),
    CERTIFICATE_FILE: paths.certificate,
    CERTIFICATE_KEY_FILE: paths.certificateKey,
    DATABROKER_STORAGE_TYPE: 'file',
    DATABROKER_STORAGE_CONNECTION_STRING: `file://${paths.state}/gateway`,
  };
}

async function parse(configText: string, paths: ProjectPaths, secrets: Record<string, string>): Promise<ParsedConfig> {
  // Loaded here: `create` and the search for a project do without Pomerium's language.
  const { parseConfig } = await import('../pomerium/index.ts');
  // A missing value is reported once, by renderConfig; here it must not hide the other problems.
  const { text, missing } = renderText(configText, CONFIG_FILE, secrets);
  const parsed = parseConfig(text, { file: CONFIG_FILE, env: gatewayEnvironment(paths, secrets) });
  const unset = missing.map(({ name, position }) => ({
    code: 'VARIABLE_MISSING',
    severity: 'error' as const,
    path: '',
    message: `\${${name}} has no value in .env`,
    fix: `echo '${name}=...' >> .env`,
    position,
  }));
  const unfilled = findPlaceholders(configText).map(({ name, position }) => ({
    code: 'PLACEHOLDER',
    severity: 'warning' as const,
    path: '',
    message: `${name} is still to be filled in`,
    fix: `edit ${CONFIG_FILE} at line ${position.line}`,
    position,
  }));
  const problems = [...unset, ...parsed.problems, ...unfilled];
  return unset.length === 0 ? { ...parsed, problems } : { problems };
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
