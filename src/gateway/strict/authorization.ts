import type { Exchange } from '../exchange.ts';
import type { CodeRequest } from '../identity/code-grant.ts';
import type { Client } from '../identity/client-table.ts';
import { redirectProblem } from './redirect-rules.ts';

/** What an authorization request needs beyond what Pomerium asks (OAuth 2.1 §4.1.1, RFC 8707 §2); undefined: nothing. */
export function authorizationProblem(
  exchange: Exchange,
  { metadata }: Client,
  request: Omit<CodeRequest, 'sessionId'>,
): string | undefined {
  const { redirectUri, codeChallenge, codeChallengeMethod } = request;
  if (redirectUri === undefined) return 'redirect_uri is missing';
  const problem = redirectProblem(redirectUri);
  if (problem !== undefined) return `the redirect URI ${problem}`;
  if (codeChallenge === undefined) return 'code_challenge is missing: every client has to use PKCE';
  if (codeChallengeMethod !== 'S256') return 'code_challenge_method has to be S256';
  if (metadata.redirect_uris.length === 0) return 'client has no redirect URIs';
  const foreign = exchange.query.getAll('resource').find((resource) => !isResourceOf(resource, exchange.host));
  return foreign === undefined ? undefined : 'invalid_target: the resource is none of this host';
}

/** Whether a resource indicator (RFC 8707 §2) names something at a host, whose authorization server is there too. */
export function isResourceOf(resource: string, host: string): boolean {
  if (!URL.canParse(resource) || resource.includes('#')) return false;
  const { protocol, host: named, username, password } = new URL(resource);
  const own = new URL(`https://${host}`).host;
  return protocol === 'https:' && named === own && username === '' && password === '';
}

/** What a code or a refresh token is sealed to: its client, and the host whose tokens it stands for. */
export function boundTo(clientId: string, host: string): string {
  return `${clientId} at ${host}`;
}

/** What the token of an application behind a client route is sealed to: it calls all servers of its user, for five minutes. */
export const CLIENT_ROUTE = 'client route';
