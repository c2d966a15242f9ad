import type { Ctx } from '../context.ts';
import { CliError } from '../errors.ts';
import { parseRecord } from '../json.ts';
import { withToken } from '../mcp/index.ts';
import { signInFor, type SignInOptions } from './sign-in.ts';
import type { Target } from './target.ts';

/** One MCP server of a gateway, as /.pomerium/mcp/routes lists it. */
export interface ListedRoute {
  name?: string;
  url: string;
  /** Whether a token of the user is stored for its upstream. */
  connected: boolean;
}

/** Asks Pomerium's portal as the user whose token this is. Throws NO_PORTAL where the server has none. */
export async function askPortal(
  ctx: Ctx,
  target: Target,
  options: SignInOptions,
  request: { path: string; body?: object },
): Promise<ListedRoute[]> {
  const fetch = target.fetch();
  return withToken(signInFor(ctx, target, options), async (token) => {
    const response = await fetch(new URL(request.path, target.server), {
      method: request.body ? 'POST' : 'GET',
      headers: {
        accept: 'application/json',
        'content-type': 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(request.body ? { body: JSON.stringify(request.body) } : {}),
      signal: ctx.signal,
    });
    const text = await response.text();
    const servers = response.status === 200 ? serversIn(text) : undefined;
    if (servers) return servers;
    throw new CliError({
      code: 'NO_PORTAL',
      message: `${target.server.host} does not tell which servers the user is connected to`,
      why: `${request.path} answered ${response.status}; it is there on Pomerium since v0.31.0, and on the development gateway`,
      fix: `mcpgw trace ${target.word}    # shows what it does answer`,
    });
  });
}

/** The entry of one server. */
export function entryOf(routes: readonly ListedRoute[], { server }: Target): ListedRoute | undefined {
  return routes.find(({ url }) => URL.parse(url)?.host === server.host);
}

function serversIn(text: string): ListedRoute[] | undefined {
  const servers = parseRecord(text)?.['servers'];
  return Array.isArray(servers) ? (servers as ListedRoute[]) : undefined;
}
