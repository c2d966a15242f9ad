import { createHash } from 'node:crypto';
import { CliError } from '../../errors.ts';
import { gatewayEnvironment, type Project, type ProjectSettings, type Service } from '../../project/index.ts';
import type { Options } from '../../pomerium/model.ts';
import { certificateNames } from '../routes.ts';
import { splitWords } from '../words.ts';
import type { Running } from './control-protocol.ts';

/** A service of the compose file that runs without Docker. */
export interface RunnableService extends Service {
  words: string[];
  /** What `mcpgw serve` was told to serve; absent: it is a process of its own. */
  serves?: string[];
  hash: string;
}

/** What decides about the database of the native engine. */
const NATIVE_SECRETS = ['POSTGRES_PASSWORD', 'DATABROKER_STORAGE_CONNECTION_STRING'];

/** Which of the two engines that are a background process here a project names. */
export function backgroundEngine({ engine }: Pick<ProjectSettings, 'engine'>): 'embedded' | 'native' {
  return engine === 'native' ? 'native' : 'embedded';
}

const PROGRAM_NAMES = ['mcpgw', 'create-mcp-gateway'];

/** Whether a command line is this program's own; it need not be on PATH. */
export function isOurs(words: readonly string[]): boolean {
  return PROGRAM_NAMES.includes(words[0] ?? '');
}

/** The services that this engine runs. Those without `x-mcpgw.run` are Docker's alone. */
export function runnableServices(project: Project): RunnableService[] {
  return project.services.flatMap((service) => {
    if (service.run === undefined) return [];
    assertName(service.name);
    const words = wordsOf(service.name, service.run);
    const [, command, ...rest] = words;
    const isServe = isOurs(words) && command === 'serve' && rest.every((word) => !word.startsWith('-'));
    // Whom whoami believes depends on the routes where the service does not say it itself.
    const isTold = service.environment['WHOAMI_ISSUERS'] && service.environment['JWKS_URL'];
    const context = isServe && !isTold ? gatewayHosts(project) : [];
    return [{ ...service, words, ...(isServe ? { serves: rest } : {}), hash: hashOf([service, context]) }];
  });
}

/** Hashes of everything the files want, part by part, to be compared with what runs. */
export function wantedOf(project: Project, options: Options, version: string): Running {
  const { settings, paths, secrets, configText } = project;
  const environment = gatewayEnvironment(paths, secrets);
  const idp = settings.idp && [
    settings.idp.port,
    options.idp_provider_url,
    options.idp_client_id,
    secrets['IDP_CLIENT_SECRET'],
  ];
  const engine = backgroundEngine(settings);
  const database = engine === 'native' ? NATIVE_SECRETS.map((name) => secrets[name]) : [];
  return {
    version,
    engine,
    gateway: {
      listener: hashOf([options.address, environment, settings.domain, settings.strict === true, ...database]),
      configuration: hashOf([configText, options]),
    },
    idp: idp ? hashOf(idp) : '',
    users: hashOf([settings.users, options.authenticate_service_url]),
    services: runnableServices(project).map(({ name, hash }) => ({ name, hash })),
  };
}

/** What stands in the way of routes that the files want; in sentences. */
export function warningsOf(project: Project, options: Options): string[] {
  const dockerOnly = project.services.filter((service) => service.run === undefined).map((service) => service.name);
  return options.routes.flatMap((route) =>
    route.to
      .map(({ url }) => URL.parse(url)?.hostname ?? '')
      .filter((hostname) => dockerOnly.includes(hostname))
      .map((hostname) => `${route.from} leads to ${hostname}, which runs under Docker only: say how with x-mcpgw.run`),
  );
}

/** Names of the parts that have a log and a place in `mcpgw restart` themselves. */
const OWN_NAMES = ['gateway', 'idp', 'engine'];

/** A service's name becomes a file's name, and must not be that of a part of ours. */
function assertName(name: string): void {
  const isOwn = OWN_NAMES.includes(name);
  if (!isOwn && /^\w[\w.-]*$/.test(name)) return;
  throw new CliError({
    code: 'BAD_SERVICE_NAME',
    message: `the service \`${name}\` of docker-compose.yaml cannot be run under this name`,
    why: isOwn ? 'mcpgw itself has a part of that name' : 'letters, digits, `_`, `-` and `.` are allowed',
    fix: 'rename it, also in the `to` of its routes',
  });
}

function wordsOf(name: string, run: string | readonly string[]): string[] {
  if (typeof run !== 'string') return [...run];
  try {
    return splitWords(run);
  } catch (cause) {
    throw new CliError({
      code: 'BAD_RUN',
      message: `x-mcpgw.run of ${name}: ${cause instanceof Error ? cause.message : String(cause)}`,
      fix: 'write it as a list: run: [node, server.js]',
      cause,
    });
  }
}

function gatewayHosts(project: Project): string[] {
  return project.parsed.options ? certificateNames(project.parsed.options) : [];
}

function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}
