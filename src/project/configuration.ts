import { readFileSync } from 'node:fs';
import { dirname, resolve, sep } from 'node:path';
import type { ParsedConfig } from '../pomerium/index.ts';
import { CONFIG_FILE, type ProjectPaths } from './paths.ts';
import { findPlaceholders } from './placeholders.ts';
import { renderText } from './render.ts';
import type { ProjectSettings } from './settings.ts';

/** Global settings that reach the gateway through its environment, beside the certificate and the store. */
const GATEWAY_SECRETS = ['SHARED_SECRET', 'COOKIE_SECRET', 'SIGNING_KEY', 'IDP_CLIENT_SECRET'];

export interface ProjectConfig extends ParsedConfig {
  /** Files that the configuration names and that were looked into, be they missing; absolute. */
  namedFiles: readonly string[];
}

/** Stands for the content of certificates and keys that mcpgw makes. */
const OWN_PEM = '-----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\n';

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

/** pomerium-config.yaml as the gateway of a project would read it. */
export async function readConfig(
  configText: string,
  paths: ProjectPaths,
  secrets: Record<string, string>,
  engine: ProjectSettings['engine'],
): Promise<ProjectConfig> {
  // Loaded here: `create` and the search for a project do without Pomerium's language.
  const { parseConfig } = await import('../pomerium/index.ts');
  // A missing value is reported once, by renderConfig; here it must not hide the other problems.
  const { text, missing } = renderText(configText, CONFIG_FILE, secrets);
  const namedFiles: string[] = [];
  const parsed = parseConfig(text, {
    file: CONFIG_FILE,
    env: gatewayEnvironment(paths, secrets),
    // Paths in a container are not those of this machine.
    ...(engine === 'docker' ? {} : { readFile: namedFileReader(paths, namedFiles) }),
  });
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
  return unset.length === 0 ? { ...parsed, problems, namedFiles } : { problems, namedFiles };
}

/** Reads what the configuration names by a path, which is relative to the project: there the engines start the gateway. */
function namedFileReader(paths: ProjectPaths, looked: string[]): (path: string) => string {
  const folder = dirname(paths.config);
  return (path) => {
    const file = resolve(folder, path);
    // `up` makes these, after the configuration is read for the first time, and checks them itself.
    if ([paths.certificateFolder, paths.authorityFolder].some((own) => file.startsWith(own + sep))) return OWN_PEM;
    looked.push(file);
    return readFileSync(file, 'utf8');
  };
}
