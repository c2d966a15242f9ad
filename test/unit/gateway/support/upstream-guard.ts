import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RecordedAuthorizationServer } from './recorded-authorization-server.ts';

const RESOURCE = 'https://upmcp.corp.test:18483';

/** How the MCP upstreams with a token of their own refuse. */
export type Refusal = 'insufficient' | 'forbidden' | 'foreign-metadata' | undefined;

/** Keeps everybody without a token of the authorization server away from an upstream, and tells where to get one. */
export class UpstreamGuard {
  refusal: Refusal;
  readonly #authorizationServer: RecordedAuthorizationServer;

  constructor(authorizationServer: RecordedAuthorizationServer) {
    this.#authorizationServer = authorizationServer;
  }

  /** True: answered. */
  check(request: IncomingMessage, response: ServerResponse): boolean {
    if (request.url?.startsWith('/.well-known/oauth-protected-resource')) return this.#metadata(request, response);
    if (this.refusal === 'forbidden') return refuse(response, 403, undefined, '{"error":"upstream says no"}');
    if (this.refusal === 'insufficient') {
      return refuse(response, 403, 'Bearer error="insufficient_scope", scope="write"');
    }
    if (this.refusal === 'foreign-metadata') {
      return refuse(
        response,
        401,
        'Bearer resource_metadata="https://elsewhere.test/.well-known/oauth-protected-resource"',
      );
    }
    const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (token !== undefined && this.#authorizationServer.valid.has(token)) return false;
    return refuse(response, 401, 'Bearer error="invalid_token"');
  }

  /** Only the upstream under TLS has a document. */
  #metadata(request: IncomingMessage, response: ServerResponse): boolean {
    const isSecure = request.headers.host?.startsWith('upmcp.') === true;
    if (!isSecure) return refuse(response, 404, undefined);
    response.writeHead(200, { 'content-type': 'application/json' });
    const authorization_servers = ['https://upas.corp.test:18490'];
    response.end(JSON.stringify({ resource: RESOURCE, authorization_servers, scopes_supported: ['read', 'write'] }));
    return true;
  }
}

function refuse(response: ServerResponse, status: number, challenge: string | undefined, body = '{}'): true {
  const headers = {
    'content-type': 'application/json',
    ...(challenge !== undefined && { 'www-authenticate': challenge }),
  };
  response.writeHead(status, headers).end(body);
  return true;
}
