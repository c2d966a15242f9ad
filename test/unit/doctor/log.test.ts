import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LOG_GROUPS } from '../../../src/doctor/log/index.ts';
import type { LoggedLine } from '../../../src/doctor/patient.ts';
import { ROOT } from '../../helpers/program.ts';
import { createPlace, patientAt, runCheck } from './world.ts';

type Recorded = Record<string, unknown> | string;

const RECORDED = Map.groupBy(
  readFileSync(join(ROOT, 'test/fixtures/pomerium-log/cases.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { case: string; line: Recorded }),
  (entry) => entry.case,
);

function linesOf(name: string): LoggedLine[] {
  const found = RECORDED.get(name);
  if (!found) throw new Error(`nothing is recorded as ${name}`);
  return found.map(({ line }) => toLine(line));
}

function toLine(line: Recorded): LoggedLine {
  if (typeof line === 'string') return { time: '', service: 'pomerium', raw: line };
  return {
    time: typeof line['time'] === 'string' ? line['time'] : '',
    service: 'pomerium',
    raw: JSON.stringify(line),
    fields: line,
  };
}

async function finding(id: string, lines: readonly LoggedLine[]): Promise<unknown> {
  const place = await createPlace('log');
  return runCheck(id, patientAt(place.folder, { log: async () => lines }));
}

describe('what Pomerium logged', () => {
  test.each([
    ['LOG-01', 'old-mcp-empty', 'failure', /syntax of before its first release/],
    ['LOG-01', 'removed-key', 'failure', /a key that was removed/],
    ['LOG-01', 'short-shared-secret', 'failure', /base64 of 32 bytes/],
    ['LOG-01', 'signing-key-bad', 'failure', /signing key/],
    ['LOG-01', 'duplicate-route', 'failure', /two routes are the same/],
    ['LOG-01', 'is-directory', 'failure', /a folder where/],
    ['LOG-01', 'from-path', 'failure', /refuses its configuration/],
    ['LOG-01', 'unknown-option', 'failure', /a flag that it does not know/],
    ['LOG-02', 'max-request-bytes-zero', 'failure', /Envoy refuses the routes/],
    ['LOG-02', 'unknown-top-key', 'warning', /has no effect/],
    ['LOG-02', 'unknown-runtime-flag', 'warning', /a runtime flag is not known/],
    ['LOG-03', 'address-bad', 'failure', /cannot read the address/],
    ['LOG-03', 'port-in-use-other-process', 'failure', /another program holds the port/],
    ['LOG-03', 'port-80-taken', 'warning', /port 80 is taken/],
    ['LOG-04', 'wrong-password', 'failure', /refuses the password/],
    ['LOG-04', 'wrong-database', 'failure', /does not exist/],
    ['LOG-04', 'storage-redis', 'failure', /not set up/],
    ['LOG-04', 'start-without-postgres', 'warning', /out of reach/],
    ['LOG-05', 'login-no-idp', 'failure', /not set up/],
    ['LOG-05', 'login-unknown-idp', 'failure', /not set up/],
    ['LOG-05', 'idp-name-not-found', 'warning', /did not reach the identity provider/],
    ['LOG-05', 'wrong-idp-secret', 'warning', /refuses the client secret/],
    ['LOG-05', 'idp-lost-its-state', 'warning', /does not know the grant/],
    ['LOG-06', 'postgres-gone', 'warning', /answered 502/],
  ])('%s names %s', async (id, name, kind, text) => {
    expect(await finding(id, linesOf(name))).toMatchObject({
      kind,
      text: expect.stringMatching(text) as unknown,
      fix: expect.stringMatching(/./) as unknown,
    });
  });

  test('a change that was refused is told, until one is taken over', async () => {
    const lines = linesOf('reload-broken');
    const refusal = lines.findIndex(({ fields }) => fields?.['message'] === 'config: error updating config');
    expect(await finding('LOG-02', lines.slice(0, refusal + 1))).toMatchObject({
      kind: 'failure',
      text: 'the last change was refused, and the old configuration is in force',
    });
  });

  test.each(LOG_GROUPS.map(({ id }) => id))('a start and a sign-in in good order tell %s nothing', async (id) => {
    const lines = [...linesOf('start-empty-database'), ...linesOf('sign-in-and-token')];
    expect(await finding(id, lines)).toMatchObject({ kind: 'ok' });
  });

  test('a fault of before the last start is past, and so is one that a later line takes back', async () => {
    const start = { message: 'cmd/pomerium', level: 'info', version: 'v0.33.1', time: '2026-11-25T10:00:00Z' };
    const broken = {
      message: 'config: error updating config',
      level: 'error',
      error: 'bad',
      time: '2026-11-25T09:00:00Z',
    };
    expect(await finding('LOG-02', [broken, start].map(toLine))).toMatchObject({ kind: 'ok' });
    const later = { ...broken, time: '2026-11-25T11:00:00Z' };
    expect(await finding('LOG-02', [start, later].map(toLine))).toMatchObject({ kind: 'failure' });
    const mended = { message: 'config: loaded configuration', level: 'info', time: '2026-11-25T11:01:00Z' };
    expect(await finding('LOG-02', [start, later, mended].map(toLine))).toMatchObject({ kind: 'ok' });
  });

  test('an upstream that was only late is forgotten once calls reach it; a reason of our gateway counts as Pomerium’s words', async () => {
    const request = (details: string): LoggedLine =>
      toLine({ message: 'http-request', 'response-code-details': details });
    const late = request('upstream_reset_before_response_started{remote_connection_failure|delayed_connect_error:_x}');
    expect(await finding('LOG-06', [late])).toMatchObject({ kind: 'warning' });
    expect(await finding('LOG-06', [late, request('via_upstream')])).toMatchObject({ kind: 'ok' });
    const refused = { message: 'mcp/authorize: refused', reason: 'The MCP client metadata could not be validated.' };
    expect(await finding('LOG-07', [toLine(refused)])).toMatchObject({ kind: 'warning' });
  });

  test('without a line there is nothing to say', async () => {
    expect(await finding('LOG-01', [])).toEqual({ kind: 'skipped', reason: 'nothing has been logged yet' });
  });
});
