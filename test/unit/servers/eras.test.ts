import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { callTool, databaseOf, startTestServers } from './helpers.ts';
import { serveProvider, TOKEN } from './provider-calls.ts';
import { ENDLESS } from './served-database.ts';
import { createGateway, HOST } from './signing.ts';

// Every test starts servers, some a process: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 30_000 });

const ERAS = [
  { era: 'legacy', revision: '2025-11-25', options: {} },
  { era: 'modern', revision: '2026-07-28', options: { versionNegotiation: { mode: 'auto' as const } } },
] as const;

async function connect(
  url: string,
  options: (typeof ERAS)[number]['options'],
  headers: Record<string, string> = {},
): Promise<Client> {
  const client = new Client({ name: 'test', version: '1.0.0' }, options);
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  onTestFinished(async () => client.close());
  return client;
}

describe.each(ERAS)('the official client speaking $revision', ({ era, revision, options }) => {
  test('finds whoami, its one tool and who asks', async () => {
    const gateway = await createGateway();
    const { url } = await startTestServers({ whoami: { issuers: [HOST], fetch: gateway.fetch } });
    const client = await connect(`${url}/whoami`, options, { 'x-pomerium-jwt-assertion': await gateway.sign() });
    expect(client.getProtocolEra()).toBe(era);
    expect(client.getNegotiatedProtocolVersion()).toBe(revision);
    expect(client.getServerVersion()).toMatchObject({ name: 'pomerium-whoami', version: '1.0.0' });
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['whoami']);
    const result = await client.callTool({ name: 'whoami', arguments: {} });
    expect(result.content).toEqual([{ type: 'text', text: '{"Name":"Alice TestUser","Email":"alice@company.com"}' }]);
  });

  test('queries a database, and reads an error as the answer of the tool', async () => {
    const file = await databaseOf('CREATE TABLE t(x); INSERT INTO t VALUES (1)');
    const { url } = await startTestServers({ sqlite: { file } });
    const client = await connect(`${url}/sqlite`, options);
    expect(client.getServerVersion()).toMatchObject({ name: 'sqlite-readonly', version: '1.0.0' });
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual([
      'describe_table',
      'list_tables',
      'read_query',
      'update',
    ]);
    const good = await client.callTool({ name: 'read_query', arguments: { query: 'SELECT x FROM t' } });
    expect(good.content).toEqual([{ type: 'text', text: '[\n  {\n    "x": 1\n  }\n]' }]);
    const bad = await client.callTool({ name: 'read_query', arguments: { query: 'SELECT y FROM t' } });
    expect(bad).toMatchObject({
      isError: true,
      content: [{ text: 'Error executing query: SQL logic error: no such column: y (1)' }],
    });
    await expect(client.callTool({ name: 'drop_table', arguments: {} })).rejects.toThrow('drop_table');
  });

  test('reads a document as structured content, and is told when to sign in', async () => {
    const { servers, provider } = await serveProvider('notion', (_, nth) =>
      nth === 1 ? { body: { results: [{ object: 'page', id: 'p1' }] } } : { status: 401, body: {} },
    );
    const client = await connect(`${servers.url}/notion`, options, { authorization: `Bearer ${TOKEN}` });
    expect(client.getServerVersion()).toMatchObject({ name: 'Notion' });
    const query = { name: 'search', arguments: { query: 'x' } };
    const found = await client.callTool(query);
    const results = [{ id: 'p1', title: '', text: '', url: '' }];
    expect(found).toMatchObject({ structuredContent: { results }, content: [{ text: JSON.stringify({ results }) }] });
    await expect(client.callTool(query)).rejects.toThrow('search: Notion does not accept the token');
    expect(provider.asked).toHaveLength(2);
  });

  test('cancels a call, and the query stops', async () => {
    const file = await databaseOf('CREATE TABLE t(x)');
    const { url } = await startTestServers({ sqlite: { file, limits: { timeout: 60_000, processes: 1 } } });
    const client = await connect(`${url}/sqlite`, options);
    const abort = new AbortController();
    const call = client.callTool({ name: 'read_query', arguments: { query: ENDLESS } }, { signal: abort.signal });
    setTimeout(() => abort.abort(), 400);
    await expect(call).rejects.toThrow();
    if (era === 'legacy') await client.close();
    expect((await callTool(`${url}/sqlite`, 'list_tables')).isError).toBe(false);
  });
});
