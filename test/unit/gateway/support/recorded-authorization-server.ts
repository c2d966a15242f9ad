import type { IncomingMessage, ServerResponse } from 'node:http';
import { startServer, type RecordedServer } from './recorded-upstream.ts';

const ISSUER = 'https://upas.corp.test:18490';

/** What the authorization server of the recordings was made to do; changed by a test while it runs. */
export interface Manner {
  /** Seconds; absent: the answer has no expires_in. */
  expiresIn?: number;
  refresh?: boolean;
  deny?: boolean;
  exchange?: 'refused';
  /** Status of the answer to a refresh, in place of a token. */
  refreshStatus?: number;
  /** How a client may make itself known. */
  offers?: 'documents' | 'registration' | 'nothing';
}

/** The upstream's authorization server: it asks nobody, and names its tokens in order. */
export class RecordedAuthorizationServer {
  manner: Manner = { expiresIn: 3_600, refresh: true };
  /** Tokens that the upstream takes. */
  readonly valid = new Set<string>();
  /** Forms of the token requests. */
  readonly requests: URLSearchParams[] = [];
  readonly #servers: RecordedServer[] = [];
  #count = 0;

  /** The ports of its plain and its TLS face. */
  async open(tls: { cert: string; key: string }): Promise<{ port: number; securePort: number }> {
    const answer = (request: IncomingMessage, response: ServerResponse, body: Buffer): void =>
      this.#answer(request, response, body.toString());
    const plain = await startServer(answer);
    const secure = await startServer(answer, tls);
    this.#servers.push(plain, secure);
    return { port: plain.port, securePort: secure.port };
  }

  async close(): Promise<void> {
    await Promise.all(this.#servers.map(async (server) => server.close()));
  }

  /** What became of the request for consent: where the browser is sent. */
  consent(url: URL): string {
    const back = new URL(url.searchParams.get('redirect_uri') ?? '');
    back.searchParams.set('state', url.searchParams.get('state') ?? '');
    if (this.manner.deny) {
      back.searchParams.set('error', 'access_denied');
      back.searchParams.set('error_description', 'the user said no');
    } else {
      back.searchParams.set('code', `upcode-${++this.#count}`);
    }
    return back.href;
  }

  #answer(request: IncomingMessage, response: ServerResponse, body: string): void {
    const json = (status: number, value: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    };
    switch (new URL(request.url ?? '/', ISSUER).pathname) {
      case '/.well-known/oauth-authorization-server':
        return json(200, this.#metadata());
      case '/register':
        return json(201, {
          ...(JSON.parse(body) as object),
          client_id: 'dcr-client-1',
          token_endpoint_auth_method: 'none',
        });
      case '/token':
        return this.#token(new URLSearchParams(body), json);
      default:
        return json(404, {});
    }
  }

  #token(form: URLSearchParams, json: (status: number, value: unknown) => void): void {
    this.requests.push(form);
    const { expiresIn, refresh, exchange, refreshStatus } = this.manner;
    const isRefresh = form.get('grant_type') === 'refresh_token';
    if (isRefresh && refreshStatus !== undefined) return json(refreshStatus, { error: 'invalid_grant' });
    if (!isRefresh && exchange === 'refused') return json(400, { error: 'invalid_grant' });
    const token = `upstream-token-${++this.#count}`;
    this.valid.add(token);
    return json(200, {
      access_token: token,
      token_type: 'Bearer',
      ...(expiresIn !== undefined && { expires_in: expiresIn }),
      ...(refresh && { refresh_token: `upstream-refresh-${this.#count}` }),
    });
  }

  #metadata(): Record<string, unknown> {
    const { offers = 'documents' } = this.manner;
    return {
      issuer: ISSUER,
      authorization_endpoint: `${ISSUER}/authorize`,
      token_endpoint: `${ISSUER}/token`,
      response_types_supported: ['code'],
      code_challenge_methods_supported: ['S256'],
      scopes_supported: ['read', 'write'],
      ...(offers === 'documents' && { client_id_metadata_document_supported: true }),
      ...(offers === 'registration' && { registration_endpoint: `${ISSUER}/register` }),
    };
  }
}
