import { createHash, timingSafeEqual } from 'node:crypto';
import type { Exchange } from '../exchange.ts';
import { isBrokenQuery } from './go-text.ts';
import type { Authorization } from './authorization-table.ts';
import type { Client } from './client-table.ts';

/** Bytes of a form that are read. */
const MAX_FORM = 1_048_576;

/** A token request (RFC 6749 §4.1.3 and §6) that is well-formed; empty parameters count as absent. */
export interface TokenRequest {
  grantType: string;
  clientId: string;
  clientSecret: string | undefined;
  /** Whether the credentials came in the Authorization header, and so may be form-encoded. */
  usesBasic: boolean;
  code: string | undefined;
  codeVerifier: string | undefined;
  refreshToken: string | undefined;
  redirectUri: string | undefined;
  /** Resource indicator (RFC 8707); Pomerium does not look at it. */
  resource: string | undefined;
}

const GRANT_TYPES = ['authorization_code', 'refresh_token', 'client_credentials'];

/** Pomerium v0.33.1 internal/oauth21/parse.go: form and query, the form first; undefined when the request is malformed. */
export async function readTokenRequest(exchange: Exchange): Promise<TokenRequest | undefined> {
  const form = await readForm(exchange);
  if (!form) return undefined;
  const value = (name: string): string | undefined => form.get(name) || exchange.query.get(name) || undefined;
  const basic = readBasic(exchange.headers.authorization);
  const grantType = value('grant_type');
  const clientId = value('client_id') ?? (basic?.id || undefined);
  const [code, codeVerifier, refreshToken] = [value('code'), value('code_verifier'), value('refresh_token')];
  if (grantType === undefined || !GRANT_TYPES.includes(grantType) || clientId === undefined) return undefined;
  if (grantType === 'authorization_code' && code === undefined) return undefined;
  if (grantType === 'refresh_token' && refreshToken === undefined) return undefined;
  if (codeVerifier !== undefined && (codeVerifier.length < 43 || codeVerifier.length > 128)) return undefined;
  const posted = value('client_secret');
  const clientSecret = posted ?? (basic?.secret || undefined);
  return {
    grantType,
    clientId,
    clientSecret,
    usesBasic: posted === undefined,
    code,
    codeVerifier,
    refreshToken,
    redirectUri: value('redirect_uri'),
    resource: value('resource'),
  };
}

async function readForm(exchange: Exchange): Promise<URLSearchParams | undefined> {
  const type = exchange.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  const text = type === 'application/x-www-form-urlencoded' ? (await exchange.body(MAX_FORM)).toString('utf8') : '';
  return isBrokenQuery(text) || isBrokenQuery(exchange.rawQuery) ? undefined : new URLSearchParams(text);
}

function readBasic(header: string | undefined): { id: string; secret: string } | undefined {
  const encoded = /^basic +(\S+)$/i.exec(header ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const pair = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return colon === -1 ? undefined : { id: pair.slice(0, colon), secret: pair.slice(colon + 1) };
}

/**
 * Whether the client proved to be itself. Stricter than Pomerium v0.33.1 in one point, which an honest client cannot see: the
 * secret of a `client_secret_basic` client is checked too. RFC 6749 §2.3.1 has the header's values form-encoded,
 * Pomerium takes them as they are; both are accepted.
 */
export function isAuthenticated({ metadata, secret }: Client, request: TokenRequest): boolean {
  if (metadata.token_endpoint_auth_method === 'none') return true;
  if (secret === undefined || request.clientSecret === undefined) return false;
  if (isSame(request.clientSecret, secret)) return true;
  return request.usesBasic && isSame(new URLSearchParams(`x=${request.clientSecret}`).get('x') ?? '', secret);
}

/** RFC 7636 §4.6; without a method the challenge is the verifier itself. */
export function provesPossession(authorization: Authorization, verifier: string | undefined): boolean {
  const { codeChallenge: challenge, codeChallengeMethod: method } = authorization;
  // A verifier without a challenge tells of a request whose challenge was stripped (RFC 9700 §4.8.2).
  if (challenge === undefined || verifier === undefined) return challenge === verifier;
  return isSame(method === 'S256' ? createHash('sha256').update(verifier).digest('base64url') : verifier, challenge);
}

function isSame(given: string, expected: string): boolean {
  return timingSafeEqual(digest(given), digest(expected));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
