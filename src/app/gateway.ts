import { isRecord } from '../json.ts';
import type { Fetch } from '../net/fetch.ts';

/** An MCP server as the gateway lists it. */
export interface ListedServer {
  name: string;
  description: string;
  url: URL;
  /** The gateway holds a token of this user for the server's provider. */
  connected: boolean;
  /** Its address is a pattern such as https://*.example.com, which nobody can call. */
  isPattern: boolean;
}

/** The gateway could not be asked, or did not answer as Pomerium does. */
export class GatewayError extends Error {
  readonly kind: 'unreachable' | 'refused' | 'unexpected';

  constructor(kind: GatewayError['kind'], message: string, cause?: unknown) {
    super(message, { cause });
    this.kind = kind;
  }
}

export interface GatewayClient {
  /** All MCP servers of the gateway in alphabetical order, whether the policy lets the user in or not. Throws GatewayError. */
  servers(token: string, signal: AbortSignal): Promise<ListedServer[]>;
  /** Makes the gateway forget the user's token for a server's provider. Throws GatewayError. */
  disconnect(token: string, server: URL, signal: AbortSignal): Promise<void>;
}

const LIMIT = 4 * 1024 * 1024;

/** Pomerium's own routes for client applications, at the application's host (v0.33.1 internal/mcp/handler_list_routes.go). */
export function createGatewayClient(own: URL, fetch: Fetch): GatewayClient {
  const ask = async (token: string, signal: AbortSignal, path: string, body?: unknown): Promise<unknown> => {
    const headers: Record<string, string> = { authorization: `Bearer ${token}`, accept: 'application/json' };
    if (body !== undefined) headers['content-type'] = 'application/json';
    const sent = { method: body === undefined ? 'GET' : 'POST', headers, signal, redirect: 'manual' as const };
    try {
      const response = await fetch(
        new URL(path, own),
        body === undefined ? sent : { ...sent, body: JSON.stringify(body) },
      );
      return await readJson(response);
    } catch (error) {
      if (error instanceof GatewayError) throw error;
      const why = error instanceof Error ? error.message : String(error);
      throw new GatewayError('unreachable', `${own.host} does not answer: ${why}`, error);
    }
  };
  return {
    async servers(token, signal) {
      const listed = await ask(token, signal, '/.pomerium/mcp/routes');
      const entries = isRecord(listed) && Array.isArray(listed['servers']) ? listed['servers'] : undefined;
      if (!entries) throw new GatewayError('unexpected', 'its list of servers has another shape');
      return entries.flatMap(toServer).toSorted((a, b) => a.name.localeCompare(b.name));
    },
    async disconnect(token, server, signal) {
      await ask(token, signal, '/.pomerium/mcp/routes/disconnect', { routes: [server.origin] });
    },
  };
}

async function readJson(response: Response): Promise<unknown> {
  const { status } = response;
  const text = (await response.text()).slice(0, LIMIT);
  if (status === 401 || status === 403) throw new GatewayError('refused', `it answered with status ${status}`);
  if (status !== 200) throw new GatewayError('unexpected', `it answered with status ${status}: ${text.slice(0, 200)}`);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new GatewayError('unexpected', 'it answered with something that is not JSON', error);
  }
}

function toServer(value: unknown): ListedServer[] {
  if (!isRecord(value) || typeof value['url'] !== 'string') return [];
  const isPattern = value['url'].includes('*');
  const url = URL.parse(value['url']);
  // The user's token goes there, so nothing but https will do.
  if (url?.protocol !== 'https:') return [];
  const { name, description } = value;
  return [
    {
      name: typeof name === 'string' && name !== '' ? name : url.host,
      description: typeof description === 'string' ? description : '',
      url,
      connected: value['connected'] === true,
      isPattern,
    },
  ];
}
