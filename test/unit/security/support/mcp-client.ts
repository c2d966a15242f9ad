import { createHash, randomBytes } from 'node:crypto';
import type { Fetch } from '../../../../src/net/fetch.ts';
import type { Person, Shown } from '../../../helpers/person.ts';
import { A } from './hosts.ts';

export const CALLBACK = 'http://127.0.0.1:7777/callback';

export interface Answered {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
}

export interface Tokens {
  access: string;
  refresh: string;
}

/** An MCP client whose user has a browser; each step of OAuth can be taken, and taken wrongly. */
export class McpClient {
  readonly verifier = randomBytes(32).toString('base64url');
  readonly person: Person;
  id = '';
  secret = '';
  readonly #fetch: Fetch;

  constructor(fetch: Fetch, person: Person) {
    this.#fetch = fetch;
    this.person = person;
  }

  /** Registers itself; what was answered. */
  async register(metadata: Record<string, unknown> = {}, server = A): Promise<Answered> {
    const wanted = { redirect_uris: [CALLBACK], token_endpoint_auth_method: 'none', ...metadata };
    const answered = await this.post(`${server}/.pomerium/mcp/register`, JSON.stringify(wanted), 'application/json');
    this.id = String(answered.body['client_id']);
    this.secret = String(answered.body['client_secret']);
    return answered;
  }

  /** Parameters that are undefined stay away. */
  authorizeUrl(changes: Record<string, string | undefined> = {}, server = A): string {
    const parameters: Record<string, string | undefined> = {
      response_type: 'code',
      client_id: this.id,
      redirect_uri: CALLBACK,
      state: 'st-1',
      code_challenge: createHash('sha256').update(this.verifier).digest('base64url'),
      code_challenge_method: 'S256',
      ...changes,
    };
    const query = new URLSearchParams(
      Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined),
    );
    return `${server}/.pomerium/mcp/authorize?${query.toString()}`;
  }

  /** Where the browser ends up; its URL is the client's own when the client gets a code. */
  authorize(changes: Record<string, string | undefined> = {}, server = A): Promise<Shown> {
    return this.person.open(this.authorizeUrl(changes, server));
  }

  /** The code of an authorization that needs no more than signing in, or consent. */
  async code(server = A, changes: Record<string, string | undefined> = {}): Promise<string> {
    let shown = await this.authorize(changes, server);
    if (shown.status === 200 && shown.body.includes('name="consent"')) shown = await this.consent(shown);
    const code = shown.url.startsWith('http') ? new URL(shown.url).searchParams.get('code') : null;
    if (code === null) throw new Error(`no code: ${shown.status} ${shown.url} ${shown.body.slice(0, 300)}`);
    return code;
  }

  /** Presses a button of the consent page. */
  consent(shown: Shown, decision = 'allow', changes: Record<string, string> = {}): Promise<Shown> {
    const field = /name="consent" value="([^"]+)"/.exec(shown.body)?.[1] ?? '';
    const { origin } = new URL(shown.url);
    const body = new URLSearchParams({ consent: field, decision, ...changes }).toString();
    return this.person.open(`${origin}/.pomerium/mcp/consent`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin },
    });
  }

  redeem(code: string, changes: Record<string, string | undefined> = {}, server = A): Promise<Answered> {
    return this.requestToken(
      {
        grant_type: 'authorization_code',
        client_id: this.id,
        code,
        code_verifier: this.verifier,
        redirect_uri: CALLBACK,
        ...changes,
      },
      server,
    );
  }

  refresh(token: string, changes: Record<string, string> = {}, server = A): Promise<Answered> {
    return this.requestToken(
      { grant_type: 'refresh_token', client_id: this.id, refresh_token: token, ...changes },
      server,
    );
  }

  requestToken(form: Record<string, string | undefined>, server = A): Promise<Answered> {
    const present = Object.entries(form).filter((entry): entry is [string, string] => entry[1] !== undefined);
    const body = new URLSearchParams(present).toString();
    return this.post(`${server}/.pomerium/mcp/token`, body, 'application/x-www-form-urlencoded');
  }

  /** Registers, signs in, redeems. */
  async tokens(server = A): Promise<Tokens> {
    if (this.id === '') await this.register();
    return tokensOf(await this.redeem(await this.code(server), {}, server));
  }

  /** Calls a tool; `token` undefined: as nobody. */
  async call(
    token: string | undefined,
    server = A,
    sent: { tool?: string; body?: string; headers?: Record<string, string>; method?: string; path?: string } = {},
  ): Promise<{ status: number; headers: Headers; text: string }> {
    const { tool = 'hello', method = 'POST', path = '/' } = sent;
    const body = sent.body ?? JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: tool } });
    const response = await this.#fetch(`${server}${path}`, {
      method,
      ...(method === 'GET' || method === 'DELETE' ? {} : { body }),
      headers: {
        accept: 'application/json, text/event-stream',
        'content-type': 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...sent.headers,
      },
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  async post(url: string, body: string, type: string): Promise<Answered> {
    const response = await this.#fetch(url, { method: 'POST', body, headers: { 'content-type': type } });
    const text = await response.text();
    const parsed: unknown = text.startsWith('{') ? JSON.parse(text) : { text };
    return { status: response.status, headers: response.headers, body: parsed as Record<string, unknown> };
  }
}

export function tokensOf({ status, body }: Answered): Tokens {
  if (status !== 200) throw new Error(`no tokens: ${status} ${JSON.stringify(body)}`);
  return { access: String(body['access_token']), refresh: String(body['refresh_token']) };
}
