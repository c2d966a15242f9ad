import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import * as doctor from '../../../src/commands/doctor.ts';
import { testContext } from '../../helpers/context.ts';
import { temporaryFolder } from '../../helpers/program.ts';
import { createPlace, findingOf, json, metadataOf } from './world.ts';

type Answer = (request: IncomingMessage, response: ServerResponse, origin: string) => unknown;

/** A server of somebody else, on plain http of this machine. */
async function stranger(answer: Answer): Promise<string> {
  const server = createServer((request, response) => {
    request.resume();
    const origin = `http://${request.headers.host}`;
    if (answer(request, response, origin) === true || response.writableEnded || response.headersSent) return;
    const resource = `${origin}/.well-known/oauth-protected-resource/mcp`;
    if (request.url === '/.well-known/oauth-protected-resource/mcp') {
      json(response, { resource: `${origin}/mcp`, authorization_servers: [origin] });
    } else if (request.url === '/.well-known/oauth-authorization-server') json(response, metadataOf(origin));
    else response.writeHead(401, { 'www-authenticate': `Bearer resource_metadata="${resource}"` }).end();
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
}

async function visit(url: string, only: string[]): Promise<doctor.DoctorResult> {
  const cwd = await temporaryFolder('url');
  return doctor.run(testContext({ cwd, env: { MCPGW_STATE_DIR: join(cwd, 'state') } }), { url, only, acme: false });
}

const open: Answer = (request, response) => {
  if (request.method === 'GET') response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': open\n\n');
  else json(response, { jsonrpc: '2.0', id: 1, result: {} });
  return true;
};

describe('a URL alone', () => {
  test('is enough: what needs files or an engine is skipped, and says so', async () => {
    const url = await stranger(() => false);
    const cwd = await temporaryFolder('url');
    const context = testContext({ cwd, env: { MCPGW_STATE_DIR: join(cwd, 'state') } });
    const { checks, summary } = await doctor.run(context, { url, acme: false });
    expect(checks.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['MAC-01', 'FIL-01', 'DKR-01', 'LOG-01', 'CLI-01']),
    );
    expect(summary.failed).toBe(0);
    for (const id of ['FIL-01', 'SEC-01', 'DKR-01', 'LOG-01', 'POL-01'])
      expect(findingOf(checks, id)).toEqual({ kind: 'skipped', reason: 'only a URL was given' });
    for (const id of ['GTW-01', 'GTW-02', 'MET-01', 'MET-02', 'MET-03', 'TOK-03'])
      expect([id, findingOf(checks, id).kind]).toEqual([id, 'ok']);
    expect(findingOf(checks, 'TOL-03')).toMatchObject({ kind: 'skipped' });
  });

  test.each<[string, string, Answer, string, RegExp]>([
    [
      'GTW-02',
      'a path where nothing is',
      (_, response) => response.writeHead(404).end(),
      'failure',
      /no MCP server at this path/,
    ],
    ['GTW-02', 'no resource_metadata', (_, response) => response.writeHead(401).end(), 'warning', /have to guess/],
    ['GTW-01', 'a server that is down', (_, response) => response.writeHead(502).end(), 'failure', /answered 502/],
  ])('%s tells %s, and whom to tell', async (id, _, answer, kind, text) => {
    const { checks } = await visit(await stranger(answer), [id]);
    expect(findingOf(checks, id)).toMatchObject({ kind, text: expect.stringMatching(text) as unknown });
  });

  test('tells another issuer, a resource that is not the URL, and metadata without CORS', async () => {
    const url = await stranger((request, response, origin) => {
      if (request.url === '/.well-known/oauth-authorization-server')
        return json(response, { ...metadataOf(origin), issuer: 'https://other.example' });
      if (request.url === '/.well-known/oauth-protected-resource/mcp')
        return json(response, { resource: origin, authorization_servers: [origin] });
      return false;
    });
    const { checks } = await visit(url, ['MET-01', 'MET-02']);
    expect(findingOf(checks, 'MET-01')).toMatchObject({
      kind: 'failure',
      fix: expect.stringMatching(/^# for whoever runs/) as unknown,
    });
    expect(findingOf(checks, 'MET-02')).toMatchObject({
      kind: 'failure',
      text: expect.stringContaining('other.example') as unknown,
    });
  });

  test('that asks nobody to sign in is called without a token, in both eras', async () => {
    const url = await stranger((request, response) => {
      if (request.method !== 'POST') return response.writeHead(405).end();
      return json(response, { jsonrpc: '2.0', id: 1, result: { tools: [] } });
    });
    const { checks } = await visit(url, ['GTW-02', 'TOL-03', 'TOL-06']);
    expect(findingOf(checks, 'GTW-02')).toEqual({ kind: 'skipped', reason: 'the server asks nobody to sign in' });
    expect(findingOf(checks, 'TOL-03')).toMatchObject({
      kind: 'ok',
      text: expect.stringContaining('2026-07-28') as unknown,
    });
    expect(findingOf(checks, 'TOL-06')).toMatchObject({ kind: 'ok', text: expect.stringContaining('405') as unknown });
  });

  test('a stream that ends at once is told, one that stays open is well', async () => {
    expect(findingOf((await visit(await stranger(open), ['TOL-06'])).checks, 'TOL-06')).toMatchObject({ kind: 'ok' });
    const short: Answer = (request, response, origin) => {
      open(request, response, origin);
      if (request.method === 'GET') response.end();
      return true;
    };
    const { checks } = await visit(await stranger(short), ['TOL-06']);
    expect(findingOf(checks, 'TOL-06')).toMatchObject({
      kind: 'failure',
      text: expect.stringContaining('ends at once') as unknown,
    });
  });

  test('a compressed event stream is told', async () => {
    const url = await stranger((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' }).end();
      return true;
    });
    expect(findingOf((await visit(url, ['TOL-07'])).checks, 'TOL-07')).toMatchObject({ kind: 'warning' });
  });

  test('tells tools whose names models do not take', async () => {
    const url = await stranger((_, response) =>
      json(response, { jsonrpc: '2.0', id: 1, result: { tools: [{ name: 'a.b', inputSchema: { type: 'object' } }] } }),
    );
    expect(findingOf((await visit(url, ['TOL-05'])).checks, 'TOL-05')).toMatchObject({ kind: 'warning' });
  });

  test.each(['mcp.example.com', 'ftp://mcp.example.com'])('%s is none', async (url) => {
    await expect(visit(url, ['GTW-01'])).rejects.toMatchObject({ code: 'USAGE' });
  });
});

describe('a configuration that is no project', () => {
  test('is looked at with the compose file beside it', async () => {
    const place = await createPlace('config');
    const elsewhere = await temporaryFolder('elsewhere');
    const result = await doctor.run(place.context({ cwd: elsewhere }), {
      config: join(place.folder, 'pomerium-config.yaml'),
      only: ['files', 'policy', 'secrets'],
    });
    expect(findingOf(result.checks, 'FIL-03')).toMatchObject({ kind: 'ok' });
    expect(findingOf(result.checks, 'FIL-11')).toMatchObject({
      kind: 'ok',
      text: expect.stringMatching(/^\d mounts$/) as unknown,
    });
    expect(findingOf(result.checks, 'POL-03')).toMatchObject({ kind: 'ok' });
    expect(findingOf(result.checks, 'SEC-01')).toEqual({
      kind: 'skipped',
      reason: 'the configuration is no project of mcpgw',
    });
  });

  test('tells what Pomerium would refuse, under the file’s own name', async () => {
    const folder = await temporaryFolder('alone');
    await writeFile(join(folder, 'pomerium.yaml'), 'routes:\n  - from: https://a.example.com\n    mcp: {}\n');
    const context = testContext({ cwd: folder });
    const { checks } = await doctor.run(context, { config: 'pomerium.yaml', only: ['FIL-03'] });
    expect(findingOf(checks, 'FIL-03')).toMatchObject({
      kind: 'failure',
      text: expect.stringMatching(/^pomerium\.yaml:\d+:\d+ /) as unknown,
    });
  });

  test('that is not there, or is a folder, is told', async () => {
    const folder = await temporaryFolder('nowhere');
    const look = async (): Promise<unknown> =>
      findingOf(
        (await doctor.run(testContext({ cwd: folder }), { config: 'a.yaml', only: ['FIL-03'] })).checks,
        'FIL-03',
      );
    expect(await look()).toMatchObject({ kind: 'failure', text: expect.stringContaining('is not there') as unknown });
    await mkdir(join(folder, 'a.yaml'));
    expect(await look()).toMatchObject({ kind: 'failure', text: expect.stringContaining('is a folder') as unknown });
    await rm(join(folder, 'a.yaml'), { recursive: true });
  });

  test('and a URL are too much', async () => {
    await expect(doctor.run(testContext(), { config: 'a.yaml', url: 'https://a.example' })).rejects.toMatchObject({
      code: 'USAGE',
    });
  });
});

describe('one client', () => {
  test('is asked about alone, and may fail then', async () => {
    const place = await createPlace('client');
    const asked = await doctor.run(place.context(), { client: 'claude-ai' });
    expect(asked.checks.map(({ area }) => area)).toEqual(expect.not.arrayContaining(['machine', 'tools']));
    expect(findingOf(asked.checks, 'CLI-02')).toMatchObject({
      kind: 'failure',
      text: expect.stringContaining('claude.ai and Claude Desktop (connectors) will fail') as unknown,
    });
    expect(doctor.exitOf(asked)).toBe(3);
    expect(await place.finding('CLI-02')).toMatchObject({ kind: 'skipped' });
    expect(await place.finding('CLI-03')).toMatchObject({ kind: 'ok' });
  });

  test('that has to register where nobody may will fail, and is a warning beside others', async () => {
    const place = await createPlace('cursor');
    await place.edit('pomerium-config.yaml', (text) =>
      text.replace('mcp_dynamic_client_registration: true', 'mcp_dynamic_client_registration: false'),
    );
    expect(await place.finding('CLI-03')).toMatchObject({
      kind: 'warning',
      text: 'Cursor will fail: it has to register itself, and there is no registration endpoint',
    });
  });

  test('that is not known is refused with those that are', async () => {
    const place = await createPlace('unknown');
    await expect(doctor.run(place.context(), { client: 'cursr' })).rejects.toMatchObject({
      code: 'USAGE',
      fix: 'mcpgw doctor --client cursor',
    });
  });
});
