import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { startIdp, type DevUsers, type Idp, type IdpOptions } from '../../../src/idp/index.ts';
import type { LogEntry } from '../../../src/net/log.ts';

export const USERS: DevUsers = {
  admin: { email: 'admin@example.com', name: 'Ada Admin', groups: ['staff', 'admins'] },
  member: {
    email: 'member@example.com',
    name: 'Max Member',
    groups: ['staff'],
    claims: { department: 'books', level: 3 },
  },
  guest: { email: 'guest@elsewhere.test', name: 'Gus Guest', groups: [] },
};

export const ISSUER = 'http://idp.localhost:9080';
export const CALLBACK = 'https://authenticate.localhost:8443/oauth2/callback';
export const SECRET = 'not so secret';
const SCOPE = 'openid profile email groups offline_access';

export interface Started {
  idp: Idp;
  log: LogEntry[];
  app: Application;
}

export function temporaryState(): string {
  return join(mkdtempSync(join(tmpdir(), 'mcpgw-idp-')), 'state', 'idp.sqlite');
}

/** Starts a provider on a free port; it ends with the test. */
export async function start(options: Partial<IdpOptions> = {}): Promise<Started> {
  const log: LogEntry[] = [];
  const idp = await startIdp({
    issuer: ISSUER,
    listen: { host: '127.0.0.1', port: 0 },
    stateFile: ':memory:',
    users: USERS,
    client: { id: 'mcpgw', secret: SECRET, redirectUris: [CALLBACK] },
    log: (entry) => log.push(entry),
    ...options,
  });
  let open = true;
  const close = async (): Promise<void> => {
    if (open) await idp.close();
    open = false;
  };
  onTestFinished(close);
  return { idp: { ...idp, close }, log, app: createApplication(idp.address.port, options.issuer ?? ISSUER) };
}

export interface Tokens {
  access_token: string;
  id_token: string;
  refresh_token?: string;
  scope: string;
  error?: string;
  error_description?: string;
}

export type Application = ReturnType<typeof createApplication>;

/** The application that sends its users to the provider, and the browser they use, cookies and all. */
export function createApplication(port: number, issuer: string) {
  /** `path name` -> value. */
  const cookies = new Map<string, string>();
  const verifier = randomBytes(32).toString('base64url');

  /** Follows no redirect; the issuer's own URLs go to where the provider really listens. */
  async function browse(url: string, init: RequestInit = {}): Promise<Response> {
    const at = url.startsWith(issuer) ? url.slice(issuer.length) : url;
    const headers = new Headers(init.headers);
    const sent = [...cookies].filter(([key]) => at.startsWith(key.split(' ')[0] ?? ''));
    if (sent.length > 0) headers.set('cookie', sent.map(([key, value]) => `${key.split(' ')[1]}=${value}`).join('; '));
    const response = await fetch(`http://127.0.0.1:${port}${at}`, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = '', path = '/'] = /^([^=]+)=([^;]*).*?; path=([^;]+)/i.exec(line) ?? [];
      if (value === '') cookies.delete(`${path} ${name}`);
      else cookies.set(`${path} ${name}`, value);
    }
    return response;
  }

  function authorizationUrl(changes: Record<string, string> = {}): string {
    const query = new URLSearchParams({
      client_id: 'mcpgw',
      response_type: 'code',
      redirect_uri: CALLBACK,
      scope: SCOPE,
      state: 'some-state',
      nonce: 'some-nonce',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      ...changes,
    });
    return `/authorize?${query.toString()}`;
  }

  async function token(
    form: Record<string, string>,
    auth: 'basic' | 'post' | 'wrong' = 'basic',
  ): Promise<{ status: number; body: Tokens }> {
    const body = new URLSearchParams(form);
    const headers = new Headers();
    const secret = auth === 'wrong' ? 'guessed' : SECRET;
    if (auth === 'post') {
      body.set('client_id', 'mcpgw');
      body.set('client_secret', secret);
    } else headers.set('authorization', `Basic ${btoa(`mcpgw:${encodeURIComponent(secret)}`)}`);
    const response = await fetch(`http://127.0.0.1:${port}/token`, { method: 'POST', body, headers });
    return { status: response.status, body: (await response.json()) as Tokens };
  }

  return {
    browse,
    cookies,
    authorizationUrl,
    token,
    /** Opens the page of a new sign-in; `location` is its path. */
    async openSignIn(changes: Record<string, string> = {}): Promise<{ location: string; html: string }> {
      const response = await browse(authorizationUrl(changes));
      const location = locationOf(response);
      return { location, html: await (await browse(location)).text() };
    },
    /** Presses a user's button and follows to the application's callback. */
    async choose(location: string, user: string): Promise<URL> {
      const pressed = await browse(location, { method: 'POST', body: new URLSearchParams({ user }) });
      return new URL(locationOf(await browse(locationOf(pressed))));
    },
    /** The scripted sign-in: the callback comes with the first answer. */
    async signInAs(user: string, changes: Record<string, string> = {}): Promise<URL> {
      return new URL(locationOf(await browse(authorizationUrl(changes), { headers: { 'x-mcpgw-sign-in': user } })));
    },
    async redeem(callback: URL, auth?: 'basic' | 'post' | 'wrong'): Promise<{ status: number; body: Tokens }> {
      const code = callback.searchParams.get('code') ?? '';
      return token({ grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: verifier }, auth);
    },
    async refresh(refreshToken: string | undefined): Promise<{ status: number; body: Tokens }> {
      return token({ grant_type: 'refresh_token', refresh_token: refreshToken ?? '' });
    },
    async userinfo(accessToken: string): Promise<{ status: number; body: Record<string, unknown> }> {
      const response = await browse('/userinfo', { headers: { authorization: `Bearer ${accessToken}` } });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    },
  };
}

export function locationOf(response: Response): string {
  const location = response.headers.get('location');
  if (location === null) throw new Error(`no redirect but ${response.status}`);
  return location;
}
