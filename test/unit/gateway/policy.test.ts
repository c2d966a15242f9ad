import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LogEntry } from '../../../src/net/log.ts';
import { issueTestCertificate, type TestCertificate } from './support/certificate.ts';
import { BASE } from './support/main-route.ts';
import { startRecordedUpstream } from './support/recorded-upstream.ts';
import { startTestGateway, type TestGateway } from './support/start.ts';
import { exchange, type WireResponse } from './support/wire.ts';

let certificate: TestCertificate;
let upstream: Awaited<ReturnType<typeof startRecordedUpstream>>;

beforeAll(async () => {
  certificate = await issueTestCertificate('localhost', ['whoami.localhost']);
  upstream = await startRecordedUpstream();
});

afterAll(async () => upstream.close());

function startWith(global: string, keys: string): Promise<TestGateway> {
  const yaml = `${BASE}${global}routes:
  - from: https://whoami.localhost:8443
    to: http://upstream:80
${keys}`;
  return startTestGateway({ yaml, certificate, upstreams: { 'upstream:80': upstream.port } });
}

const SERVER = '    mcp: {server: {}}\n';
const COMPANY = '    policy: [{allow: {or: [{domain: company.com}]}}, {deny: {or: [{mcp_tool: secret}]}}]\n';

interface Sent {
  user?: string;
  method?: string;
  accept?: string;
  message?: unknown;
}

function send(
  gateway: TestGateway,
  { user, method = 'POST', accept = 'application/json', message }: Sent,
): Promise<WireResponse> {
  const body = message === undefined ? '' : JSON.stringify(message);
  const head = [
    `${method} / HTTP/1.1`,
    'Host: whoami.localhost:8443',
    `Accept: ${accept}`,
    ...(user === undefined ? [] : [`Authorization: Bearer ${user}`, `Cookie: _pomerium=${user}`]),
    ...(body === '' ? [] : ['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`]),
    'Connection: close',
  ].join('\r\n');
  const target = { port: gateway.port, ca: gateway.ca, servername: 'whoami.localhost' };
  return exchange(target, `${head}\r\n\r\n${body}`);
}

const toolCall = (name: string, args?: unknown): unknown => ({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name, ...(args === undefined ? {} : { arguments: args }) },
});

const checks = (gateway: TestGateway): LogEntry[] => gateway.log.filter(({ message }) => message === 'authorize check');

interface RecordedCheck {
  case: string;
  line: Record<string, unknown>;
}

const RECORDED = readFileSync(join(import.meta.dirname, '../../fixtures/authorize-log/checks.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((text) => JSON.parse(text) as RecordedCheck);

const FIELDS =
  'authorize_log_fields: [request-id, check-request-id, email, user, host, path, method, mcp-method, mcp-tool, mcp-tool-parameters]\n';

/** The request behind a line: what it called stands there, or follows from why no rule denied it. */
function messageOf(line: Record<string, unknown>): unknown {
  const reasons = [line['deny-why-true'], line['deny-why-false']].flat();
  const { 'mcp-method': method, 'mcp-tool': tool } = line;
  if (method === 'tools/call' && typeof tool === 'string') return toolCall(tool, line['mcp-tool-parameters']);
  if (reasons.includes('mcp-tool-match')) return toolCall('secret');
  if (reasons.includes('mcp-tool-no-match')) return toolCall('echo');
  return { jsonrpc: '2.0', id: 1, method: method ?? 'tools/list' };
}

/** Different on every day, and what Pomerium works out of its own structures. */
const MASKED = ['request-id', 'check-request-id', 'ip', 'session-id', 'envoy-route-id'];
const LEFT_OUT = ['time', 'envoy-route-checksum', 'route-checksum'];

function comparable(entry: Record<string, unknown>): Record<string, unknown> {
  const kept = Object.entries(entry).filter(([name]) => !LEFT_OUT.includes(name));
  return Object.fromEntries(kept.map(([name, value]) => [name, MASKED.includes(name) ? '<masked>' : value]));
}

describe('the authorization log', () => {
  test.each(RECORDED)('$case: $line.mcp-method $line.mcp-tool by $line.user', async ({ case: name, line }) => {
    const gateway = await startWith(name.endsWith('default-fields') ? '' : FIELDS, SERVER + COMPANY);
    const message = messageOf(line);
    await send(gateway, { ...(line['user'] === 'alice' && { user: 'alice' }), message });
    expect(checks(gateway).map(comparable)).toEqual([comparable(line)]);
    await gateway.close();
  });

  test('tells no parameters of calls unless it is asked to', async () => {
    const gateway = await startWith('', SERVER + COMPANY);
    await send(gateway, { user: 'alice', message: toolCall('echo', { text: 'a secret of mine' }) });
    expect(JSON.stringify(gateway.log)).not.toContain('a secret of mine');
    await gateway.close();
  });

  test('leaves parameters out that nobody can write down again, and goes on', async () => {
    const gateway = await startWith(FIELDS, `    mcp: {server: {max_request_bytes: 32768}}\n${COMPANY}`);
    const nested = `${'['.repeat(9_000)}${']'.repeat(9_000)}`;
    const text = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"secret","arguments":{"a":${nested}}}}`;
    const target = { port: gateway.port, ca: gateway.ca, servername: 'whoami.localhost' };
    const head = `POST / HTTP/1.1\r\nHost: whoami.localhost:8443\r\nAuthorization: Bearer alice\r\nContent-Type: application/json\r\nContent-Length: ${text.length}\r\nConnection: close\r\n\r\n`;
    expect((await exchange(target, head + text)).status).toBe(200);
    expect(checks(gateway)[0]).toMatchObject({ 'mcp-tool': 'secret', deny: true });
    await gateway.close();
  });
});

const DEVICE = '    policy: [{allow: {and: [{domain: company.com}, {device: {type: any}}]}}]\n';
const bodyOf = (response: WireResponse): unknown => JSON.parse(response.body.toString()) as unknown;

describe('a refusal', () => {
  test('because a device is asked for has no challenge, on a route to an MCP server too', async () => {
    for (const kind of [SERVER, '']) {
      const gateway = await startWith('', kind + DEVICE);
      const answer = await send(gateway, { user: 'alice', message: toolCall('echo') });
      expect(answer.status).toBe(401);
      expect(answer.headers.has('www-authenticate')).toBe(false);
      expect(bodyOf(answer)).toMatchObject({ error: 'Unauthenticated' });
      await gateway.close();
    }
  });

  test('with the flag off is a challenge on a route to an MCP server, and 403 on others', async () => {
    for (const [kind, status] of [
      [SERVER, 401],
      ['', 403],
    ] as const) {
      const gateway = await startWith('runtime_flags: {mcp: false}\n', kind + COMPANY);
      const answer = await send(gateway, { user: 'bob', message: toolCall('echo') });
      expect(answer.status).toBe(status);
      expect(answer.headers.has('www-authenticate')).toBe(status === 401);
      await gateway.close();
    }
  });

  test('of a signed-in browser on a route to an MCP server says that it is none for browsers', async () => {
    const gateway = await startWith('', SERVER + COMPANY);
    const answer = await send(gateway, { user: 'bob', method: 'GET', accept: 'text/html' });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toContain('resource_metadata=');
    expect(answer.body.toString()).toContain('It is not meant to be accessed directly in the browser.');
    await gateway.close();
  });
});
