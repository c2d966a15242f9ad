import { timingSafeEqual } from 'node:crypto';
import type { Client } from './clients.ts';
import { answersChallenge, type Grant } from './grants.ts';
import { credentialOf, json, oauthError, type Answer, type Received } from './http.ts';
import type { Site } from './site.ts';

type Method = Site['behaviour']['clientAuthentication'][number];

interface Credentials {
  id: string;
  secret: string | undefined;
  method: Method;
}

/** The token endpoint (RFC 6749 §3.2): codes and refresh tokens against access tokens. */
export async function token(site: Site, received: Received): Promise<Answer> {
  if (received.method !== 'POST') return oauthError(405, 'invalid_request', 'the token endpoint takes POST');
  const client = await authenticate(site, received);
  if (typeof client === 'string') return refuseClient(site, client);
  const { form } = received;
  const grantType = form.get('grant_type');
  const granted =
    grantType === 'authorization_code'
      ? redeemCode(site, client, form)
      : grantType === 'refresh_token' && site.behaviour.refreshTokens
        ? refresh(site, client, form)
        : { error: 'unsupported_grant_type', reason: `grant_type ${grantType} is not offered` };
  if ('error' in granted) return refuseGrant(site, client, granted);
  return issue(site, granted);
}

/** RFC 6749 §2.3. A text says why the client is not believed. */
export async function authenticate(site: Site, received: Received): Promise<Client | string> {
  const credentials = credentialsOf(received);
  if (!site.behaviour.clientAuthentication.includes(credentials.method)) {
    return `${credentials.method} is not offered here`;
  }
  const client = await site.clients.find(credentials.id);
  if (typeof client === 'string') return client;
  if (client.secret === undefined) return client;
  return isSame(client.secret, credentials.secret ?? '') ? client : 'the client secret is wrong';
}

function credentialsOf(received: Received): Credentials {
  const basic = credentialOf(received, 'Basic');
  if (basic !== undefined) {
    const [id = '', secret = ''] = Buffer.from(basic, 'base64').toString('utf8').split(':', 2).map(fromForm);
    return { id, secret, method: 'client_secret_basic' };
  }
  const secret = received.form.get('client_secret') ?? undefined;
  const method = secret === undefined ? 'none' : 'client_secret_post';
  return { id: received.form.get('client_id') ?? '', secret, method };
}

/** Both halves are form-encoded before they are joined (RFC 6749 §2.3.1). */
function fromForm(text: string): string {
  return new URLSearchParams(`v=${text}`).get('v') ?? '';
}

function isSame(secret: string, given: string): boolean {
  const [left, right] = [Buffer.from(secret), Buffer.from(given)];
  return left.length === right.length && timingSafeEqual(left, right);
}

type Refusal = { error: string; reason: string };

function redeemCode(site: Site, client: Client, form: URLSearchParams): Grant | Refusal {
  const pending = site.grants.takeCode(form.get('code') ?? '');
  const error = 'invalid_grant';
  if (!pending || pending.grant.revoked) return { error, reason: 'the code is unknown, used or expired' };
  if (pending.grant.clientId !== client.id) return { error, reason: 'the code is another client’s' };
  if (pending.redirectUri !== form.get('redirect_uri')) return { error, reason: 'redirect_uri differs' };
  if (!answersChallenge(form.get('code_verifier') ?? '', pending.challenge)) {
    return { error, reason: 'code_verifier does not answer the challenge' };
  }
  return pending.grant;
}

/** Refresh tokens rotate: each is good once. */
function refresh(site: Site, client: Client, form: URLSearchParams): Grant | Refusal {
  const error = 'invalid_grant';
  const found = site.grants.takeRefreshToken(form.get('refresh_token') ?? '');
  if (!found || found.grant.clientId !== client.id) return { error, reason: 'the refresh token is unknown or revoked' };
  if (!found.reused) {
    site.count('refreshes');
    return found.grant;
  }
  if (site.behaviour.reuseEndsGrant) found.grant.revoked = true;
  const end = site.behaviour.reuseEndsGrant ? ', so the whole grant is revoked' : '';
  return { error, reason: `the refresh token was used before${end}` };
}

function issue(site: Site, grant: Grant): Answer {
  const { accessTokenLife, refreshTokens, scopeSeparator } = site.behaviour;
  const { user, clientId } = grant;
  site.count('tokensIssued');
  site.options.log({ level: 'info', message: 'tokens issued', user, client: clientId, life: accessTokenLife });
  return json(200, {
    access_token: site.grants.issueAccessToken(grant, accessTokenLife),
    token_type: 'Bearer',
    expires_in: accessTokenLife,
    ...(refreshTokens ? { refresh_token: site.grants.issueRefreshToken(grant) } : {}),
    scope: grant.scopes.join(scopeSeparator),
  });
}

function refuseClient(site: Site, reason: string): Answer {
  site.count('refused');
  site.options.log({ level: 'warn', message: 'refused a token request', error: 'invalid_client', reason });
  const answer = oauthError(401, 'invalid_client', reason);
  return { ...answer, headers: { ...answer.headers, 'www-authenticate': 'Basic realm="upstream provider"' } };
}

function refuseGrant(site: Site, client: Client, { error, reason }: Refusal): Answer {
  site.count('refused');
  site.options.log({ level: 'warn', message: 'refused a token request', error, reason, client: client.id });
  return oauthError(400, error, reason);
}
