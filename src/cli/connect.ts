import type { CommandSpec } from '../command.ts';

const AS = { flags: '--as <user>', description: 'sign in by itself as a development user: admin, member, guest' };

export const SIGN_IN = [
  AS,
  { flags: '--no-browser', description: 'print the URL and take the redirected URL pasted back' },
  { flags: '--scope <scopes>', description: 'scopes to ask for, separated by blanks' },
  { flags: '--client-id <id>', description: 'a client that is registered already' },
  { flags: '--client-secret <secret>', description: 'its secret (better: MCPGW_CLIENT_SECRET)' },
  { flags: '--client-metadata-url <url>', description: 'client ID metadata document to be known by' },
  { flags: '--callback-port <port>', description: 'port of the loopback listener', kind: 'number' },
  { flags: '--timeout <seconds>', description: 'how long to wait for the sign-in (300)', kind: 'number' },
] as const;

export const CONNECT: readonly CommandSpec[] = [
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
    load: () => import('../commands/token.ts'),
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
    load: () => import('../commands/curl.ts'),
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
    load: () => import('../commands/tools.ts'),
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
    load: () => import('../commands/call.ts'),
  },
  {
    name: 'connect',
    group: 'Connect',
    summary: 'agree at the provider behind a server, and wait until the gateway holds its token',
    args: [{ name: '<route>', description: 'a route’s name, or the URL of an MCP server behind Pomerium' }],
    options: [...SIGN_IN],
    examples: [
      ['mcpgw connect github', 'opens the browser'],
      ['mcpgw connect github --no-browser', 'prints the address'],
    ],
    load: () => import('../commands/connect.ts'),
  },
  {
    name: 'disconnect',
    group: 'Connect',
    summary: 'forget the provider’s token of a server; the way out when it was revoked',
    args: [{ name: '<route>', description: 'a route’s name, or the URL of an MCP server behind Pomerium' }],
    options: [...SIGN_IN],
    examples: [
      ['mcpgw disconnect github', 'then mcpgw connect github'],
      ['mcpgw disconnect github --as member', 'as a development user'],
    ],
    load: () => import('../commands/disconnect.ts'),
  },
];
