import { createHash, randomBytes } from 'node:crypto';
import { onTestFinished } from 'vitest';
import {
  startUpstreamProvider,
  type UpstreamProvider,
  type UpstreamProviderOptions,
} from '../../../src/idp/as-upstream/index.ts';
import type { LogEntry } from '../../../src/net/log.ts';
import { USERS } from './application.ts';

export const CALLBACK = 'https://up.localhost:8443/.pomerium/mcp/client/oauth/callback';
export const CLIENT = { id: 'gateway', secret: 'not so secret: %&+', redirectUris: [CALLBACK] };
const VERIFIER = randomBytes(32).toString('base64url');

export interface Started {
  provider: UpstreamProvider;
  log: LogEntry[];
  client: UpstreamTester;
}

/** Starts an upstream provider on a free port; it ends with the test. */
export async function start(options: Partial<UpstreamProviderOptions> = {}): Promise<Started> {
  const log: LogEntry[] = [];
  const provider = await startUpstreamProvider({
    listen: { host: '127.0.0.1', port: 0 },
    issuer: 'http://upstream.localhost:9090',
    client: CLIENT,
    registration: true,
    clientMetadataDocuments: true,
    users: USERS,
    accessTokenLife: 3600,
    refreshTokens: true,
    scopes: ['read', 'write'],
    faults: [],
    log: (entry) => log.push(entry),
    ...options,
  });
  onTestFinished(() => provider.close());
  return { provider, log, client: testerOf(`http://127.0.0.1:${provider.address.port}`) };
}

export type UpstreamTester = ReturnType<typeof testerOf>;

/** A client of the provider, and the user's browser; nothing follows redirects. */
export function testerOf(origin: string) {
  const get = async (path: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${origin}${path}`, { headers, redirect: 'manual' });

  const post = (
    path: string,
    body: URLSearchParams | string,
    headers: Record<string, string> = {},
  ): Promise<Response> => fetch(`${origin}${path}`, { method: 'POST', body, headers, redirect: 'manual' });

  const token = (form: Record<string, string>): Promise<Response> =>
    post('/token', new URLSearchParams({ client_id: CLIENT.id, client_secret: CLIENT.secret, ...form }));

  const redeem = (callback: URL, changes: Record<string, string> = {}): Promise<Response> =>
    token({ ...codeForm(callback), ...changes });

  /** The scripted answer of a user: the callback comes with the first answer. */
  async function approveAs(user: string, changes: Record<string, string> = {}): Promise<URL> {
    const response = await get(authorizePath(changes), { 'x-mcpgw-sign-in': user });
    return new URL(response.headers.get('location') ?? '');
  }

  const request = (accessToken: string | undefined, message: Record<string, unknown>): Promise<Response> =>
    post('/mcp', JSON.stringify({ jsonrpc: '2.0', ...message }), {
      'content-type': 'application/json',
      ...(accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` }),
    });

  return {
    get,
    authorizePath,
    token,
    redeem,
    approveAs,
    request,
    /** Presses a button of the page. */
    press: (form: Record<string, string>, headers?: Record<string, string>): Promise<Response> =>
      post(authorizePath(), new URLSearchParams(form), headers),
    redeemByBasic(callback: URL): Promise<Response> {
      const credentials = btoa(`${CLIENT.id}:${encodeURIComponent(CLIENT.secret)}`);
      return post('/token', new URLSearchParams(codeForm(callback)), { authorization: `Basic ${credentials}` });
    },
    async signIn(user = 'admin', changes: Record<string, string> = {}): Promise<Tokens> {
      return (await (await redeem(await approveAs(user, changes))).json()) as Tokens;
    },
    refresh: (tokens: Tokens): Promise<Response> =>
      token({ grant_type: 'refresh_token', refresh_token: tokens.refresh_token ?? '' }),
    revoke: (value: string): Promise<Response> =>
      post('/revoke', new URLSearchParams({ client_id: CLIENT.id, client_secret: CLIENT.secret, token: value })),
    register: (asked: Record<string, unknown>): Promise<Response> => post('/register', JSON.stringify(asked)),
    call: (name: string, accessToken?: string): Promise<Response> =>
      request(accessToken, { id: 1, method: 'tools/call', params: { name, arguments: {} } }),
  };
}

export interface Tokens {
  access_token: string;
  token_type: string;
  expires_in?: number;
  refresh_token?: string;
  scope: string;
}

function authorizePath(changes: Record<string, string> = {}): string {
  const query = new URLSearchParams({
    client_id: CLIENT.id,
    response_type: 'code',
    redirect_uri: CALLBACK,
    state: 'some-state',
    code_challenge: createHash('sha256').update(VERIFIER).digest('base64url'),
    code_challenge_method: 'S256',
    ...changes,
  });
  return `/authorize?${query.toString()}`;
}

function codeForm(callback: URL): Record<string, string> {
  return {
    grant_type: 'authorization_code',
    code: callback.searchParams.get('code') ?? '',
    redirect_uri: CALLBACK,
    code_verifier: VERIFIER,
  };
}
