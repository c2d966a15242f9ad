import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

export interface TestUser {
  sub: string;
  email: string;
  name: string;
  groups: string[];
}

export const ALICE: TestUser = {
  sub: 'alice',
  email: 'alice@company.com',
  name: 'Alice TestUser',
  groups: ['admins', 'engineering'],
};

/** Ways in which the provider can misbehave; changed by a test while it runs. */
export interface Mischief {
  discovery?: 'broken';
  token?: 'error' | 'rubbish' | 'wrong-key' | 'wrong-audience' | 'no-id-token';
  userinfo?: 'error' | 'other-subject';
  deny?: boolean;
  noRefreshToken?: boolean;
  /** Refresh tokens may be used again and again. */
  reusableRefreshTokens?: boolean;
}

export interface TestProvider {
  issuer: string;
  user: TestUser;
  mischief: Mischief;
  /** Token requests seen, as forms. */
  tokenRequests: URLSearchParams[];
  revoked: string[];
  rotateKeys(): Promise<void>;
  close(): Promise<void>;
}

/** A small OpenID provider over plain http: everybody is signed in as `user` at once; refresh tokens rotate. */
export async function startProvider(): Promise<TestProvider> {
  let keys = await createKeys();
  const stranger = await createKeys();
  const codes = new Map<string, URLSearchParams>();
  const refreshTokens = new Set<string>();
  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const provider: TestProvider = {
    issuer,
    user: ALICE,
    mischief: {},
    tokenRequests: [],
    revoked: [],
    rotateKeys: async () => {
      keys = await createKeys();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', issuer);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    const json = (status: number, value: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    };
    switch (url.pathname) {
      case '/.well-known/openid-configuration':
        if (provider.mischief.discovery === 'broken') return void response.writeHead(200).end('<html>not json');
        return json(200, metadata(issuer));
      case '/jwks':
        return json(200, { keys: [keys.jwk] });
      case '/auth':
        return authorize(url, response);
      case '/token':
        return token(form, json, response);
      case '/userinfo':
        if (provider.mischief.userinfo === 'error') return json(500, {});
        return json(200, {
          ...provider.user,
          ...(provider.mischief.userinfo === 'other-subject' ? { sub: 'mallory' } : {}),
          locale: 'en',
        });
      case '/revoke':
        provider.revoked.push(form.get('token') ?? '');
        refreshTokens.delete(form.get('token') ?? '');
        return void response.writeHead(200).end();
      default:
        return void response.writeHead(404).end();
    }
  }

  function authorize(url: URL, response: ServerResponse): void {
    const back = new URL(url.searchParams.get('redirect_uri') ?? '');
    back.searchParams.set('state', url.searchParams.get('state') ?? '');
    back.searchParams.set('iss', issuer);
    if (provider.mischief.deny) {
      back.searchParams.set('error', 'access_denied');
    } else {
      const code = randomUUID();
      codes.set(code, url.searchParams);
      back.searchParams.set('code', code);
    }
    response.writeHead(303, { location: back.href }).end();
  }

  async function token(
    form: URLSearchParams,
    json: (status: number, value: unknown) => void,
    response: ServerResponse,
  ): Promise<void> {
    provider.tokenRequests.push(form);
    if (provider.mischief.token === 'error') return json(400, { error: 'invalid_client' });
    if (provider.mischief.token === 'rubbish')
      return void response.writeHead(200, { 'content-type': 'text/html' }).end('<p>hello');
    const known =
      form.get('grant_type') === 'refresh_token'
        ? takeRefreshToken(form.get('refresh_token') ?? '')
        : codes.delete(form.get('code') ?? '') && form.get('code_verifier') !== null;
    if (!known) return json(400, { error: 'invalid_grant' });
    const refreshToken = provider.mischief.noRefreshToken ? undefined : randomUUID();
    if (refreshToken) refreshTokens.add(refreshToken);
    return json(200, {
      access_token: randomUUID(),
      token_type: 'Bearer',
      expires_in: 3600,
      ...(refreshToken ? { refresh_token: refreshToken } : {}),
      ...(provider.mischief.token === 'no-id-token' ? {} : { id_token: await idToken() }),
    });
  }

  function takeRefreshToken(token: string): boolean {
    return provider.mischief.reusableRefreshTokens ? refreshTokens.has(token) : refreshTokens.delete(token);
  }

  async function idToken(): Promise<string> {
    const signer = provider.mischief.token === 'wrong-key' ? { ...stranger, kid: keys.kid } : keys;
    return new SignJWT({ email: provider.user.email, name: provider.user.name })
      .setProtectedHeader({ alg: 'ES256', kid: signer.kid })
      .setIssuer(issuer)
      .setSubject(provider.user.sub)
      .setAudience(provider.mischief.token === 'wrong-audience' ? 'somebody-else' : 'pomerium')
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(signer.privateKey);
  }

  return provider;
}

function metadata(issuer: string): Record<string, unknown> {
  return {
    issuer,
    authorization_endpoint: `${issuer}/auth`,
    token_endpoint: `${issuer}/token`,
    userinfo_endpoint: `${issuer}/userinfo`,
    jwks_uri: `${issuer}/jwks`,
    revocation_endpoint: `${issuer}/revoke`,
    end_session_endpoint: `${issuer}/logout`,
    id_token_signing_alg_values_supported: ['ES256'],
    authorization_response_iss_parameter_supported: true,
  };
}

async function createKeys() {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const kid = randomUUID();
  return { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' } };
}
