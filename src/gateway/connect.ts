import type { Session } from '../pomerium/model.ts';
import type { Exchange, Reply } from './exchange.ts';
import { redirect } from './identity/answers.ts';
import { withParameters } from './identity/redirect-uri.ts';
import { isMcpClientHost, mcpServers, withoutPort } from './mcp-hosts.ts';
import { textReply } from './replies.ts';
import type { Gateway } from './state.ts';

/**
 * GET /.pomerium/mcp/connect, called on a server's host: lets the user consent at the server's upstream if that has not been done, and
 * returns to `redirect_url`. Pomerium v0.33.1 internal/mcp/handler_connect.go.
 */
export async function connect(gateway: Gateway, exchange: Exchange, session: Session): Promise<Reply> {
  const returnTo = exchange.query.get('redirect_url') ?? '';
  if (!mayReturnTo(gateway, exchange, returnTo)) return textReply(400, 'invalid request');
  const route = mcpServers(gateway.state.table).get(withoutPort(exchange.host));
  if (!route || route.route.to.length === 0) return redirect(returnTo);
  const outcome = await gateway.identity.upstream.connect(exchange, session, route, returnTo);
  if (outcome.kind === 'connected') return redirect(returnTo);
  if (outcome.kind === 'redirect') return redirect(outcome.url);
  const why = `MCP connection failed. Ask your administrator to check logs for request ID: ${exchange.requestId}`;
  return redirect(withParameters(returnTo, { connect_error: why }));
}

/** Only the own host and the hosts of client applications, whatever the port. */
function mayReturnTo({ state }: Gateway, exchange: Exchange, text: string): boolean {
  if (!/^https:\/\/[^/?#]/i.test(text) || !URL.canParse(text)) return false;
  const { hostname } = new URL(text);
  return hostname === withoutPort(exchange.host) || isMcpClientHost(state.table, hostname);
}
