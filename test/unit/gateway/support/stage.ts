import { expect } from 'vitest';
import { ALICE as ALICE_THERE, type TestUser } from '../../gateway-identity/provider.ts';
import { differences } from './differences.ts';
import { readRecording } from './recordings.ts';
import { changed, withCookies, type Changes } from './request-changes.ts';
import { Surroundings } from './surroundings.ts';
import { Visitor } from './visitor.ts';
import type { WireResponse } from './wire.ts';

export const USERS = {
  alice: ALICE_THERE,
  bob: { sub: 'bob', email: 'bob@example.com', name: 'Bob TestUser', groups: [] },
} satisfies Record<string, TestUser>;
export type Who = keyof typeof USERS;

const CALLBACK = 'http://127.0.0.1:7777/callback';

export interface Registered {
  client_id: string;
  client_secret?: string;
}

/** Hosts whose answers are the gateway's. */
export function isGatewayHost(host: string): boolean {
  return /\.corp\.test(?::18443)?$|^echo\.localhost/.test(host);
}

/** Plays recordings, with people who sign in and whose credentials take the place of the recorded ones. */
export class Stage extends Surroundings {
  /** Names of the recordings played so far. */
  readonly played = new Set<string>();
  readonly visitors: Record<Who, Visitor> = { alice: new Visitor(), bob: new Visitor() };

  static async open(): Promise<Stage> {
    const stage = new Stage(...(await this.prepare()));
    await stage.start();
    return stage;
  }

  /** Sends a recorded request with what is replaced in it, and expects the recorded answer. */
  async play(name: string, changes: Changes = {}): Promise<WireResponse> {
    const { got, found } = await this.compare(name, changes);
    expect(found, name).toEqual([]);
    return got;
  }

  async compare(name: string, changes: Changes = {}): Promise<{ got: WireResponse; found: string[] }> {
    const recording = readRecording(name);
    this.played.add(name);
    const got = await this.send(changed(recording, changes));
    return { got, found: differences(recording, got) };
  }

  /** The same as a signed-in person: whichever credentials the recorded request had are theirs. */
  async playAs(who: Visitor, name: string, changes: Changes = {}): Promise<WireResponse> {
    const recording = readRecording(name);
    const { host } = recording;
    const headers: Changes['headers'] = {};
    const cookie = recording.headers.get('cookie');
    if (cookie !== undefined) headers['cookie'] = withCookies(cookie, who.cookieHeader(host));
    // What was cut was good; what was not was meant to be wrong.
    if (/^Bearer \S+~\d+$/.test(recording.headers.get('authorization') ?? '')) {
      headers['authorization'] = `Bearer ${who.accessToken}`;
    }
    const got = await this.play(name, { ...changes, headers: { ...headers, ...changes.headers } });
    who.keep(host, got);
    return got;
  }

  /** Signs in to a host of the gateway, unless the person is, and gives the client its tokens. */
  async signIn(who: Who, host = 'mcp.corp.test:18443'): Promise<Visitor> {
    const visitor = this.visitors[who];
    this.provider.user = USERS[who];
    visitor.clientId ||= (await this.register()).client_id;
    await this.redeem(visitor, await this.tokenForm(visitor, host));
    return visitor;
  }

  authorizeTarget({ clientId, challenge }: Visitor): string {
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: clientId,
      redirect_uri: CALLBACK,
      code_challenge: challenge,
      code_challenge_method: 'S256',
      state: 'st-1',
    });
    return `/.pomerium/mcp/authorize?${query.toString()}`;
  }

  async register(metadata: Record<string, unknown> = {}): Promise<Registered> {
    const body = JSON.stringify({ redirect_uris: [CALLBACK], token_endpoint_auth_method: 'none', ...metadata });
    const response = await this.send(post('/.pomerium/mcp/register', 'application/json', body));
    return JSON.parse(response.body.toString()) as Registered;
  }

  /** A code for the visitor's client, and the rest of a good token request. */
  async tokenForm(visitor: Visitor, host = 'mcp.corp.test:18443', more = ''): Promise<Record<string, string>> {
    const location = await this.browse(visitor, `https://${host}${this.authorizeTarget(visitor)}${more}`);
    return this.formFor(visitor, location);
  }

  formFor({ clientId, verifier }: Visitor, location: string): Record<string, string> {
    const code = new URL(location).searchParams.get('code') ?? '';
    return { grant_type: 'authorization_code', client_id: clientId, code, code_verifier: verifier };
  }

  async redeem(visitor: Visitor, form: Record<string, string>): Promise<void> {
    const body = new URLSearchParams(form).toString();
    visitor.takeTokens(await this.send(post('/.pomerium/mcp/token', 'application/x-www-form-urlencoded', body)));
  }

  /** Opens a URL and follows redirects until one leads to the client or the answer is none; its last location, or the last URL. */
  async browse(visitor: Visitor, url: string): Promise<string> {
    for (let next = url, hops = 0; hops < 20; hops++) {
      if (next.startsWith(CALLBACK)) return next;
      const location = await this.hop(visitor, next);
      if (location === undefined) return next;
      next = location;
    }
    throw new Error('too many redirects');
  }

  /** One step of a browser; where it is sent, if anywhere. */
  async hop(visitor: Visitor, url: string): Promise<string | undefined> {
    const { host, pathname, search, origin } = new URL(url);
    if (origin === this.provider.issuer) {
      return (await fetch(url, { redirect: 'manual' })).headers.get('location') ?? undefined;
    }
    if (!isGatewayHost(host)) return this.authorizationServer.consent(new URL(url));
    const cookie = visitor.cookieHeader(host);
    const head = `GET ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\nAccept: text/html\r\n${cookie && `Cookie: ${cookie}\r\n`}`;
    const response = await this.send(`${head}Connection: close\r\n\r\n`);
    visitor.keep(host, response);
    const location = response.headers.get('location');
    return location === undefined ? undefined : new URL(location, url).href;
  }
}

function post(path: string, type: string, body: string): string {
  return `POST ${path} HTTP/1.1\r\nHost: mcp.corp.test:18443\r\nContent-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`;
}
