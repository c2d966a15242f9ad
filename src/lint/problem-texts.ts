import type { RuleText } from './rule.ts';

/** A problem that the reader of the configuration finds, documented as a rule is. `from`: the first release that it concerns. */
export type ProblemText = Pick<RuleText, 'title' | 'why' | 'fix'> & { from?: string };

const REFUSED = 'Pomerium refuses to start; while it runs, it keeps the old configuration.';
const SILENT = 'Pomerium logs one line and goes on without the setting.';

/** By the problem's code. */
export const PROBLEM_TEXTS: Readonly<Record<string, ProblemText>> = {
  // The file as a whole.
  ALIAS_BOMB: { title: 'Aliases do not multiply without end', why: REFUSED, fix: 'write the values out' },
  BAD_ALIAS: { title: 'An alias names an anchor', why: REFUSED, fix: 'correct the name behind `*`' },
  BAD_JSON: { title: 'A .json file is JSON', why: REFUSED, fix: 'correct the text at the place named' },
  DUPLICATE_KEY: { title: 'Each key stands once', why: REFUSED, fix: 'keep one of the two' },
  EMPTY_FILE: {
    title: 'The file says something',
    why: 'An empty file is a valid configuration: all routes vanish, and with the memory store every token is lost.',
    fix: 'write the file anew and move it into place; never truncate it',
  },
  FILE_TOO_LARGE: {
    title: 'The file is a configuration',
    why: 'More than 1 MiB was never written by hand.',
    fix: 'check that this is the right file',
  },
  FILE_UNREADABLE: {
    title: 'Files that are named can be read',
    why: REFUSED,
    fix: 'correct the path, which counts from where Pomerium runs',
  },
  NO_MAPPING: { title: 'The file holds keys and values', why: REFUSED, fix: 'write `routes:` and what belongs to it' },
  TOML: {
    title: 'The file is YAML or JSON',
    why: 'Pomerium reads TOML too, this program does not.',
    fix: 'write it as YAML',
  },
  TOO_DEEP: {
    title: 'Brackets do not nest without end',
    why: 'No configuration needs it.',
    fix: 'check that this is the right file',
  },
  UNSUPPORTED_TYPE: { title: 'The file’s name ends in .yaml, .yml or .json', why: REFUSED, fix: 'rename it' },
  BAD_YAML: { title: 'The text is YAML', why: REFUSED, fix: 'correct it at the place named; tabs never indent' },
  MULTIPLE_DOCS: { title: 'The file is one YAML document', why: REFUSED, fix: 'delete what follows the line `---`' },
  VARIABLE_MISSING: {
    title: '`${NAME}` has a value in .env',
    why: '`up` fills it in and has nothing to fill in.',
    fix: 'add the line to .env',
  },
  PLACEHOLDER: {
    title: 'Nothing is left to fill in',
    why: 'Words such as YOUR-CLIENT-ID are taken at their face.',
    fix: 'write the value that your provider gave you',
  },

  // Keys.
  BAD_VALUE: {
    title: 'A value is of the key’s type',
    why: REFUSED,
    fix: 'give the key a value that Pomerium can read',
  },
  NO_EFFECT: {
    title: '`auth_style` is not relied upon',
    why: 'Since v0.33.0 it is read and never used: the secret always goes into the form body, which providers that insist on HTTP Basic refuse.',
    fix: 'delete the key',
    from: 'v0.33.0',
  },
  OLD_SYNTAX: {
    title: 'MCP settings stand where Pomerium looks for them',
    why: 'Keys of the syntax before v0.30.0 are logged as unknown and have no effect.',
    fix: 'mcpgw migrate',
  },
  POLICY_FILE: {
    title: 'Policies stand in the file',
    why: REFUSED,
    fix: 'write `routes` with a `policy` each; delete `policy_file`',
  },
  REMOVED_KEY: { title: 'No key of an older Pomerium is left', why: REFUSED, fix: 'mcpgw migrate, or delete the key' },
  UNKNOWN_FLAG: { title: 'Runtime flags are known', why: SILENT, fix: 'correct the name, or delete it' },
  UNKNOWN_KEY: { title: 'Keys are known', why: SILENT, fix: 'correct the name, or delete the key' },

  // Addresses, certificates, secrets, storage.
  BAD_ADDRESS: {
    title: 'Listen addresses are host:port',
    why: 'Envoy cannot listen, and the process stays alive with a closed port.',
    fix: 'write `address: :8443`',
  },
  BAD_AUTOCERT: {
    title: 'Settings of autocert that go in pairs are both there',
    why: REFUSED,
    fix: 'set both, or none',
  },
  BAD_CERTIFICATE: {
    title: 'Certificates and their keys are there and fit',
    why: REFUSED,
    fix: 'name the PEM files of certificate and key',
  },
  BAD_SECRET: {
    title: 'Secrets are the base64 of 32 bytes',
    why: REFUSED,
    fix: 'head -c32 /dev/urandom | base64, without a line end in a file',
  },
  BAD_SERVICES: { title: '`services` is `all` or one of Pomerium’s parts', why: REFUSED, fix: 'delete the key' },
  BAD_SIGNING_KEY: {
    title: 'The signing key is a private key in PEM',
    why: REFUSED,
    fix: 'openssl ecparam -genkey -name prime256v1 -noout | base64 -w0',
  },
  BAD_STORAGE: {
    title: 'The databroker’s storage is memory, file or postgres, with its connection string',
    why: REFUSED,
    fix: 'write `databroker_storage_type: postgres` and DATABROKER_STORAGE_CONNECTION_STRING',
  },
  NO_SIGN_IN: {
    title: 'The identity provider’s settings are complete',
    why: 'Every sign-in ends on an error page that does not say why.',
    fix: 'write idp_provider, idp_provider_url, idp_client_id and idp_client_secret',
  },
  EMPTY_DOMAIN: {
    title: 'Lists of domains hold no empty entry',
    why: REFUSED,
    fix: 'write a host name, or delete the entry',
  },
  CLAIM_CASE: {
    title: 'Claims in policies are in lower case',
    why: 'Pomerium turns every key into lower case, so `claim/Department` looks for `department`.',
    fix: 'have the provider send a claim without capitals',
  },

  // Routes.
  ACCESS_CONFLICT: {
    title: 'A route says once who may use it',
    why: REFUSED,
    fix: 'keep one of the contradicting settings',
  },
  BAD_FROM: {
    title: '`from` is a URL with a scheme and a host',
    why: REFUSED,
    fix: 'write `from: https://name.example.com`',
  },
  BAD_REGEX: {
    title: 'Expressions are RE2',
    why: 'Envoy refuses every route when it meets one that is not.',
    fix: 'correct the expression',
  },
  BAD_TO: {
    title: '`to` is a URL with a scheme and a host',
    why: REFUSED,
    fix: 'write `to: http://mcp-servers:8080/whoami`',
  },
  BAD_URL: { title: 'URLs can be read', why: REFUSED, fix: 'write the whole URL with its scheme' },
  DUPLICATE_ROUTE: { title: 'No two routes are the same', why: REFUSED, fix: 'delete one of them' },
  FROM_PATH: { title: '`from` has no path', why: REFUSED, fix: 'write the path under `prefix` or `path`' },
  HALF_CLIENT_CERTIFICATE: {
    title: 'A client certificate has its key',
    why: REFUSED,
    fix: 'write both tls_client_cert and tls_client_key, or their files',
  },
  MIXED_TO: { title: 'All targets of a route are of one kind', why: REFUSED, fix: 'make a route for each kind' },
  NO_TARGET: { title: 'A route leads somewhere', why: REFUSED, fix: 'write `to`, `redirect` or `response`' },
  TWO_REWRITES: {
    title: 'A path is rewritten in one way',
    why: REFUSED,
    fix: 'keep prefix_rewrite or regex_rewrite_pattern',
  },

  // MCP.
  HALF_ENDPOINT: {
    title: 'Both static endpoints are given, or none',
    why: 'With one alone Pomerium ignores it and goes looking for the provider.',
    fix: 'write auth_url and token_url',
  },
  MCP_BOTH: {
    title: 'A route is a server or a client',
    why: 'Authorization takes it for a server, the list of servers for a client: neither works.',
    fix: 'make two routes',
  },
  MCP_HOST_TAKEN: {
    title: 'One MCP server a host',
    why: 'Only the first one of a host has metadata and is listed.',
    fix: 'give each server a host name of its own',
  },
  MCP_NEITHER: {
    title: 'An MCP route is a server or a client',
    why: REFUSED,
    fix: 'write `mcp: {server: {}}` or `mcp: {client: {}}`',
  },
  MCP_NULL: {
    title: '`mcp` has a value',
    why: 'Pomerium takes the route for a plain one, without a word.',
    fix: 'write `mcp: {server: {}}`',
  },
  MCP_WILDCARD: {
    title: 'An MCP server has a host without `*`',
    why: 'Hosts with a wildcard have no OAuth metadata, so no client can sign in.',
    fix: 'write the full host name',
  },
  PATH_TWICE: {
    title: 'The path of a server is given once',
    why: 'With a path in `to` and `mcp.server.path` calls go to /mcpmcp and the like.',
    fix: 'keep one of the two',
  },
  INSPECTION_TOO_SMALL: {
    title: 'Tool rules see whole calls',
    why: 'A call above `max_request_bytes` is not looked into: a rule that denies its tool does not hold, and it runs.',
    fix: 'write `max_request_bytes: 32768`',
  },
  INSPECTION_TOO_LARGE: {
    title: '`max_request_bytes` is at most 32768',
    why: 'Above it, Envoy refuses HTTP/1.1 bodies over 32 KiB with 413.',
    fix: 'write `max_request_bytes: 32768`',
  },

  // Policies.
  BAD_POLICY: {
    title: 'Policies are in Pomerium’s policy language',
    why: REFUSED,
    fix: 'write allow or deny, then and, or, not or nor, then criteria',
  },
  GROUPS_NEVER_MATCH: {
    title: 'Groups are asked for as a claim',
    why: '`groups` knows only directories that Pomerium’s paid editions synchronise.',
    fix: 'write claim/groups',
  },
  MCP_TOOL_ALLOW: {
    title: '`mcp_tool` stands under `deny`',
    why: 'Under `allow` it refuses initialize and tools/list too, so no client gets as far as a tool.',
    fix: 'deny with `mcp_tool: {not_in: […]}`',
  },
  NO_POLICY: {
    title: 'Every route has a policy',
    why: 'A route without one denies everybody, and on MCP routes nobody is even asked to sign in.',
    fix: 'write allow: {and: [{authenticated_user: true}]}',
  },
};
