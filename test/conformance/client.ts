import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { callTool, listTools, withToken, type Tool } from '../../src/mcp/index.ts';
import { createFetch } from '../../src/net/fetch.ts';
import { createTokenStore, obtainToken, type ObtainTokenOptions } from '../../src/oauth/index.ts';

/*
 * The client that the official conformance suite drives: the same functions as `mcpgw token`, `tools` and `call`. The suite's
 * authorization server agrees at once, so "opening a browser" is following redirects up to the loopback listener.
 */
const server = new URL(process.argv.at(-1) ?? '');
const context = JSON.parse(process.env['MCP_CONFORMANCE_CONTEXT'] ?? '{}') as {
  client_id?: string;
  client_secret?: string;
  toolCalls?: { name: string; arguments: Record<string, unknown> }[];
};
const { client_id: clientId, client_secret: clientSecret } = context;
const protocolVersion = process.env['MCP_CONFORMANCE_PROTOCOL_VERSION'];
const fetch = createFetch();
const signal = AbortSignal.timeout(25_000);
const note = (line: string): void => void process.stderr.write(`${line}\n`);
const store = createTokenStore({ folder: mkdtempSync(join(tmpdir(), 'mcpgw-conformance-')), note });

const obtain = (rejected?: ObtainTokenOptions['rejected']): ReturnType<typeof obtainToken> =>
  obtainToken({
    server,
    browser: true,
    interactive: false,
    ...(clientId ? { clientId } : {}),
    ...(clientSecret ? { clientSecret } : {}),
    ...(clientId ? {} : { clientMetadataUrl: 'https://conformance-test.local/client-metadata.json' }),
    ...(rejected ? { rejected } : {}),
    fetch,
    openUrl: async (url) => {
      void globalThis.fetch(url).catch(() => undefined);
      return true;
    },
    prompt: { input: async () => Promise.reject(new Error('nobody to ask')) },
    store,
    now: Date.now,
    signal,
    signInTimeout: 10_000,
    note,
  });

const reach = { server, fetch, signal, ...(protocolVersion ? { protocolVersion } : {}) };
const list = async (): ReturnType<typeof listTools> =>
  withToken(obtain, async (accessToken) => listTools({ ...reach, accessToken }));

/** What a person would type: a number where one is wanted, a word elsewhere. */
const plausible = ({ inputSchema }: Tool): Record<string, unknown> => {
  const properties = Object.entries((inputSchema['properties'] ?? {}) as Record<string, { type?: string }>);
  return Object.fromEntries(
    properties.map(([name, { type }]) => [name, type === 'number' || type === 'integer' ? 2 : 'two']),
  );
};

const tools = await list();
// That scenario is about reading schemas; its server has tools to list and none to call.
const isListOnly = process.env['MCP_CONFORMANCE_SCENARIO'] === 'json-schema-ref-no-deref';
const calls = isListOnly
  ? []
  : (context.toolCalls ?? tools.map((tool) => ({ name: tool.name, arguments: plausible(tool) })));
for (const { name, arguments: args } of calls) {
  const tool = tools.find((one) => one.name === name);
  await withToken(obtain, async (accessToken) =>
    callTool({ ...reach, accessToken, name, args, ...(tool ? { tool } : {}) }),
  );
}
// Once more: a server may have moved to another authorization server meanwhile.
if (calls.length > 0) await list();
