import { createHash, randomBytes } from 'node:crypto';
import type { Fetch } from '../../src/net/fetch.ts';
import { CookieJar } from '../../src/oauth/cookies.ts';

const CALLBACK = 'http://127.0.0.1:7777/callback';

/** What somebody was shown: an answer, its body read. */
export interface Shown {
  url: string;
  status: number;
  headers: Headers;
  body: string;
}

/** A user of the development identity provider with a browser of their own, and an MCP client to go with it. */
export class Person {
  readonly name: string;
  /** All answers, in order. */
  readonly shown: Shown[] = [];
  readonly #fetch: Fetch;
  readonly #jar = new CookieJar();
  /** Origins that ask who somebody is, and are told. */
  readonly #asked: readonly string[];

  constructor(name: string, fetch: Fetch, asked: readonly string[]) {
    this.name = name;
    this.#fetch = fetch;
    this.#asked = asked;
  }

  /** Opens a page and follows redirects up to one that leads to the MCP client, or to an answer that is none. */
  async open(address: string, init: RequestInit = {}): Promise<Shown> {
    let url = new URL(address);
    for (let hops = 0; hops < 20; hops++) {
      const shown = await this.#visit(url, init);
      const location = shown.headers.get('location');
      if (shown.status < 300 || shown.status > 399 || location === null) return shown;
      url = new URL(location, url);
      if (url.href.startsWith(CALLBACK)) return { ...shown, url: url.href };
    }
    throw new Error(`in circles: ${url.href}`);
  }

  async #visit(url: URL, init: RequestInit): Promise<Shown> {
    const headers = new Headers({ accept: 'text/html', ...(init.headers as Record<string, string> | undefined) });
    const cookie = this.#jar.header(url);
    if (cookie !== undefined) headers.set('cookie', cookie);
    if (this.#asked.includes(url.origin)) headers.set('x-mcpgw-sign-in', this.name);
    const response = await this.#fetch(url, { ...init, headers });
    this.#jar.take(response, url);
    const { status, headers: received } = response;
    const shown = { url: url.href, status, headers: received, body: await response.text() };
    this.shown.push(shown);
    return shown;
  }

  async json(address: string, init: RequestInit = {}): Promise<Record<string, unknown>> {
    const headers = { accept: 'application/json', ...(init.headers as Record<string, string> | undefined) };
    return JSON.parse((await this.open(address, { ...init, headers })).body) as Record<string, unknown>;
  }

  /** An External Token, got as an MCP client gets it: registration, sign-in, proof (OAuth 2.1 §4.1). */
  async authorizeClient(server: string): Promise<string> {
    const registration = JSON.stringify({ redirect_uris: [CALLBACK], token_endpoint_auth_method: 'none' });
    const { client_id: clientId } = await this.#post(
      `${server}/.pomerium/mcp/register`,
      registration,
      'application/json',
    );
    const verifier = randomBytes(32).toString('base64url');
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: String(clientId),
      redirect_uri: CALLBACK,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      state: 'st',
    });
    const { url } = await this.open(`${server}/.pomerium/mcp/authorize?${query.toString()}`);
    const code = new URL(url).searchParams.get('code');
    if (code === null) throw new Error(`no code: ${url}`);
    const form = new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: String(clientId),
      code,
      code_verifier: verifier,
    });
    const type = 'application/x-www-form-urlencoded';
    return String((await this.#post(`${server}/.pomerium/mcp/token`, form.toString(), type))['access_token']);
  }

  async #post(url: string, body: string, type: string): Promise<Record<string, unknown>> {
    return this.json(url, { method: 'POST', body, headers: { 'content-type': type } });
  }

  /** A tool call of the MCP client; the answer as it came. */
  async callTool(server: string, token: string, tool: string): Promise<Shown> {
    const message = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: tool, arguments: {} } };
    return this.open(server, {
      method: 'POST',
      body: JSON.stringify(message),
      headers: {
        accept: 'application/json, text/event-stream',
        'content-type': 'application/json',
        authorization: `Bearer ${token}`,
      },
    });
  }
}
