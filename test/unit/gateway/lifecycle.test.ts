import { createPublicKey, verify, type JsonWebKey } from 'node:crypto';
import { createServer as createHttp, type Server } from 'node:http';
import { createServer as createTcp, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CliError } from '../../../src/errors.ts';
import { issueTestCertificate, type TestCertificate } from './support/certificate.ts';
import { BASE, GET, listening, route } from './support/main-route.ts';
import { ALICE } from './support/memory-identity.ts';
import { optionsOf, startTestGateway } from './support/start.ts';
import { exchange, openSocket, sendRaw } from './support/wire.ts';

function parse(part: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
}

describe('a gateway', () => {
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

  test('says at start what it is, where it listens and which keys it does not honour', async () => {
    const gateway = await start(route('http://upstream:80', '    kubernetes_service_account_token: x\n'), {
      global: 'programmatic_redirect_domain_whitelist: [a.test]\n',
    });
    const messages = gateway.log.map(({ message }) => message);
    expect(messages[0]).toContain('development gateway');
    expect(messages).toContain('listening');
    expect(gateway.log.filter(({ level }) => level === 'warn').map(({ key }) => key)).toEqual(
      expect.arrayContaining(['programmatic_redirect_domain_whitelist', 'routes[0].kubernetes_service_account_token']),
    );
    await gateway.close();
  });

  test('warns about what it does not honour, and about nothing else', async () => {
    const gateway = await start(
      route('http://upstream:80', '    healthy_panic_threshold: 50\n    health_checks: [{}]\n'),
      {
        global:
          'authorize_log_fields: [email, nonsense]\ncookie_http_only: false\nsignout_redirect_url: https://a.test/\nautocert_dir: /x\nuse_proxy_protocol: true\n',
      },
    );
    expect(gateway.log.filter(({ level, key }) => level === 'warn' && key !== undefined).map(({ key }) => key)).toEqual(
      ['use_proxy_protocol', 'authorize_log_fields', 'routes[0].health_checks', 'routes[0].healthy_panic_threshold'],
    );
    await gateway.close();
  });

  test.each(['nonsense', '503=1', 'slow-token=soon'])(
    'refuses the fault %s, which nobody would act on',
    async (fault) => {
      await expect(start(route('http://upstream:80'), { faults: [fault] })).rejects.toThrow(fault);
    },
  );

  test('calls whose heads are alike but for the length are told apart, also after a reload', async () => {
    const gateway = await start(route('http://upstream:80/one'));
    upstream.removeAllListeners('request');
    upstream.on('request', (request, response) => {
      let text = '';
      request.on('data', (chunk: Buffer) => (text += chunk.toString()));
      request.on('end', () => response.end(`${request.url} ${request.headers['content-length']} ${text}`));
    });
    const socket = openSocket({ port: gateway.port, ca: gateway.ca });
    const ask = async (body: string): Promise<string> => {
      socket.write(
        `${GET.replace('GET', 'POST').replace('Connection: close\r\n\r\n', '')}Content-Length: ${body.length}\r\n\r\n${body}`,
      );
      const answer = await new Promise<string>((resolve) =>
        socket.once('data', (chunk: Buffer) => resolve(chunk.toString())),
      );
      expect(Number(/content-length: (\d+)/i.exec(answer)?.[1])).toBe(answer.split('\r\n\r\n')[1]?.length);
      return answer;
    };
    const ids = new Set<string | undefined>();
    for (const body of ['a', 'bb', 'c'.repeat(100), 'd']) {
      const answer = await ask(body);
      expect(answer).toContain(`/one ${body.length} ${body}`);
      ids.add(/x-request-id: (\S+)/.exec(answer)?.[1]);
    }
    expect(ids.size).toBe(4);
    gateway.reload(
      optionsOf(
        `${BASE}routes:\n${route('http://upstream:80/two', '    set_response_headers: {x-new: yes}\n')}`,
        certificate,
      ),
    );
    for (const body of ['e', 'ff']) {
      const answer = await ask(body);
      expect(answer).toContain(`/two ${body.length} ${body}`);
      expect(answer).toContain('x-new: yes');
    }
    socket.destroy();
    await gateway.close();
    upstream.removeAllListeners('request');
    upstream.on('request', (request, response) => response.end(JSON.stringify(request.headers)));
  });

  test('a call in flight is answered before the gateway closes, and no other is taken', async () => {
    const gateway = await start(route('http://upstream:80'));
    const held = Promise.withResolvers<() => void>();
    upstream.removeAllListeners('request');
    upstream.on('request', (_request, response) => held.resolve(() => void response.end('late')));
    const target = { port: gateway.port, ca: gateway.ca };
    const call = exchange(target, GET.replace('Connection: close\r\n', ''));
    const answer = await held.promise;
    const closed = gateway.close(10_000);
    answer();
    expect((await call).body.toString()).toContain('late');
    await closed;
    expect((await sendRaw(target, 'x')).length).toBe(0);
    upstream.removeAllListeners('request');
    upstream.on('request', (request, response) => response.end(JSON.stringify(request.headers)));
  });

  test('a taken port is an error that names it, and leaves nothing behind', async () => {
    const holder = createTcp();
    const { promise, resolve } = Promise.withResolvers<void>();
    holder.listen(0, '127.0.0.1', resolve);
    await promise;
    const { startGatewayWith } = await import('../../../src/gateway/index.ts');
    const { optionsOf } = await import('./support/start.ts');
    const { MemoryIdentity } = await import('./support/memory-identity.ts');
    const taken = (holder.address() as AddressInfo).port;
    const started = startGatewayWith(
      {
        options: optionsOf(`${BASE}routes:\n${route('http://upstream:80')}`, certificate),
        listen: { host: '127.0.0.1', port: taken },
        stateFile: ':memory:',
        tls: certificate,
        resolve: () => undefined,
        ca: [],
        log: () => undefined,
        allowPrivateMetadataHosts: false,
      },
      () => new MemoryIdentity(),
    );
    await expect(started).rejects.toThrow(CliError);
    await expect(started).rejects.toMatchObject({
      code: 'PORT_BUSY',
      message: expect.stringContaining(String(taken)) as string,
    });
    holder.close();
  });

  test('close ends open streams and frees the port', async () => {
    const gateway = await start(route('http://upstream:80'));
    upstream.removeAllListeners('request');
    upstream.on('request', (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: one\n\n');
    });
    const socket = openSocket({ port: gateway.port, ca: gateway.ca, servername: 'mcp.localhost' });
    const closed = new Promise((resolve) => socket.on('close', resolve).on('error', resolve));
    socket.resume();
    socket.write(GET.replace('Connection: close\r\n', ''));
    await expect.poll(() => gateway.stats().openStreams).toBe(1);
    await gateway.close();
    await closed;
    expect((await sendRaw({ port: gateway.port, ca: gateway.ca }, 'x')).length).toBe(0);
    upstream.removeAllListeners('request');
    upstream.on('request', (request, response) => response.end(JSON.stringify(request.headers)));
  });

  test('the assertion verifies with the published key, and says who and for whom', async () => {
    const gateway = await start(route('http://upstream:80', '    pass_identity_headers: true\n'), {
      global: 'jwt_claims_headers:\n  X-Email: email\n  X-Groups: groups\n',
    });
    const target = { port: gateway.port, ca: gateway.ca, servername: 'mcp.localhost' };
    const forged = GET.replace('Connection', 'X-Email: forged\r\nX-Pomerium-Jwt-Assertion: forged\r\nConnection');
    const seen = JSON.parse((await exchange(target, forged)).body.toString()) as Record<string, string>;
    expect(seen).toMatchObject({
      'x-email': 'alice@company.com',
      'x-groups': 'admins,engineering',
      'x-pomerium-jwt-assertion-for': 'forged',
    });
    const jwks = await exchange(target, GET.replace('GET /', 'GET /.well-known/pomerium/jwks.json'));
    const { keys } = JSON.parse(jwks.body.toString()) as { keys: (JsonWebKey & { kid: string })[] };
    const [header = '', claims = '', signature = ''] = (seen['x-pomerium-jwt-assertion'] ?? '').split('.');
    expect(parse(header)).toEqual({ alg: 'ES256', kid: keys[0]?.kid, typ: 'JWT' });
    const key = createPublicKey({ key: keys[0] ?? {}, format: 'jwk' });
    const signed = Buffer.from(`${header}.${claims}`);
    expect(verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'))).toBe(
      true,
    );
    const content = parse(claims);
    expect(content).toMatchObject({
      iss: 'mcp.localhost',
      aud: 'mcp.localhost',
      sub: 'alice',
      sid: ALICE.id,
      groups: ['admins', 'engineering'],
    });
    expect(Number(content['exp']) - Number(content['iat'])).toBe(300);
    await gateway.close();
  });

  test('logs the decision and the access with the names that Pomerium gives the fields', async () => {
    const gateway = await start(route('http://upstream:80'), {
      global: 'authorize_log_fields: [request-id, method, path, email, mcp-method, mcp-tool]\n',
    });
    const body = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo"}}';
    const answer = await exchange(
      { port: gateway.port, ca: gateway.ca, servername: 'mcp.localhost' },
      GET.replace('GET', 'POST').replace(
        'Connection',
        `Content-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection`,
      ) + body,
    );
    const id = answer.headers.get('x-request-id');
    expect(gateway.log).toContainEqual(
      expect.objectContaining({
        level: 'info',
        message: 'authorize check',
        service: 'authorize',
        'request-id': id,
        method: 'POST',
        path: '/',
        email: 'alice@company.com',
        'mcp-method': 'tools/call',
        'mcp-tool': 'echo',
        allow: true,
        'allow-why-true': ['domain-ok'],
        deny: false,
      }),
    );
    expect(gateway.log).toContainEqual(
      expect.objectContaining({
        message: 'http-request',
        service: 'envoy',
        'request-id': id,
        authority: 'upstream',
        path: '/',
        'response-code': 200,
        'response-code-details': 'via_upstream',
        'upstream-cluster': expect.stringMatching(/^Main-[0-9a-f]{16}$/) as string,
      }),
    );
    expect(JSON.stringify(gateway.log)).not.toContain('Bearer');
    await gateway.close();
  });
});
