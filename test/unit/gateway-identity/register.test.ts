import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { answer, bodyOf, createBench, header, testOptions } from './harness.ts';
import { readRecording } from './fixture.ts';

const RECORDINGS = readdirSync(join(import.meta.dirname, '../../fixtures/pomerium-live'))
  .filter((name) => /^dcr-.*\.http$/.test(name) && name !== 'dcr-preflight.http')
  .map((name) => name.slice(0, -'.http'.length));

const bench = createBench(testOptions());

function post(body: string) {
  return answer(bench.identity, { method: 'POST', target: '/.pomerium/mcp/register', body });
}

/** What a reply says with its random members blanked. */
function blank(body: string): string {
  return body
    .trimEnd()
    .replace(/"client_id":"[^"]+"/, '"client_id":"#"')
    .replace(/"client_id_issued_at":\d+/, '"client_id_issued_at":0')
    .replace(/"client_secret":"[^"]+"/, '"client_secret":"#"');
}

describe('recorded registrations', () => {
  test.each(RECORDINGS)('%s', async (name) => {
    const recording = readRecording(name);
    const reply = await post(recording.requestBody);
    expect(reply.status).toBe(recording.status);
    expect(blank(String(reply.body))).toBe(blank(recording.body));
    expect(header(reply, 'content-type')).toBe(recording.headers['content-type']);
    expect(header(reply, 'cache-control')).toBe(recording.headers['cache-control']);
    expect(header(reply, 'pragma')).toBe(recording.headers['pragma']);
    // The recording's secret was cut, so its length is not comparable.
    if (!recording.body.includes('client_secret"')) {
      expect(Buffer.byteLength(reply.body)).toBe(Number(recording.headers['content-length']));
    }
  });

  test('there are some', () => expect(RECORDINGS.length).toBeGreaterThan(20));

  test('a secret is 44 characters of base64, an id a UUID', async () => {
    const reply = bodyOf(await post('{"redirect_uris":["http://127.0.0.1/cb"]}'));
    expect(reply['client_secret']).toMatch(/^[A-Za-z0-9+/]{43}=$/);
    expect(reply['client_id']).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });

  test('refused while the flag is off', async () => {
    const off = createBench(testOptions({ runtime_flags: { mcp: true } }));
    const recording = readRecording('dcroff-register');
    const sent = { method: 'POST', target: '/.pomerium/mcp/register', body: recording.requestBody };
    const reply = await answer(off.identity, sent);
    expect([reply.status, String(reply.body)]).toEqual([recording.status, recording.body]);
    expect(header(reply, 'cache-control')).toBe('no-store');
  });

  test('only POST is served', () => {
    const other = { target: '/.pomerium/mcp/register' };
    return expect(answer(bench.identity, other)).rejects.toThrow('was not answered');
  });
});

describe('parsing in the words of protojson', () => {
  const PREFIX = 'parse: proto:\u00a0';

  test.each([
    ['{"redirect_uris":["a:b"],}', `${PREFIX}syntax error (line 1:26): unexpected token }`],
    ['{"redirect_uris":[1]}', `${PREFIX}(line 1:19): invalid value for string field redirectUris: 1`],
    ['{\n  "client_name": 5}', `${PREFIX}(line 2:18): invalid value for string field clientName: 5`],
    ['{"client_name":"a","client_name":"b"}', `${PREFIX}(line 1:20): duplicate field "client_name"`],
    ['{"client_name":"a","clientName":"b"}', `${PREFIX}(line 1:33): duplicate field "clientName"`],
    ['{"redirect_uris":["a:b"]} x', `${PREFIX}syntax error (line 1:27): unexpected token x`],
    ['{"redirect_uris":["a:b"', `${PREFIX}unexpected EOF`],
    ['{"a":nonsense}', `${PREFIX}syntax error (line 1:6): invalid value nonsense`],
    ['"text"', `${PREFIX}syntax error (line 1:1): unexpected token "text"`],
    ['{"jwks":[]}', `${PREFIX}syntax error (line 1:9): unexpected token [`],
    ['['.repeat(100_000), `${PREFIX}exceeded maximum recursion depth`],
    [`{"x":${'['.repeat(100_000)}`, `${PREFIX}exceeded maximum recursion depth`],
  ])('%.40s', async (body, description) => {
    const reply = await post(body);
    expect(reply.status).toBe(400);
    expect(bodyOf(reply)).toEqual({ error: 'invalid_client_metadata', error_description: description });
  });

  test('takes camel case names, ignores null and unknown members, keeps localised names', async () => {
    const body = {
      redirectUris: ['https://a.example/cb'],
      client_name: null,
      'client_name#de': 'Hallo',
      nested: { a: [1] },
    };
    expect(bodyOf(await post(JSON.stringify(body)))).toMatchObject({
      redirect_uris: ['https://a.example/cb'],
      'client_name#de': 'Hallo',
    });
  });

  test('several faults are listed', async () => {
    const reply = await post('{"client_name":"","client_uri":"x"}');
    expect(bodyOf(reply)['error_description']).toBe(
      'validate: validation errors:\n - redirect_uris: must contain at least 1 item(s)\n' +
        ' - client_name: must be at least 1 characters\n - client_uri: must be a valid URI',
    );
  });

  test('an empty scope is refused, as the Inspector finds out', async () => {
    const reply = await post('{"redirect_uris":["http://127.0.0.1/cb"],"scope":""}');
    expect(bodyOf(reply)['error_description']).toBe('validate: validation error: scope: must be at least 1 characters');
  });

  test('what lies beyond one mebibyte is cut off', async () => {
    const reply = await post(`{"redirect_uris":["http://127.0.0.1/cb"],"client_name":"${'x'.repeat(1_100_000)}"}`);
    expect(bodyOf(reply)['error_description']).toBe(`${PREFIX}unexpected EOF`);
  });

  test('HTML characters are escaped in the reply as Go does', async () => {
    const reply = await post('{"redirect_uris":["https://a.example/cb?a=1&b=<"],"token_endpoint_auth_method":"none"}');
    expect(reply.status).toBe(400);
    const good = await post('{"redirect_uris":["https://a.example/cb?a=1&b=2"],"token_endpoint_auth_method":"none"}');
    expect(String(good.body)).toContain('cb?a=1\\u0026b=2');
  });
});
