import { append, edited, mcp, replace } from './change.ts';
import type { Fault } from './fault.ts';
import { recordedAs } from './recordings.ts';

/** Pomerium does not start, or starts without what was written. */
export const startUp: readonly Fault[] = [
  {
    number: 1,
    symptom: 'Pomerium exits: `mcp must have either server or client set`',
    cause: '`mcp: {}` of the time before the first release, or `server:` and `client:` without a value',
    fix: 'write `mcp: {server: {}}`',
    planted: [
      { in: 'files', finds: 'MCP_NEITHER', broken: { config: mcp('{}') } },
      { in: 'files', finds: 'MCP_NEITHER', broken: { config: mcp('{server: }') } },
      { in: 'files', finds: 'MCP_NULL', broken: { config: mcp('') } },
      { in: 'log', finds: 'LOG-01', fix: 'mcpgw migrate', lines: () => recordedAs('old-mcp-empty') },
    ],
  },
  {
    number: 2,
    symptom: 'a setting has no effect; the log says `unknown config option`',
    cause: 'a key is misspelt or stands in the wrong place',
    fix: 'did you mean `idp_client_id`?',
    planted: [
      { in: 'files', finds: 'UNKNOWN_KEY', broken: { config: append('idp_client_idd: x') } },
      {
        in: 'files',
        finds: 'OLD_SYNTAX',
        fix: 'move it one level down: `mcp: {server: {upstream_oauth2: …}}`',
        broken: { config: mcp('{server: {}, upstream_oauth2: {client_id: x}}') },
      },
      { in: 'log', finds: 'LOG-02', fix: 'mcpgw lint', lines: () => recordedAs('unknown-top-key') },
    ],
  },
  {
    number: 3,
    symptom: 'Pomerium exits: `some configuration options are no longer supported`',
    cause: 'a key of an older Pomerium is left',
    fix: 'write `otel_traces_exporter: otlp`',
    planted: [
      { in: 'files', finds: 'REMOVED_KEY', broken: { config: append('tracing_provider: jaeger') } },
      { in: 'log', finds: 'LOG-01', fix: 'mcpgw migrate', lines: () => recordedAs('removed-key') },
    ],
  },
  {
    number: 4,
    symptom: 'Pomerium exits: `unknown databroker storage backend type`',
    cause: '`redis`, which is gone, or a typing error',
    fix: 'write `memory`, `file` or `postgres`',
    planted: [
      {
        in: 'files',
        finds: 'BAD_STORAGE',
        broken: { compose: replace('STORAGE_TYPE: postgres', 'STORAGE_TYPE: redis') },
      },
      { in: 'log', finds: 'LOG-04', fix: 'mcpgw lint', lines: () => recordedAs('storage-redis'), along: ['LOG-01'] },
    ],
  },
  {
    number: 5,
    symptom: '`missing databroker storage backend dsn`, or connections to the database are refused',
    cause: 'no connection string, a database that is not ready, or `localhost` inside a container',
    fix: 'write `databroker_storage_connection_string: postgresql://user:password@postgres:5432/pomerium`',
    planted: [
      { in: 'files', finds: 'BAD_STORAGE', broken: { compose: replace(/ +DATABROKER_STORAGE_CONN.*\n/, '') } },
      {
        in: 'files',
        finds: 'UPSTREAM_ON_LOOPBACK',
        fix: 'name the database’s service',
        broken: { compose: replace('secret@postgres', 'secret@localhost') },
      },
      { in: 'log', finds: 'LOG-04', fix: 'mcpgw restart pomerium', lines: () => recordedAs('start-without-postgres') },
    ],
  },
  {
    number: 6,
    symptom: 'Pomerium exits: `got N bytes but want 32`, or complains of whitespace in a secret',
    cause: 'a secret typed by hand, in hexadecimal, or read from a file with a line end',
    fix: 'make one with `head -c32 /dev/urandom | base64 -w0`',
    planted: [
      {
        in: 'files',
        finds: 'BAD_SECRET',
        broken: { compose: replace(/SHARED_SECRET: .*/, 'SHARED_SECRET: c2hvcnQ=') },
      },
      {
        in: 'log',
        finds: 'LOG-01',
        fix: 'mcpgw doctor --only secrets',
        lines: () => recordedAs('short-shared-secret'),
      },
    ],
  },
  {
    number: 7,
    symptom: 'after each restart every client gets `invalid_grant` and has to sign in again',
    cause: 'no fixed `shared_secret`: Pomerium makes one up at each start',
    fix: 'set SHARED_SECRET to the base64 of 32 random bytes: head -c32 /dev/urandom | base64',
    planted: [
      { in: 'files', finds: 'NO_SHARED_SECRET' },
      {
        in: 'files',
        finds: 'NO_COOKIE_SECRET',
        fix: 'set COOKIE_SECRET to the base64 of 32 random bytes: head -c32 /dev/urandom | base64',
      },
      {
        in: 'project',
        finds: 'SEC-01',
        fix: 'mcpgw create',
        plant: edited('.env', (text) => text.replace(/^SHARED_SECRET=.*\n/m, '')),
        along: ['SEC-04'],
      },
    ],
  },
  {
    number: 8,
    symptom: 'after a restart a client is told `The MCP client is not registered.`',
    cause: 'the databroker keeps clients in memory',
    fix: 'write `databroker_storage_type: postgres` with its connection string, or `file`',
    planted: [{ in: 'files', finds: 'MEMORY_STORE' }],
  },
  {
    number: 9,
    symptom: 'a change of the file has no effect',
    cause: 'a variable beats the key, the new file was refused, or Pomerium is run from Zero and reads no file',
    fix: 'delete the key in the file or the variable in the compose file',
    planted: [
      { in: 'files', finds: 'ENVIRONMENT_BEATS_FILE' },
      {
        in: 'files',
        finds: 'AUTOCERT_DIR_IGNORED',
        fix: 'delete it and mount a volume at /data/autocert, or set AUTOCERT_DIR in the compose file',
      },
      { in: 'files', finds: 'ZERO_TOKEN', fix: 'remove POMERIUM_ZERO_TOKEN from the environment' },
      {
        in: 'log',
        finds: 'LOG-02',
        fix: 'mcpgw lint',
        lines: () => upTo('config: error updating config', recordedAs('reload-broken')),
      },
    ],
  },
  {
    number: 10,
    symptom: 'Pomerium v0.32.0 exits: `mcp_allowed_client_id_domains is required when MCP is enabled`',
    cause: 'a demand of that one release',
    fix: 'list the domains of your clients, or take v0.33.1',
    planted: [{ in: 'files', finds: 'CLIENT_DOMAINS_REQUIRED', along: ['STREAM_TIMEOUT'] }],
  },
];

/** A recording up to the first line with these words. */
function upTo(message: string, lines: ReturnType<typeof recordedAs>): ReturnType<typeof recordedAs> {
  return lines.slice(0, lines.findIndex(({ fields }) => fields?.['message'] === message) + 1);
}
