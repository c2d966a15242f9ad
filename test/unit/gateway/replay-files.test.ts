import { createPublicKey, verify, type JsonWebKey } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseConfig } from '../../../src/pomerium/index.ts';
import { readFixture } from './support/recordings.ts';
import { Stage } from './support/stage.ts';

/** What lies beside the exchanges, and which test reads it. */
const FILES: Record<string, string> = {
  'README.md': 'replay-files.test.ts',
  'assertion.json': 'replay-files.test.ts',
  'config-full.yaml': 'support/surroundings.ts',
  'measurements.json': 'replay-files.test.ts',
  'reload.json': 'replay-files.test.ts',
  'sse-client-disconnect.txt': 'replay-streams.test.ts',
  'sse-client-route-streaming.txt': 'replay-streams.test.ts',
  'sse-plain-route-silent.txt': 'replay-streams.test.ts',
  'sse-plain-route-streaming.txt': 'replay-streams.test.ts',
  'sse-server-route-streaming-40s.txt': 'replay-streams.test.ts',
  'sse-silent-7min.txt': 'replay-streams.test.ts',
  'sse-stream.txt': 'replay-streams.test.ts',
};

test('every file that is no exchange is read by a test', () => {
  const folder = join(import.meta.dirname, '../../fixtures/pomerium-live');
  const others = readdirSync(folder).filter((name) => !name.endsWith('.http'));
  expect(others.toSorted()).toEqual(Object.keys(FILES).toSorted());
  for (const [name, file] of Object.entries(FILES)) {
    expect(readFileSync(join(import.meta.dirname, file), 'utf8')).toContain(name);
  }
});

function decode(part: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
}

describe('what was read from answers', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await Stage.open();
  });
  afterAll(() => stage.close());

  test('assertion.json: the assertion has the recorded members, and verifies', async () => {
    const wanted = JSON.parse(readFixture('assertion.json')) as { header: object; claims: Record<string, unknown> };
    const visitor = await stage.signIn('alice');
    const answer = await stage.playAs(visitor, 'headers-passidentity');
    const jwt = /x-pomerium-jwt-assertion: ([\w.-]+)/i.exec(answer.body.toString())?.[1] ?? '';
    const [head = '', payload = '', signature = ''] = jwt.split('.');
    const [header, claims] = [decode(head), decode(payload)];
    const text: unknown = expect.any(String);
    expect(header).toEqual({ ...wanted.header, kid: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown });
    expect(claims).toEqual({
      ...wanted.claims,
      exp: Number(claims['iat']) + 300,
      iat: claims['iat'],
      jti: text,
      sid: text,
    });
    expect(Number(wanted.claims['exp']) - Number(wanted.claims['iat'])).toBe(300);

    const keys = await stage.send(
      'GET /.well-known/pomerium/jwks.json HTTP/1.1\r\nHost: mcp.corp.test:18443\r\nConnection: close\r\n\r\n',
    );
    const {
      keys: [key],
    } = JSON.parse(keys.body.toString()) as { keys: JsonWebKey[] };
    const publicKey = { key: createPublicKey({ key: key ?? {}, format: 'jwk' }), dsaEncoding: 'ieee-p1363' } as const;
    expect(verify('sha256', Buffer.from(`${head}.${payload}`), publicKey, Buffer.from(signature, 'base64url'))).toBe(
      true,
    );
  });

  test('measurements.json: the first token lives as long as the session', async () => {
    const { expires_in_first_reply: recorded } = JSON.parse(readFixture('measurements.json')) as Record<string, number>;
    const visitor = await stage.signIn('alice');
    const form = new URLSearchParams(await stage.tokenForm(visitor)).toString();
    const reply = await stage.play('token-otherhost', { body: form });
    const { expires_in: seconds } = JSON.parse(reply.body.toString()) as { expires_in: number };
    // A second passed there; how many pass here is the machine's business.
    expect(seconds).toBeLessThanOrEqual((recorded ?? 0) + 1);
    expect(seconds).toBeGreaterThan((recorded ?? 0) - 600);
  });
});

describe('reload.json: what becomes of a new file', () => {
  const { cases } = JSON.parse(readFixture('reload.json')) as {
    cases: { file: string; effect: string; log?: unknown[] }[];
  };
  const base = readFixture('config-full.yaml').replaceAll(
    '<base64 of 32 bytes>',
    Buffer.alloc(32, 7).toString('base64'),
  );

  /** The file, and the problem that keeps the old configuration in force; Pomerium's words where it has the same one. */
  const FILE: Record<string, { yaml?: string; says?: RegExp; why?: string }> = {
    'YAML syntax error': { yaml: `${base}routes: [\n`, says: /yaml/i },
    'a route with `mcp: {}`': {
      yaml: base.replace('mcp:\n      server: {}', 'mcp: {}'),
      says: /mcp must have either server or client set/,
    },
    empty: { yaml: '', why: 'stricter: an empty file is a slip, and Pomerium loses every token over it' },
    'unknown top-level key': { yaml: `${base}no_such: 1\n`, why: 'stricter: the key has no effect' },
    'policy with an unknown criterion': {
      yaml: base.replace('is: company.com', 'is: company.com\n            - nosuch: 1'),
      says: /unknown (?:policy )?criterion:? `?nosuch/,
      why: 'stricter: Pomerium takes the routes and keeps the old rules',
    },
    'mcp.server.max_request_bytes: 0 on one route': {
      yaml: base.replace('max_request_bytes: 1048576', 'max_request_bytes: 0'),
      why: 'the same in effect: Envoy keeps its old table',
    },
    removed: { why: 'there is no text; who watches the file keeps the old configuration' },
  };

  test('each case is known here', () => expect(Object.keys(FILE)).toEqual(cases.map(({ file }) => file)));

  test.each(cases.filter(({ file }) => FILE[file]?.yaml !== undefined))('$file', ({ file, log = [] }) => {
    const { yaml = '', says } = FILE[file] ?? {};
    const { options, problems } = parseConfig(yaml, { file: 'config.yaml' });
    expect(options).toBeUndefined();
    const errors = problems.filter(({ severity }) => severity === 'error');
    expect(errors).not.toEqual([]);
    if (!says) return;
    expect(errors.map(({ message, pomerium = '' }) => `${message} ${pomerium}`).join('\n')).toMatch(says);
    expect(JSON.stringify(log)).toMatch(says);
  });
});
