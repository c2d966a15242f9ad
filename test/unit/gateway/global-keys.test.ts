import { X509Certificate } from 'node:crypto';
import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { setCookie } from '../../../src/gateway/identity/cookies.ts';
import { startGatewayWith } from '../../../src/gateway/index.ts';
import { parseConfig } from '../../../src/pomerium/index.ts';
import { freePorts } from '../../helpers/program.ts';
import { issueTestCertificate, type TestCertificate } from './support/certificate.ts';
import { BASE, GET, listening, route } from './support/main-route.ts';
import { MemoryIdentity } from './support/memory-identity.ts';
import { optionsOf, startTestGateway } from './support/start.ts';
import { exchange, openSocket } from './support/wire.ts';

const yaml = (global: string, extra = ''): string => `${BASE}${global}routes:\n${route('http://upstream:80', extra)}`;

const shown = (at: number, servername?: string): Promise<string> => {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const to = { host: '127.0.0.1', port: at, rejectUnauthorized: false };
  const socket = connect(servername === undefined ? to : { ...to, servername }, () => {
    resolve(socket.getPeerX509Certificate()?.fingerprint256 ?? '');
    socket.destroy();
  });
  socket.on('error', reject);
  return promise;
};

const print = ({ cert }: TestCertificate): string => new X509Certificate(cert).fingerprint256;

const config = (list: string): string =>
  yaml('').replace(/ {2}- cert: \/x\.crt\n {4}key: \/x\.key\n/, `  - {cert: a.crt, key: a.key}\n${list}`);

describe('the keys of the whole configuration', () => {
  let certificate: TestCertificate;
  let other: TestCertificate;
  let wild: TestCertificate;
  let upstream: Server;
  let port: number;

  beforeAll(async () => {
    certificate = await issueTestCertificate('localhost', ['mcp.localhost']);
    other = await issueTestCertificate('localhost', ['other.localhost']);
    wild = await issueTestCertificate('localhost', ['*.apps.localhost']);
    upstream = createServer((request, response) => {
      if (request.url === '/events') {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write('data: one\n\n');
        return;
      }
      response.end(JSON.stringify(request.headers));
    });
    port = await listening(upstream);
  });

  afterAll(() => {
    upstream.close();
    upstream.closeAllConnections();
  });

  const start = (global: string, extra = '') =>
    startTestGateway({ yaml: yaml(global, extra), certificate, upstreams: { 'upstream:80': port } });

  /** The claims of the assertion that the upstream got. */
  const claims = async (global: string, extra = ''): Promise<Record<string, unknown>> => {
    const gateway = await start(`${global}pass_identity_headers: true\n`, extra);
    const { body } = await exchange({ port: gateway.port, ca: gateway.ca }, GET);
    await gateway.close();
    const headers = JSON.parse(body.toString()) as Record<string, string>;
    const [, payload = ''] = (headers['x-pomerium-jwt-assertion'] ?? '').split('.');
    return JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
  };

  test('jwt_issuer_format: a route’s goes before the global one', async () => {
    expect((await claims('')).iss).toBe('mcp.localhost');
    expect((await claims('jwt_issuer_format: uri\n')).iss).toBe('https://mcp.localhost/');
    expect((await claims('jwt_issuer_format: uri\n', '    jwt_issuer_format: hostOnly\n')).iss).toBe('mcp.localhost');
  });

  test('log_level above info leaves out what is told of every request', async () => {
    for (const [level, lines] of [
      ['info', 2],
      ['warn', 0],
    ] as const) {
      const gateway = await start(`log_level: ${level}\n`);
      await exchange({ port: gateway.port, ca: gateway.ca }, GET);
      expect(gateway.log.filter((entry) => 'request-id' in entry)).toHaveLength(lines);
      await gateway.close();
    }
  });

  const cookie = (global: string): string =>
    setCookie(optionsOf(yaml(global), certificate), { name: 'n', value: 'v', expires: 0 });

  test('cookie_http_only and cookie_domain are in every cookie', () => {
    expect(cookie('')).toMatch(/; HttpOnly; Secure$/);
    expect(cookie('cookie_http_only: false\ncookie_domain: corp.test\n')).toMatch(
      /; Domain=corp\.test; .*GMT; Secure$/,
    );
  });

  test('http_redirect_addr sends everybody to https', async () => {
    const [redirectPort = 0] = await freePorts(1);
    const gateway = await start(`http_redirect_addr: '":${redirectPort}"'\n`);
    const { promise, resolve } = Promise.withResolvers<IncomingMessage>();
    get({ port: redirectPort, host: '127.0.0.1', path: '/a?b=c', headers: { host: 'mcp.localhost:80' } }, resolve);
    const answer = await promise;
    answer.resume();
    expect([answer.statusCode, answer.headers.location]).toEqual([301, 'https://mcp.localhost/a?b=c']);
    await gateway.close();
  });

  describe('certificates', () => {
    const files: Record<string, () => TestCertificate> = { a: () => certificate, b: () => other, c: () => wild };
    const readFile = (path: string): string => {
      const found = files[path.charAt(0)]?.() ?? certificate;
      return path.endsWith('.key') ? found.key : found.cert;
    };
    const LIST = '  - {cert: b.crt, key: b.key}\n  - {cert: c.crt, key: c.key}\n';
    const options = (text: string) => {
      const parsed = parseConfig(text, { file: 'c.yaml', readFile });
      if (!parsed.options) throw new Error(JSON.stringify(parsed.problems));
      return parsed.options;
    };
    const startSecure = (text: string) =>
      startGatewayWith(
        {
          options: options(text),
          readFile,
          listen: { host: '127.0.0.1', port: 0 },
          stateFile: ':memory:',
          resolve: () => ({ host: '127.0.0.1', port }),
          ca: [],
          log: () => undefined,
          allowPrivateMetadataHosts: false,
        },
        () => new MemoryIdentity(),
      );
    test('each host is shown its own, by name or by wildcard, and everybody else the first', async () => {
      const gateway = await startSecure(config(LIST));
      const at = gateway.address.port;
      expect(await shown(at, 'OTHER.localhost')).toBe(print(other));
      expect(await shown(at, 'one.apps.localhost')).toBe(print(wild));
      expect(await shown(at, 'deep.one.apps.localhost')).toBe(print(certificate));
      expect(await shown(at, 'mcp.localhost')).toBe(print(certificate));
      expect(await shown(at)).toBe(print(certificate));
      await gateway.close();
    });

    test('a reload takes over the new ones; with one that cannot be used nothing at all changes', async () => {
      const gateway = await startSecure(config(''));
      const at = gateway.address.port;
      files['a'] = () => ({ ...certificate, key: other.key });
      const moved = config('').replaceAll('mcp.localhost', 'moved.localhost');
      expect(() => gateway.reload(options(moved))).toThrow(/certificate and its key/);
      expect(await shown(at, 'mcp.localhost')).toBe(print(certificate));
      expect((await exchange({ port: at, ca: certificate.ca, servername: 'mcp.localhost' }, GET)).status).toBe(401);
      files['a'] = () => other;
      gateway.reload(options(config('')));
      expect(await shown(at)).toBe(print(other));
      files['a'] = () => certificate;
      await gateway.close();
    });
  });

  test('an open event stream survives reloads, and so does a call in flight', async () => {
    const gateway = await start('');
    const socket = openSocket({ port: gateway.port, ca: gateway.ca });
    let text = '';
    let closed = false;
    socket.on('data', (chunk: Buffer) => (text += chunk.toString())).on('close', () => (closed = true));
    socket.write(GET.replace('GET /', 'GET /events').replace('Connection: close\r\n', ''));
    await expect.poll(() => text).toContain('data: one');
    for (const name of ['two', 'three']) {
      gateway.reload(optionsOf(yaml('').replaceAll('mcp.localhost', `${name}.localhost`), certificate));
    }
    expect((await exchange({ port: gateway.port, ca: gateway.ca }, GET)).status).toBe(404);
    expect(gateway.stats().openStreams).toBe(1);
    expect(closed).toBe(false);
    socket.destroy();
    await gateway.close();
  });

  test('a reload names what waits for the next start, and is told with the number of routes', async () => {
    const gateway = await start('');
    gateway.reload(optionsOf(yaml('address: 127.0.0.1:1\nhttp_redirect_addr: :1\n'), certificate));
    expect(gateway.log).toContainEqual({ level: 'info', message: 'config: updated config', routes: 1 });
    const named = gateway.log.filter(({ message }) => message.includes('started again')).map(({ key }) => key);
    expect(named).toEqual(['address', 'http_redirect_addr']);
    await gateway.close();
  });
});
