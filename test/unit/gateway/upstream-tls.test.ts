import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseConfig } from '../../../src/pomerium/index.ts';
import { issueTestCertificate, type TestCertificate } from './support/certificate.ts';
import { BASE, GET, listening, route } from './support/main-route.ts';
import { optionsOf, startTestGateway } from './support/start.ts';
import { exchange, type WireResponse } from './support/wire.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

const yaml = (keys: string, global = '', to = 'https://upstream.localhost'): string =>
  `${BASE}${global}routes:\n${route(to, keys)}`;

describe('TLS to an upstream', () => {
  let certificate: TestCertificate;
  /** By another authority. */
  let foreign: TestCertificate;
  let upstream: Server;
  let port: number;
  let folder: string;

  beforeAll(async () => {
    certificate = await issueTestCertificate('localhost', ['mcp.localhost']);
    foreign = await issueTestCertificate('localhost', ['upstream.localhost']);
    folder = mkdtempSync(join(tmpdir(), 'mcpgw-upstream-tls-'));
    const { cert, key } = foreign;
    upstream = createServer({ cert, key, requestCert: true, rejectUnauthorized: false }, (request, response) => {
      response.end((request.socket as TLSSocket).getPeerX509Certificate()?.fingerprint256 ?? 'none');
    });
    port = await listening(upstream);
    for (const [name, text] of [
      ['foreign.pem', foreign.ca],
      ['own.pem', certificate.ca],
      ['client.crt', certificate.cert],
      ['client.key', certificate.key],
      ['other.key', foreign.key],
    ] as const)
      writeFileSync(join(folder, name), text);
  });

  afterAll(() => {
    upstream.close();
    upstream.closeAllConnections();
    rmSync(folder, { recursive: true, force: true });
  });

  const start = (keys: string, o: { global?: string; to?: string; ca?: string[] } = {}) =>
    startTestGateway({
      yaml: yaml(keys, o.global, o.to),
      certificate,
      upstreams: { 'upstream.localhost:443': port, 'alias:443': port },
      ca: o.ca ?? [],
    });
  const ask = async (...options: Parameters<typeof start>): Promise<WireResponse> => {
    const gateway = await start(...options);
    const answer = await exchange({ port: gateway.port, ca: gateway.ca }, GET);
    await gateway.close();
    return answer;
  };

  test.each([
    ['tls_custom_ca_file', () => `    tls_custom_ca_file: ${folder}/foreign.pem\n`, ''],
    ['tls_custom_ca', () => `    tls_custom_ca: ${base64(foreign.ca)}\n`, ''],
    ['the global certificate_authority_file', () => '', () => `certificate_authority_file: ${folder}/foreign.pem\n`],
    ['the global certificate_authority', () => '', () => `certificate_authority: ${base64(foreign.ca)}\n`],
    ['tls_skip_verify', () => '    tls_skip_verify: true\n', ''],
  ])('%s lets the upstream be believed', async (_, keys, global) => {
    expect((await ask('')).status).toBe(503);
    const answer = await ask(keys(), { global: typeof global === 'string' ? global : global() });
    expect([answer.status, answer.body.toString()]).toEqual([200, 'none']);
  });

  test('a route’s own authority takes the place of the global one', async () => {
    const global = `certificate_authority_file: ${folder}/foreign.pem\n`;
    expect((await ask(`    tls_custom_ca_file: ${folder}/own.pem\n`, { global })).status).toBe(503);
  });

  test.each(['tls_upstream_server_name', 'tls_server_name'])('%s names who has to answer', async (key) => {
    const believed = { to: 'https://alias', ca: [foreign.ca] };
    expect((await ask('', believed)).status).toBe(503);
    expect((await ask(`    ${key}: upstream.localhost\n`, believed)).status).toBe(200);
  });

  test.each([
    ['files', () => `    tls_client_cert_file: ${folder}/client.crt\n    tls_client_key_file: ${folder}/client.key\n`],
    [
      'texts',
      () => `    tls_client_cert: ${base64(certificate.cert)}\n    tls_client_key: ${base64(certificate.key)}\n`,
    ],
  ])('the client certificate of a route is shown to the upstream, from %s', async (_, keys) => {
    const answer = await ask(keys(), { ca: [foreign.ca] });
    expect(answer.body.toString()).toBe(new X509Certificate(certificate.cert).fingerprint256);
  });

  test('routes with other certificates do not share a connection', async () => {
    const client = `    tls_client_cert_file: ${folder}/client.crt\n    tls_client_key_file: ${folder}/client.key\n`;
    const plain = route('https://upstream.localhost').replaceAll('mcp.localhost', 'two.localhost');
    const gateway = await startTestGateway({
      yaml: `${yaml(client)}${plain}`,
      certificate,
      upstreams: { 'upstream.localhost:443': port },
      ca: [foreign.ca],
    });
    const target = { port: gateway.port, ca: gateway.ca };
    expect((await exchange(target, GET)).body.toString()).not.toBe('none');
    expect((await exchange(target, GET.replaceAll('mcp.localhost', 'two.localhost'))).body.toString()).toBe('none');
    await gateway.close();
  });

  test('a key that is not the certificate’s is refused at start, and at a reload, where the old one stays', async () => {
    const bad = `    tls_client_cert_file: ${folder}/client.crt\n    tls_client_key_file: ${folder}/other.key\n`;
    await expect(start(bad, { ca: [foreign.ca] })).rejects.toMatchObject({ code: 'BAD_CERTIFICATE' });
    const gateway = await start('', { ca: [foreign.ca] });
    expect(() => gateway.reload(optionsOf(yaml(bad), certificate))).toThrow(/client certificate/);
    expect((await exchange({ port: gateway.port, ca: gateway.ca }, GET)).body.toString()).toBe('none');
    await gateway.close();
  });

  const readFile = (path: string): string => {
    if (path.endsWith('gone.crt')) throw Object.assign(new Error('gone'), { code: 'ENOENT' });
    return path.endsWith('.key') ? certificate.key : certificate.cert;
  };

  test('a client certificate that cannot be read stops the start with the words of Pomerium', () => {
    const keys = '    tls_client_cert_file: /gone.crt\n    tls_client_key_file: /x.key\n';
    const { problems } = parseConfig(yaml(keys), { file: 'pomerium-config.yaml', readFile });
    expect(problems).toContainEqual(
      expect.objectContaining({
        code: 'BAD_CERTIFICATE',
        path: 'routes[0].tls_client_cert_file',
        pomerium: expect.stringContaining(
          "config: couldn't load client cert file open /gone.crt: no such file or directory",
        ) as string,
      }),
    );
    const texts = parseConfig(yaml('    tls_client_cert: "???"\n    tls_client_key: eA==\n'), {
      file: 'pomerium-config.yaml',
    });
    expect(texts.problems.map(({ pomerium }) => pomerium)).toContainEqual(
      expect.stringContaining("config: couldn't decode client cert illegal base64 data at input byte 0"),
    );
  });
});
