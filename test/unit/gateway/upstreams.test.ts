import { createServer as createHttp, type Server } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { issueTestCertificate, type TestCertificate } from './support/certificate.ts';
import { BASE, GET, listening, route } from './support/main-route.ts';
import { startTestGateway } from './support/start.ts';
import { exchange, parseResponse, sendRaw } from './support/wire.ts';

describe('a gateway with faults, TLS and WebSockets upstream', () => {
  let certificate: TestCertificate;
  let upstream: Server;
  let port: number;

  beforeAll(async () => {
    certificate = await issueTestCertificate('localhost', ['mcp.localhost', 'upstream.localhost']);
    upstream = createHttp((request, response) => {
      if (request.url === '/events') response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(JSON.stringify(request.headers));
    });
    port = await listening(upstream);
  });

  afterAll(() => {
    upstream.close();
    upstream.closeAllConnections();
  });

  const start = (
    routes: string,
    options: { faults?: string[]; global?: string; upstreams?: Record<string, number>; ca?: string[] } = {},
  ) =>
    startTestGateway({
      yaml: `${BASE}${options.global ?? ''}routes:\n${routes}`,
      certificate,
      upstreams: options.upstreams ?? { 'upstream:80': port },
      ...(options.faults ? { faults: options.faults } : {}),
      ...(options.ca ? { ca: options.ca } : {}),
    });

  test('the fault expired-token ends every call in the challenge', async () => {
    const gateway = await start(route('http://upstream:80'), { faults: ['expired-token'] });
    const answer = await exchange({ port: gateway.port, ca: gateway.ca, servername: 'mcp.localhost' }, GET);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toContain('resource_metadata=');
    await gateway.close();
  });

  test('the fault 503 answers as if no upstream were there', async () => {
    const gateway = await start(route('http://upstream:80'), { faults: ['503'] });
    const answer = await exchange({ port: gateway.port, ca: gateway.ca, servername: 'mcp.localhost' }, GET);
    expect(answer.status).toBe(503);
    expect(JSON.parse(answer.body.toString())).toMatchObject({ statusText: 'no_healthy_upstream' });
    await gateway.close();
  });

  test('the fault dropped-stream breaks an answer off after its first bytes', async () => {
    const gateway = await start(route('http://upstream:80'), { faults: ['dropped-stream'] });
    const bytes = await sendRaw({ port: gateway.port, ca: gateway.ca, servername: 'mcp.localhost' }, GET);
    expect(bytes.toString()).toMatch(/^HTTP\/1\.1 200 OK/);
    const { headers, body } = parseResponse(bytes);
    const whole = headers.has('content-length')
      ? body.length === Number(headers.get('content-length'))
      : bytes.toString().endsWith('0\r\n\r\n');
    expect(whole).toBe(false);
    await gateway.close();
  });

  describe('with an upstream that speaks TLS', () => {
    let secure: Server;
    let securePort: number;

    beforeAll(async () => {
      secure = createHttps({ cert: certificate.cert, key: certificate.key }, (_, response) => response.end('secret'));
      securePort = await listening(secure);
    });

    afterAll(() => {
      secure.close();
      secure.closeAllConnections();
    });

    const ask = async (extra: string, ca: string[] = []) => {
      const upstreams = { 'upstream.localhost:443': securePort };
      const gateway = await start(route('https://upstream.localhost', extra), { upstreams, ca });
      const answer = await exchange({ port: gateway.port, ca: gateway.ca, servername: 'mcp.localhost' }, GET);
      await gateway.close();
      return answer;
    };

    test('an unknown authority is a 503 that says so', async () => {
      const answer = await ask('');
      expect(answer.status).toBe(503);
      expect(answer.body.toString()).toContain('CERTIFICATE_VERIFY_FAILED');
    });

    test("the project's authority is trusted, and tls_skip_verify asks for none", async () => {
      expect((await ask('', [certificate.ca])).body.toString()).toBe('secret');
      expect((await ask('    tls_skip_verify: true\n')).body.toString()).toBe('secret');
    });

    test('the certificate has to bear the name that is asked for', async () => {
      const answer = await ask('    tls_upstream_server_name: other.localhost\n', [certificate.ca]);
      expect(answer.status).toBe(503);
    });
  });

  test('a WebSocket goes through where the route allows it, and nowhere else', async () => {
    const echo = createHttp();
    echo.on('upgrade', (request, socket) => {
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX-Key: ${request.headers['sec-websocket-key']}\r\n\r\n`,
      );
      socket.pipe(socket);
    });
    const upstreams = { 'upstream:80': await listening(echo) };
    const handshake = GET.replace(
      'Connection: close',
      'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: k',
    );
    const closed = await start(route('http://upstream:80'), { upstreams });
    expect((await exchange({ port: closed.port, ca: closed.ca, servername: 'mcp.localhost' }, handshake)).status).toBe(
      403,
    );
    await closed.close();
    const open = await start(route('http://upstream:80', '    allow_websockets: true\n'), { upstreams });
    const target = { port: open.port, ca: open.ca, servername: 'mcp.localhost' };
    const text = (await sendRaw(target, `${handshake}ping-frame`, 400)).toString();
    expect(text).toMatch(/^HTTP\/1\.1 101 Switching Protocols[\s\S]*X-Key: k[\s\S]*ping-frame$/);
    expect((await exchange(target, handshake.replace('Bearer alice', 'Bearer nobody'))).status).toBe(401);
    await open.close();
    echo.close();
    echo.closeAllConnections();
  });
});
