import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { issueTestCertificate } from './support/certificate.ts';
import { SECRETS, startTestGateway, type TestGateway } from './support/start.ts';
import { openSocket, sendRaw } from './support/wire.ts';

const HOST = 'mcp.localhost:8443';
const YAML = `${SECRETS}authenticate_service_url: https://authenticate.localhost:8443
idp_provider: oidc
idp_provider_url: http://idp.localhost:9080
idp_client_id: mcpgw
idp_client_secret: x
certificates:
  - cert: /x.crt
    key: /x.key
routes:
  - from: https://${HOST}
    to: http://upstream:80
    mcp:
      server: {}
    allow_public_unauthenticated_access: true
`;

const HEAD = `POST /mcp HTTP/1.1\r\nHost: ${HOST}\r\n`;

describe('the HTTP surface under attack', () => {
  let gateway: TestGateway;
  let upstream: Server;
  /** Request lines and bodies that reached the upstream. */
  const reached: string[] = [];

  beforeAll(async () => {
    upstream = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        reached.push(`${request.method} ${request.url} ${Buffer.concat(chunks).toString('latin1')}`);
        response.end('ok');
      });
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    upstream.listen(0, '127.0.0.1', resolve);
    await promise;
    gateway = await startTestGateway({
      yaml: YAML,
      certificate: await issueTestCertificate('localhost', ['mcp.localhost']),
      upstreams: { 'upstream:80': (upstream.address() as AddressInfo).port },
    });
  });

  afterAll(async () => {
    await gateway.close();
    upstream.close();
    upstream.closeAllConnections();
  });

  const send = async (bytes: string, idle?: number): Promise<string> =>
    (await sendRaw({ port: gateway.port, ca: gateway.ca }, Buffer.from(bytes, 'latin1'), idle)).toString('latin1');

  const REFUSED: [name: string, bytes: string][] = [
    [
      'both framings',
      `${HEAD}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n`,
    ],
    [
      'both framings, the other way round',
      `${HEAD}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n`,
    ],
    ['two lengths', `${HEAD}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhelloX`],
    ['a list of lengths', `${HEAD}Content-Length: 5, 6\r\n\r\nhello`],
    ['a signed length', `${HEAD}Content-Length: +5\r\n\r\nhello`],
    ['a hexadecimal length', `${HEAD}Content-Length: 0x5\r\n\r\nhello`],
    ['a space before the colon', `${HEAD}Content-Length : 5\r\n\r\nhello`],
    ['an unknown coding', `${HEAD}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`],
    ['a folded header', `${HEAD}X: a\r\n Transfer-Encoding: chunked\r\n\r\n`],
    ['a bare line feed', `POST /mcp HTTP/1.1\nHost: ${HOST}\n\nx`],
    ['two hosts', `${HEAD}Host: other.localhost\r\n\r\n`],
    ['no host', 'GET /mcp HTTP/1.1\r\n\r\n'],
    ['a header with an underscore', `${HEAD}content_length: 5\r\n\r\n`],
    ['a control character in a value', `${HEAD}X: a\x01b\r\n\r\n`],
    ['a NUL in the path', `GET /m\0cp HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`],
    ['an escaped slash', `GET /a%2fb HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`],
    ['no protocol', `GET /mcp\r\n\r\n`],
    ['HTTP/3.7', `GET /mcp HTTP/3.7\r\nHost: ${HOST}\r\n\r\n`],
    ['TLS in TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'.repeat(20)],
    ['a head of 100 kB', `${HEAD}X: ${'a'.repeat(100_000)}\r\n\r\n`],
    ['a thousand headers', `${HEAD}${'X: y\r\n'.repeat(1_000)}\r\n`],
    ['a target of 100 kB', `GET /${'a'.repeat(100_000)} HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`],
    ['CONNECT', `CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n`],
    [
      'an upgrade that the route does not allow',
      `GET /mcp HTTP/1.1\r\nHost: ${HOST}\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n`,
    ],
  ];

  test.each(REFUSED)('refuses %s, and nothing of it reaches the upstream', async (_, bytes) => {
    reached.length = 0;
    const answer = await send(bytes);
    expect(answer === '' || /^HTTP\/1\.1 4\d\d /.test(answer), answer.slice(0, 100)).toBe(true);
    expect(reached).toEqual([]);
  });

  test('a body that is declared shorter than it is hides no second request', async () => {
    reached.length = 0;
    await send(
      `${HEAD}Content-Length: 2\r\nConnection: close\r\n\r\nabGET /smuggled HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`,
    );
    expect(reached.filter((line) => line.includes('smuggled'))).toEqual([]);
  });

  test('a Connection header that names the length takes no body out of its frame', async () => {
    const smuggled = `GET /smuggled HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`;
    await send(
      `${HEAD.replace('/mcp', '/framed')}Connection: close, content-length\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`,
    );
    expect(reached).toContain(`POST /framed ${smuggled}`);
    expect(reached.filter((line) => line.startsWith('GET /smuggled'))).toEqual([]);
  });

  test('header values that HTTP/1.1 cannot hold do not get a second line out of HTTP/2', async () => {
    const { connect } = await import('node:http2');
    const session = connect(`https://127.0.0.1:${gateway.port}`, { ca: gateway.ca, servername: 'mcp.localhost' });
    session.on('error', () => undefined);
    reached.length = 0;
    for (const value of ['a\u010a\u010dInjected: 1', 'a\u560d\u560aInjected: 1']) {
      const done = Promise.withResolvers<void>();
      try {
        const stream = session.request({ ':path': '/mcp', ':authority': HOST, 'x-value': value });
        stream
          .on('error', () => undefined)
          .on('close', () => done.resolve())
          .resume();
      } catch {
        // Node's own client may refuse to send it.
        done.resolve();
      }
      await done.promise;
    }
    session.destroy();
    expect(reached.filter((line) => line.includes('Injected'))).toEqual([]);
  });

  test('a client that sends its head byte by byte is not waited for without end', async () => {
    const socket = openSocket({ port: gateway.port, ca: gateway.ca });
    const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()).on('error', () => resolve()));
    socket.resume();
    const timer = setInterval(() => socket.write('x'), 500);
    socket.write('GET /mcp HTTP/1.1\r\nX: ');
    await closed;
    clearInterval(timer);
    expect(socket.destroyed).toBe(true);
  }, 20_000);

  const token = fc.string({
    unit: fc.constantFrom(...Array.from('abcXYZ-_.~%/?#&=:;, \t"\\\0\r\n\u00ff')),
    maxLength: 24,
  });
  const line = fc.oneof(
    fc.tuple(token, token).map(([name, value]) => `${name}: ${value}`),
    fc.constantFrom('Host: mcp.localhost:8443', 'Content-Length: 3', 'Content-Length: 0', 'Transfer-Encoding: chunked'),
    fc.constantFrom(
      'Connection: close',
      'Connection: x, close',
      'Expect: 100-continue',
      'Accept: */*;q=',
      'Cookie: _pomerium=;;=a',
    ),
    fc.constantFrom(
      'Authorization: Bearer ',
      'Authorization: Bearer a b',
      'Origin: null',
      'Upgrade: h2c',
      'TE: trailers',
    ),
    token,
  );
  const target = fc.oneof(
    token,
    fc.constantFrom(
      '/',
      '/mcp',
      '*',
      '/.pomerium/',
      '/.pomerium/mcp/token',
      '/.well-known/oauth-protected-resource',
      '/..',
      '//',
    ),
    token.map((path) => `/${path}`),
  );
  const method = fc.constantFrom('GET', 'POST', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH', 'BREW', 'get', '');
  const request = fc
    .tuple(
      method,
      target,
      fc.constantFrom('HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0', ''),
      fc.array(line, { maxLength: 8 }),
      token,
    )
    .map(([verb, path, version, lines, body]) => `${verb} ${path} ${version}\r\n${lines.join('\r\n')}\r\n\r\n${body}`);

  test('whatever is sent is answered or ends the connection, and the gateway lives', async () => {
    await fc.assert(
      fc.asyncProperty(request, async (bytes) => {
        const answer = await send(bytes, 150);
        expect(answer === '' || /^HTTP\/1\.[01] [1-5]\d\d /.test(answer), JSON.stringify(answer.slice(0, 80))).toBe(
          true,
        );
        expect(answer.startsWith('HTTP/1.1 500'), 'no request may be our bug').toBe(false);
      }),
      { numRuns: 100 },
    );
    expect(await send(`GET /ping HTTP/1.1\r\nHost: ${HOST}\r\nConnection: close\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 200 OK/,
    );
  }, 60_000);

  test('random bytes too', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        const answer = await send(Buffer.from(bytes).toString('latin1'), 50);
        expect(answer === '' || answer.startsWith('HTTP/1.1 4'), JSON.stringify(answer.slice(0, 80))).toBe(true);
      }),
      { numRuns: 60 },
    );
  }, 30_000);
});
