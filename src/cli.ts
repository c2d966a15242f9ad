import type { CommandSpec } from './command.ts';
import type { Ctx } from './context.ts';
import type { GlobalOptions, World } from './context-node.ts';
import { EXIT, type ExitCode } from './errors.ts';

const AS = { flags: '--as <user>', description: 'sign in by itself as a development user: admin, member, guest' };

const SIGN_IN = [
  AS,
  { flags: '--no-browser', description: 'print the URL and take the redirected URL pasted back' },
  { flags: '--scope <scopes>', description: 'scopes to ask for, separated by blanks' },
  { flags: '--client-id <id>', description: 'a client that is registered already' },
  { flags: '--client-secret <secret>', description: 'its secret (better: MCPGW_CLIENT_SECRET)' },
  { flags: '--client-metadata-url <url>', description: 'client ID metadata document to be known by' },
  { flags: '--callback-port <port>', description: 'port of the loopback listener', kind: 'number' },
  { flags: '--timeout <seconds>', description: 'how long to wait for the sign-in (300)', kind: 'number' },
] as const;

/** Every command: its group, flags, examples, and the file that holds it, loaded only when it runs. */
export const COMMANDS: readonly CommandSpec[] = [
  {
    name: 'create',
    group: 'Start',
    summary: 'make a project folder: pomerium-config.yaml, docker-compose.yaml, secrets',
    args: [{ name: '[folder]', description: 'where; made if it is not there' }],
    options: [
      { flags: '-y, --yes', description: 'take the default for everything that no flag answers' },
      { flags: '--address <kind>', description: 'local (this machine) or public (your own domain)' },
      { flags: '--domain <name>', description: 'domain whose sub-names are the routes’ hosts' },
      { flags: '--port <number>', description: 'port of the gateway; part of its identity (8443)', kind: 'number' },
      { flags: '--idp-port <number>', description: 'port of the development identity provider (9080)', kind: 'number' },
      { flags: '--servers <list>', description: 'MCP servers: whoami, sqlite', kind: 'list' },
      { flags: '--allow <who>', description: 'anyone, a domain (@example.com), e-mails, or a group (group:staff)' },
      { flags: '--sign-in <kind>', description: 'public projects: own identity provider, or hosted by Pomerium' },
      { flags: '--engine <name>', description: 'what runs it: docker, embedded or native (found out)' },
      { flags: '--dry-run', description: 'print the files and write nothing' },
    ],
    examples: [
      ['mcpgw create my-gateway', 'ask at most four questions'],
      ['mcpgw create my-gateway --yes --port 9443 --servers whoami', 'ask nothing'],
    ],
    load: () => import('./commands/create.ts'),
  },
  {
    name: 'up',
    group: 'Start',
    summary: 'start the gateway and its servers, or bring a running one up to date',
    options: [
      { flags: '--port <number>', description: 'another port, with --save', kind: 'number' },
      { flags: '--save', description: 'write the port into the project: routes, redirect URIs, compose file' },
      { flags: '--timeout <seconds>', description: 'how long to wait for readiness (20; docker: 120)', kind: 'number' },
      { flags: '--pull <when>', description: 'container images: never, missing (default) or always' },
      { flags: '--no-wait', description: 'do not wait for readiness' },
      { flags: '--dry-run', description: 'print what would be done' },
    ],
    examples: [
      ['mcpgw up', 'start, wait until a route answers, print the status screen'],
      ['mcpgw up --port 9443 --save', 'move the project to another port'],
    ],
    load: () => import('./commands/up.ts'),
  },
  {
    name: 'down',
    group: 'Start',
    summary: 'stop the gateway and its servers; data stays',
    options: [
      { flags: '--volumes', description: 'delete sessions, clients and grants too' },
      { flags: '-y, --yes', description: 'do not ask before deleting' },
    ],
    examples: [
      ['mcpgw down', 'stop'],
      ['mcpgw down --volumes --yes', 'stop and forget every session'],
    ],
    load: () => import('./commands/down.ts'),
  },
  {
    name: 'restart',
    group: 'Start',
    summary: 'stop and start again, the whole project or one service',
    args: [{ name: '[service]', description: 'only this service' }],
    options: [
      { flags: '--timeout <seconds>', description: 'how long to wait for readiness (20; docker: 120)', kind: 'number' },
    ],
    examples: [
      ['mcpgw restart', 'restart everything'],
      ['mcpgw restart my-server', 'restart one service'],
    ],
    load: () => import('./commands/restart.ts'),
  },
  {
    name: 'status',
    group: 'Start',
    summary: 'show services, address, certificate, routes, signed-in users',
    options: [],
    examples: [
      ['mcpgw status', 'exit code 3 when something is down'],
      ['mcpgw status --json', 'the same as data'],
    ],
    load: () => import('./commands/status.ts'),
  },
  {
    name: 'logs',
    group: 'Start',
    summary: 'print the logs, merged by time',
    args: [{ name: '[services...]', description: 'only these services' }],
    options: [
      { flags: '-f, --follow', description: 'keep printing new lines until Ctrl+C' },
      { flags: '--since <time>', description: 'only newer lines: 10m, 2h, or a date' },
      { flags: '--tail <lines>', description: 'at most so many lines (200)', kind: 'number' },
      { flags: '--access', description: 'only who called which tool, allowed or refused, how long' },
    ],
    examples: [
      ['mcpgw logs -f', 'follow everything'],
      ['mcpgw logs gateway --since 10m', 'the gateway’s last ten minutes'],
    ],
    load: () => import('./commands/logs.ts'),
  },
  {
    name: 'secrets',
    group: 'Start',
    summary: 'list the project’s secrets, or give them new values',
    args: [
      { name: '[action]', description: 'list (default) or rotate' },
      { name: '[names...]', description: 'rotate only these; all that mcpgw makes when left out' },
    ],
    options: [
      { flags: '-y, --yes', description: 'do not ask before ending sessions' },
      { flags: '--dry-run', description: 'print what a rotation would end' },
    ],
    examples: [
      ['mcpgw secrets', 'names, ages and where each is used; never a value'],
      ['mcpgw secrets rotate POSTGRES_PASSWORD', 'a new password, also in the running database'],
    ],
    load: () => import('./commands/secrets.ts'),
  },
  {
    name: 'token',
    group: 'Connect',
    summary: 'walk the OAuth flow and print an External Token',
    args: [{ name: '<route>', description: 'a route’s name, or the URL of any MCP server' }],
    options: [
      ...SIGN_IN,
      { flags: '--header', description: 'print the whole Authorization header' },
      { flags: '--format <form>', description: 'token, header, headers (a JSON object) or json' },
      { flags: '--fresh', description: 'sign in anew instead of using the stored token' },
    ],
    examples: [
      ['mcpgw token whoami', 'sign in with the browser'],
      ['mcpgw token whoami --as member', 'sign in by itself on the development identity provider'],
    ],
    load: () => import('./commands/token.ts'),
  },
  {
    name: 'curl',
    group: 'Connect',
    summary: 'print the complete curl line that calls a server',
    args: [{ name: '<route>', description: 'a route’s name, or the URL of any MCP server' }],
    options: [AS],
    examples: [
      ['mcpgw curl whoami', 'print the line'],
      ['mcpgw curl whoami --as member | sh', 'run it'],
    ],
    load: () => import('./commands/curl.ts'),
  },
  {
    name: 'tools',
    group: 'Connect',
    summary: 'list the tools of a server',
    args: [{ name: '<route>', description: 'a route’s name, or the URL of any MCP server' }],
    options: [...SIGN_IN],
    examples: [
      ['mcpgw tools sqlite', 'names, descriptions, parameters'],
      ['mcpgw tools sqlite --json', 'with their schemas'],
    ],
    load: () => import('./commands/tools.ts'),
  },
  {
    name: 'call',
    group: 'Connect',
    summary: 'call a tool; its flags are made from its schema',
    args: [
      { name: '<route>', description: 'a route’s name, or the URL of any MCP server' },
      { name: '[tool]', description: 'the tool; `mcpgw tools <route>` lists them' },
    ],
    passThrough: true,
    options: [
      ...SIGN_IN,
      { flags: '--json-args <json>', description: 'the arguments as JSON, or - to read them from stdin' },
    ],
    examples: [
      ["mcpgw call sqlite read_query --query 'select title, year from books limit 3'", 'arguments as flags'],
      ['mcpgw call sqlite read_query --help', 'the flags of one tool'],
    ],
    load: () => import('./commands/call.ts'),
  },
  {
    name: 'doctor',
    group: 'Inspect',
    summary: 'check the whole road to a tool call and name the fix',
    options: [
      { flags: '--only <checks>', description: 'only these checks or areas', kind: 'list' },
      { flags: '--skip <checks>', description: 'all but these checks or areas', kind: 'list' },
      { flags: '--list', description: 'list the checks and run none' },
      { flags: '--strict', description: 'count warnings as failures' },
    ],
    examples: [
      ['mcpgw doctor', 'exit code 3 when something is wrong'],
      ['mcpgw doctor --only port,certificate', 'two areas'],
    ],
    load: () => import('./commands/doctor.ts'),
  },
  {
    name: 'gateway',
    group: 'Parts',
    summary: 'run the development gateway in the foreground for any Pomerium configuration',
    options: [
      { flags: '--config <file>', description: 'pomerium-config.yaml' },
      { flags: '--listen <address>', description: 'host:port instead of the file’s address' },
      { flags: '--state <file>', description: 'SQLite file, in place of databroker_storage_type' },
      { flags: '--host-map <list>', description: 'name:port=host:port for upstream names', kind: 'list' },
      { flags: '--ca <file>', description: 'PEM of authorities to trust beside the system’s' },
      { flags: '--fault <list>', description: 'break on purpose, for tests; mcpgw help faults', kind: 'list' },
    ],
    examples: [
      ['mcpgw gateway --config pomerium-config.yaml', 'run what the file says'],
      ['mcpgw gateway --config gw.yaml --listen 127.0.0.1:9443 --state gw.sqlite', 'another address, lasting state'],
    ],
    load: () => import('./commands/gateway.ts'),
  },
  {
    name: 'serve',
    group: 'Parts',
    summary: 'run the reference MCP servers in the foreground',
    args: [{ name: '[servers...]', description: 'whoami, sqlite; all when left out' }],
    options: [
      { flags: '--host <address>', description: 'address to listen on (127.0.0.1; HOST)' },
      { flags: '--port <number>', description: 'port to listen on (8080; PORT)', kind: 'number' },
      { flags: '--sqlite-file <file>', description: 'database that sqlite reads (SQLITE_DB_FILE)' },
      { flags: '--whoami-issuers <list>', description: 'gateway hosts whoami believes (WHOAMI_ISSUERS)', kind: 'list' },
      { flags: '--jwks-url <url>', description: 'where whoami fetches their keys (JWKS_URL)' },
      { flags: '--allowed-hosts <list>', description: 'Host names to answer (ALLOWED_HOSTS)', kind: 'list' },
      { flags: '--allowed-origins <list>', description: 'browser origins to answer (ALLOWED_ORIGINS)', kind: 'list' },
    ],
    examples: [
      ['mcpgw serve sqlite --sqlite-file shop.sqlite', 'only sqlite, on 127.0.0.1:8080'],
      ['PORT=7070 mcpgw serve', 'all of them, on another port'],
    ],
    load: () => import('./commands/serve.ts'),
  },
  {
    name: 'idp',
    group: 'Parts',
    summary: 'run the development identity provider in the foreground',
    options: [],
    examples: [
      ['set -a; . ./idp.env; mcpgw idp', 'settings come from the environment, here from a file'],
      ['mcpgw help environment', 'lists them; IDP_REDIRECT_URIS and IDP_USERS too'],
    ],
    load: () => import('./commands/idp.ts'),
  },
  {
    name: 'completion',
    group: 'Help',
    summary: 'print a completion script for a shell',
    args: [{ name: '[shell]', description: 'bash, zsh, fish or powershell' }],
    options: [],
    examples: [
      ['mcpgw completion bash > ~/.local/share/bash-completion/completions/mcpgw', 'for bash'],
      ['mcpgw completion fish > ~/.config/fish/completions/mcpgw.fish', 'for fish'],
    ],
    load: () => import('./commands/completion.ts'),
  },
  {
    name: 'help',
    group: 'Help',
    summary: 'show help for a command or a topic: exit-codes, environment, files, faults',
    args: [{ name: '[topic]', description: 'a command or a topic' }],
    options: [],
    examples: [
      ['mcpgw help token', 'one command'],
      ['mcpgw help exit-codes', 'a topic'],
    ],
    load: () => import('./commands/help.ts'),
  },
  {
    name: 'engine',
    group: 'Parts',
    hidden: true,
    summary: 'the embedded engine’s background process; started by up',
    options: [{ flags: '--project <folder>', description: 'the project to run' }],
    examples: [],
    load: () => import('./commands/engine.ts'),
  },
  {
    name: '__complete',
    group: 'Help',
    hidden: true,
    summary: 'the words that may come next; called by the completion scripts',
    args: [{ name: '[words...]', description: 'what is typed so far' }],
    options: [],
    examples: [],
    load: () => import('./commands/completion.ts'),
  },
];

/** Parses and runs one command line. `create-mcp-gateway` is `mcpgw create` under another name. */
export async function parse(
  words: readonly string[],
  world: World,
  name: string,
  createContext: (options: GlobalOptions) => Ctx,
): Promise<ExitCode> {
  if (name === 'mcpgw' && words.length === 1 && ['--help', '-h'].includes(words[0] ?? '')) return showHelp(world);
  const [{ parseAndRun }, { VERSION }] = await Promise.all([import('./parse.ts'), import('./version.ts')]);
  const line = name === 'create-mcp-gateway' ? asCreate(words) : [...words];
  return parseAndRun({ words: line, commands: COMMANDS, world, name: 'mcpgw', version: VERSION, createContext });
}

/** The list of commands needs no parser, which is most of what a start loads. */
async function showHelp({ stdout, env }: World): Promise<ExitCode> {
  const [{ programHelp }, { styleFor }] = await Promise.all([import('./ui/help-screen.ts'), import('./ui/colour.ts')]);
  stdout.write(programHelp(COMMANDS, 'mcpgw', styleFor(stdout, env)));
  return EXIT.done;
}

/** npm needs `--` before flags and some shells eat it, some do not: a stray one is dropped. */
function asCreate(words: readonly string[]): string[] {
  if (words.includes('--version')) return ['--version'];
  return ['create', ...words.filter((word) => word !== '--')];
}
