import { yamlScalar } from './allow.ts';
import { authorityOf, type Answers } from './answers.ts';
import { fillTemplate, textOf, type Templates } from './template.ts';

/** What of a project decides about the text of a service. */
export type Surroundings = Pick<Answers, 'address' | 'domain' | 'port' | 'version'>;

/** What one of the reference servers needs of the service that it shares with the others. */
export interface ServerNeeds {
  server: string;
  environment: readonly (readonly [name: string, value: string])[];
  volumes: readonly (readonly string[])[];
  /** Without Docker, where paths are others. */
  ownEnvironment: readonly (readonly [name: string, value: string])[];
}

/** A service that a user's own command is, in a container and without one. */
export interface OwnCommand {
  service: string;
  image: string;
  words: readonly string[];
  /** Relative to the project: `.` or `./server`. */
  folder: string;
  port: number;
}

/** The service of the reference servers: they share one port. */
export function mcpServersService(
  { servers, ...around }: Surroundings & { servers: readonly string[] },
  templates: Templates,
  whoamiName = 'whoami',
): string {
  const local = around.address === 'local';
  const [whoami, sqlite] = [servers.includes('whoami'), servers.includes('sqlite')];
  return fill(templates, 'mcp-servers', {
    local,
    whoami,
    sqlite,
    localWhoami: local && whoami,
    mounts: sqlite || (local && whoami),
    whoamiName,
    domain: around.domain,
    authority: authorityOf(around),
    version: around.version,
    serverList: servers.join(', '),
    serverPaths: servers.map((name) => `/${name}`).join(' '),
  });
}

/**
 * What a reference server needs of its service beside its name, as mcp-servers.yaml writes it for a new one. `host` is that of its route.
 */
export function serverNeeds(
  server: string,
  { address, host, origin }: { address: Answers['address']; host: string; origin: string },
): Omit<ServerNeeds, 'server'> {
  if (server === 'whoami') {
    const local = address === 'local';
    return {
      environment: [
        ['WHOAMI_ISSUERS', host],
        ['JWKS_URL', `${origin}/.well-known/pomerium/jwks.json`],
        ...(local ? ([['NODE_EXTRA_CA_CERTS', '/certs/ca.pem']] as const) : []),
      ],
      volumes: local ? [bindMount('./.mcpgw/certs/ca.pem', '/certs/ca.pem')] : [],
      ownEnvironment: [],
    };
  }
  // Empty without a value, so that Compose goes on when the route is gone and its line is not.
  if (server === 'postgres')
    return { environment: [['POSTGRES_URL', '${POSTGRES_URL:-}']], volumes: [], ownEnvironment: [] };
  if (server !== 'sqlite') return { environment: [], volumes: [], ownEnvironment: [] };
  return {
    environment: [['SQLITE_DB_FILE', '/data/library.sqlite']],
    volumes: [bindMount('./data', '/data')],
    ownEnvironment: [['SQLITE_DB_FILE', 'data/library.sqlite']],
  };
}

/** create_host_path: Docker would make a folder where the file is missing. */
function bindMount(source: string, target: string): string[] {
  return [
    '- type: bind',
    `  source: ${source}`,
    `  target: ${target}`,
    '  read_only: true',
    '  bind: {create_host_path: false}',
  ];
}

/** The demo application. */
export function appService(
  own: { service: string; url: string },
  { address, version }: Surroundings,
  templates: Templates,
): string {
  return fill(templates, 'app', { ...own, version, local: address === 'local' });
}

export function commandService({ words, port, ...own }: OwnCommand, templates: Templates): string {
  const run = `[${words.map((word) => yamlScalar(word)).join(', ')}]`;
  const values = { ...own, folder: yamlScalar(own.folder), run, port: String(port) };
  // Compose would read a variable.
  return fill(templates, 'command', { ...values, command: run.replaceAll('$', '$$$$') });
}

function fill(templates: Templates, name: string, values: Parameters<typeof fillTemplate>[1]): string {
  return fillTemplate(textOf(templates, `services/${name}.yaml`), values).trimEnd();
}

/** The image that has what a command's first word needs; undefined for a program that is nobody's known here. */
export function imageFor(program: string): string | undefined {
  const name = program.slice(program.lastIndexOf('/') + 1);
  return IMAGES.find(({ programs }) => programs.includes(name))?.image;
}

const IMAGES = [
  { programs: ['node', 'npm', 'npx'], image: '${MCPGW_NODE_IMAGE:-node:24-slim}' },
  { programs: ['python', 'python3', 'uvicorn', 'pip'], image: 'python:3.13-slim' },
  { programs: ['uv', 'uvx'], image: 'ghcr.io/astral-sh/uv:python3.13-bookworm-slim' },
  { programs: ['deno'], image: 'denoland/deno:2.5.6' },
  { programs: ['bun', 'bunx'], image: 'oven/bun:1.3' },
];
