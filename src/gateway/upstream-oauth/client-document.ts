import type { RouteTable } from '../../pomerium/index.ts';
import type { Exchange, Reply } from '../exchange.ts';
import { json } from '../identity/answers.ts';
import { textReply } from '../replies.ts';
import { serviceOf } from './service.ts';
import { CALLBACK_PATH, DOCUMENT_PATH } from './setup.ts';

/**
 * The gateway's own client ID metadata document, under whose URL authorization servers know it: Pomerium v0.33.1
 * internal/mcp/handler_cimd.go. A route with `upstream_oauth2`, be it empty, has none.
 */
export function clientDocument(table: RouteTable, { host }: Exchange): Reply {
  const service = serviceOf(table, host);
  if (!service || service.server.upstream_oauth2) return textReply(404, 'Not Found');
  const document = {
    client_id: `https://${host}${DOCUMENT_PATH}`,
    client_name: service.route.route.name || `Pomerium MCP Proxy - ${service.hostname}`,
    client_uri: `https://${host}`,
    redirect_uris: [`https://${host}${CALLBACK_PATH}`],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  };
  const reply = json(200, document);
  return { ...reply, headers: [['Cache-Control', 'public, max-age=3600'], ...reply.headers] };
}
