import { SIGN_IN_HEADER } from '../authorization.ts';
import { userOf } from '../users.ts';
import type { Client } from './clients.ts';
import { json, redirect, type Answer, type Received } from './http.ts';
import { consentPage, refusalPage } from './page.ts';
import { ELEVATED, ENDPOINTS, type Site } from './site.ts';

interface AuthorizationRequest {
  client: Client;
  redirectUri: string;
  state: string | null;
  challenge: string;
  scopes: readonly string[];
  resource: string | undefined;
}

/** The authorization endpoint (RFC 6749 §3.1): a page for people, one redirect for scripts. */
export async function authorize(site: Site, received: Received): Promise<Answer> {
  const { query } = received;
  const client = await site.clients.find(query.get('client_id') ?? '');
  if (typeof client === 'string') return refuse(site, client);
  const redirectUri = query.get('redirect_uri') ?? '';
  if (!mayBeAnsweredAt(client, redirectUri)) return refuse(site, `the redirect URI is not registered: ${redirectUri}`);
  const request = readRequest(site, query, client, redirectUri);
  if ('error' in request) return answer(site, redirectUri, query.get('state'), request);
  return decide(site, received, request);
}

function decide(site: Site, received: Received, request: AuthorizationRequest): Answer {
  const { users, autoApprove } = site.options;
  const header = received.headers[SIGN_IN_HEADER];
  const named = typeof header === 'string' ? header : (autoApprove ?? received.form.get('user'));
  if (received.form.has('decline')) return decline(site, request, 'the user declined');
  if (named !== null && isOwnForm(received)) {
    if (userOf(users, named)) return approve(site, request, named);
    const known = Object.keys(users);
    const description = `there is no user \`${named}\`; known users: ${known.join(', ')}`;
    return json(400, { error: 'unknown_user', error_description: description, users: known });
  }
  return consentPage({
    action: `${new URL(site.options.issuer).pathname.replace(/\/$/, '')}${ENDPOINTS.authorize}?${received.query.toString()}`,
    client: request.client.name,
    host: new URL(request.redirectUri).host,
    scopes: request.scopes,
    users,
  });
}

/** Another site's form must not approve anything; scripts send no Origin. */
function isOwnForm({ method, headers }: Received): boolean {
  if (method !== 'POST' || headers.origin === undefined) return true;
  return URL.parse(headers.origin)?.host === headers.host;
}

function readRequest(
  site: Site,
  query: URLSearchParams,
  client: Client,
  redirectUri: string,
): AuthorizationRequest | Record<'error' | 'error_description', string> {
  const wrong = (error: string, error_description: string): Record<'error' | 'error_description', string> => {
    site.count('refused');
    return { error, error_description };
  };
  if (query.get('response_type') !== 'code') return wrong('unsupported_response_type', 'only code is offered');
  const challenge = query.get('code_challenge');
  if (challenge === null || query.get('code_challenge_method') !== 'S256') {
    return wrong('invalid_request', 'PKCE with S256 is required');
  }
  const asked = (query.get('scope') ?? '').split(site.behaviour.scopeSeparator).filter((scope) => scope !== '');
  const unknown = asked.filter((scope) => scope !== ELEVATED && !site.options.scopes.includes(scope));
  if (unknown.length > 0) return wrong('invalid_scope', `there is no scope ${unknown.join(', ')}`);
  const scopes = asked.length > 0 ? asked : site.options.scopes;
  const resource = query.get('resource') ?? undefined;
  return { client, redirectUri, state: query.get('state'), challenge, scopes, resource };
}

function approve(site: Site, request: AuthorizationRequest, user: string): Answer {
  const { client, redirectUri, challenge, scopes, resource, state } = request;
  const code = site.grants.issueCode({ user, clientId: client.id, scopes, resource }, { redirectUri, challenge });
  site.count('authorizations');
  site.options.log({ level: 'info', message: 'access approved', user, client: client.id, scopes, resource });
  return answer(site, redirectUri, state, { code });
}

function decline(site: Site, { redirectUri, state, client }: AuthorizationRequest, description: string): Answer {
  site.count('refused');
  site.options.log({ level: 'info', message: 'access declined', client: client.id });
  return answer(site, redirectUri, state, { error: 'access_denied', error_description: description });
}

/** With `iss`, by which a client tells servers apart (RFC 9207). */
function answer(
  site: Site,
  redirectUri: string,
  state: string | null,
  parameters: Readonly<Record<string, string>>,
): Answer {
  const url = new URL(redirectUri);
  const all = { ...parameters, ...(state === null ? {} : { state }), iss: site.options.issuer };
  for (const [name, value] of Object.entries(all)) url.searchParams.set(name, value);
  return redirect(url.href);
}

function refuse(site: Site, reason: string): Answer {
  site.count('refused');
  site.options.log({ level: 'warn', message: 'refused an authorization request', reason });
  return refusalPage(reason);
}

function mayBeAnsweredAt(client: Client, redirectUri: string): boolean {
  if (client.redirectUris) return client.redirectUris.includes(redirectUri);
  return /^https?:$/.test(URL.parse(redirectUri)?.protocol ?? '');
}
