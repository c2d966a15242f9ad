import { expect, test } from 'vitest';
import { explainLog, placeOf, serviceFailed } from '../../../../src/stack/docker/failure.ts';
import { parseLines } from '../../../../src/stack/logs/log-line.ts';
import { recorded } from './helpers.ts';

const CONFIG = `address: ":8443"
# app.localhost is the application
routes:
  - from: app.localhost
    to: http://app:3000
    idp_client_secret: hunter2
`;

const scene = { service: 'pomerium', configText: CONFIG, problems: [] };

test('a file that Pomerium refuses to reload is told in its own words, with the line they are about', () => {
  const error = explainLog({ ...scene, lines: recorded('reload-unknown-key', 'reload-broken') });
  expect(error).toMatchObject({ code: 'CONFIG_REFUSED', details: { line: 4, column: 11 } });
  expect(error?.message).toBe('Pomerium refuses pomerium-config.yaml:4:11');
  expect(error?.why).toContain('policy bad source url app.localhost url does not contain a valid scheme');
  expect(error?.why).toMatch(/> 4 \| {3}- from: app\.localhost/);
  expect(error?.why).not.toContain('hunter2');
});

test('a file that was refused and then mended is no failure', () => {
  expect(explainLog({ ...scene, lines: recorded('reload-broken') })?.code).toBe('CONFIG_REFUSED');
  expect(
    explainLog({ ...scene, lines: [...recorded('reload-broken'), ...recorded('reload-unknown-key')] }),
  ).toBeUndefined();
});

test('a file that Pomerium does not start with is placed by what this program knows of its checks', () => {
  const pomerium =
    'config: options from config file "pomerium-config.yaml": validation error config: failed to parse policy: config: mcp must have either server or client set';
  const problem = {
    code: 'X',
    severity: 'error' as const,
    path: 'routes[0].mcp',
    message: 'x',
    pomerium,
    position: { line: 5, column: 7 },
  };
  const lines = recorded('refused-at-start');
  expect(explainLog({ ...scene, problems: [problem], lines })).toMatchObject({
    code: 'CONFIG_REFUSED',
    details: { line: 5, column: 7 },
  });
  expect(explainLog({ ...scene, configText: '', lines })).toMatchObject({
    code: 'CONFIG_REFUSED',
    message: 'Pomerium refuses pomerium-config.yaml',
  });
});

test('a password that no longer fits the volume is told by SQLSTATE 28P01', () => {
  const error = explainLog({ ...scene, lines: recorded('wrong-password') });
  expect(error).toMatchObject({ code: 'DATABASE_PASSWORD', exit: 3 });
  expect(error?.fix).toContain('mcpgw down --volumes');
});

test.each([
  [
    'DATABASE_VERSION',
    'FATAL:  database files are incompatible with server\nDETAIL:  The data directory was initialized by PostgreSQL version 16, which is not compatible with this version 17.2.',
  ],
  ['WRONG_ARCHITECTURE', 'exec /usr/local/bin/docker-entrypoint.sh: exec format error'],
  ['DISK_FULL', 'PANIC:  could not write to file "pg_wal/xlogtemp.29": No space left on device'],
])('%s is told from the service’s words', (code, text) => {
  expect(explainLog({ ...scene, service: 'postgres', lines: parseLines(text, 'postgres', '') })).toMatchObject({
    code,
  });
});

test('what a healthy gateway says explains no failure', () => {
  expect(explainLog({ ...scene, lines: recorded('call', 'reload-unknown-key') })).toBeUndefined();
});

test('a service that ended without a known reason shows its last lines, readable', () => {
  const lines = Array.from({ length: 40 }, (_, i) =>
    JSON.stringify({ level: 'error', message: `line ${i}`, error: 'gone' }),
  ).join('\n');
  const error = serviceFailed({ service: 'mine', lines: parseLines(lines, 'mine', '') }, 'ended with exit code 7');
  expect(error).toMatchObject({ code: 'SERVICE_FAILED', message: 'mine ended with exit code 7', exit: 3 });
  expect(error.why?.split('\n')).toHaveLength(20);
  expect(error.why).toMatch(/line 39: gone$/);
});

test('a word that stands in many lines gives no place', () => {
  expect(placeOf('config: bad value localhost', 'a: localhost\nb: localhost\n', [])).toBeUndefined();
  expect(placeOf('While parsing config: yaml: line 12: found a tab', '', [])).toEqual({ line: 12, column: 1 });
});
