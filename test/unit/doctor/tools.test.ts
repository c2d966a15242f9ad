import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Finding, Patient } from '../../../src/doctor/check.ts';
import { createPlace, patientAt, runCheck } from './world.ts';

interface FakeServer {
  tools: Record<string, unknown>[];
  /** Result of every call. */
  call?: Record<string, unknown>;
  /** Answers everything with this status and an empty page. */
  status?: number;
}

interface Message {
  id: number;
  method: string;
}

/** Looks at a project whose one server is this one; nobody has to sign in. */
async function look(id: string, fake: FakeServer): Promise<{ finding: Finding; methods: string[] }> {
  const methods: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const message = JSON.parse(Buffer.concat(chunks).toString() || '{}') as Message;
      methods.push(message.method);
      const result = message.method === 'tools/list' ? { tools: fake.tools } : fake.call;
      response.writeHead(fake.status ?? 200, { 'content-type': 'application/json' });
      if (fake.status !== undefined) response.end();
      else response.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, result }));
    });
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const place = await createPlace('tools');
  const fetch: Patient['fetch'] = async () => async (_, init) => globalThis.fetch(url, init);
  const patient = patientAt(place.folder, { fetch, token: async () => 'a-token' });
  return { finding: await runCheck(id, patient), methods };
}

const tool = (name: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  name,
  inputSchema: { type: 'object' },
  annotations: { readOnlyHint: true },
  ...more,
});

describe('the tools', () => {
  test('are counted', async () => {
    const { finding } = await look('TOL-01', { tools: [tool('one'), tool('two')] });
    expect(finding).toEqual({ kind: 'ok', text: 'whoami 2 tools' });
  });

  test('that cannot be listed are told with the server’s answer', async () => {
    const { finding } = await look('TOL-01', { tools: [], status: 502 });
    expect(finding).toMatchObject({ kind: 'failure', text: expect.stringMatching(/^whoami: .*502/) as unknown });
  });
});

describe('the call', () => {
  test('takes a tool that only reads and needs no arguments', async () => {
    const tools = [
      tool('write', { annotations: {} }),
      tool('query', { inputSchema: { required: ['q'] } }),
      tool('read'),
    ];
    const { finding, methods } = await look('TOL-02', { tools, call: { content: [] } });
    expect(finding).toEqual({ kind: 'ok', text: 'read of whoami, as admin' });
    expect(methods.filter((method) => method === 'tools/call')).toHaveLength(1);
  });

  test('is not made when a tool may change something, or its arguments would be guesses', async () => {
    const tools = [
      tool('silent', { annotations: undefined }),
      tool('writes', { annotations: { readOnlyHint: false } }),
      tool('query', { inputSchema: { type: 'object', required: ['q'] } }),
    ];
    const { finding, methods } = await look('TOL-02', { tools });
    expect(finding).toEqual({ kind: 'skipped', reason: 'no server has a tool that only reads and takes no arguments' });
    expect(methods).not.toContain('tools/call');
  });

  test('that ends in an error is told with what the tool said; its name is no command', async () => {
    const { finding } = await look('TOL-02', {
      tools: [tool('read; rm -rf $(pwd)')],
      call: { isError: true, content: [{ type: 'text', text: 'no database\nat all' }] },
    });
    expect(finding).toEqual({
      kind: 'failure',
      text: 'read; rm -rf $(pwd) of whoami answers with an error',
      fix: "mcpgw call whoami 'read; rm -rf $(pwd)' --as admin",
      evidence: ['no database', 'at all'],
    });
  });
});
