import type { CommandSpec } from '../command.ts';

export const START: readonly CommandSpec[] = [
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
      { flags: '--servers <list>', description: 'MCP servers: whoami, sqlite; more with mcpgw add', kind: 'list' },
      { flags: '--allow <who>', description: 'anyone, a domain (@example.com), e-mails, or a group (group:staff)' },
      { flags: '--sign-in <kind>', description: 'public projects: google, github, azure, okta, ..., own or hosted' },
      { flags: '--idp-url <url>', description: 'URL of that identity provider' },
      { flags: '--idp-client-id <id>', description: 'client id there; its secret: MCPGW_IDP_CLIENT_SECRET' },
      { flags: '--engine <name>', description: 'what runs it: docker, embedded or native (found out)' },
      { flags: '--dry-run', description: 'print the files and write nothing' },
    ],
    examples: [
      ['mcpgw create my-gateway', 'ask at most four questions'],
      ['mcpgw create my-gateway --yes --port 9443 --servers whoami', 'ask nothing'],
    ],
    load: () => import('../commands/create.ts'),
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
    load: () => import('../commands/up.ts'),
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
    load: () => import('../commands/down.ts'),
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
    load: () => import('../commands/restart.ts'),
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
    load: () => import('../commands/status.ts'),
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
    load: () => import('../commands/logs.ts'),
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
    load: () => import('../commands/secrets.ts'),
  },
];
