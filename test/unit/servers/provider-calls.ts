import { createFetch } from '../../../src/net/fetch.ts';
import type { ProviderLimits } from '../../../src/servers/provider/limits.ts';
import { messageOf, post, startTestServers, type TestServers } from './helpers.ts';
import { mockProvider, type Answers, type MockProvider } from './mock-provider.ts';

/** Of a shape that secret scanners do not take for a real one. */
export const TOKEN = 'token-of-the-user';

export interface Called {
  status: number;
  challenge: string | null;
  texts: string[];
  structured: unknown;
  isError: boolean;
}

export interface ServedProvider {
  servers: TestServers;
  provider: MockProvider;
  /** Calls a tool as the gateway does, with the user's token. */
  call: (tool: string, args?: Record<string, unknown>, headers?: Record<string, string>) => Promise<Called>;
}

/** One of our servers in front of a mock of its provider. */
export async function serveProvider(
  name: 'notion' | 'github' | 'google-drive',
  answers: Answers,
  limits: Partial<ProviderLimits> = {},
): Promise<ServedProvider> {
  const provider = await mockProvider(answers);
  const servers = await startTestServers({ [name]: { fetch: createFetch(), apiUrl: provider.url, limits } });
  const call: ServedProvider['call'] = async (tool, args = {}, headers = { authorization: `Bearer ${TOKEN}` }) => {
    const params = { name: tool, arguments: args };
    const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params };
    return toCalled(await post(`${servers.url}/${name}`, body, headers));
  };
  return { servers, provider, call };
}

async function toCalled(response: Response): Promise<Called> {
  const { status, headers } = response;
  const { result, error } = await messageOf(response);
  return {
    status,
    challenge: headers.get('www-authenticate'),
    texts: result?.content.map(({ text }) => text) ?? [JSON.stringify(error)],
    structured: result?.structuredContent,
    isError: result?.isError === true,
  };
}
