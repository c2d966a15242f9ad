import { parseJson, recordOf } from '../../json.ts';
import { isTextList } from './clients.ts';
import { json, oauthError, type Answer, type Received } from './http.ts';
import type { Site } from './site.ts';

/** Dynamic client registration (RFC 7591 §3). */
export function register(site: Site, { body, method }: Received): Answer {
  if (!site.options.registration || method !== 'POST') {
    return oauthError(method === 'POST' ? 404 : 405, 'invalid_request', 'clients cannot register here');
  }
  const asked = recordOf(parseJson(body));
  const redirectUris = asked['redirect_uris'];
  if (!isTextList(redirectUris) || !redirectUris.every((uri) => URL.canParse(uri))) {
    return oauthError(400, 'invalid_redirect_uri', 'redirect_uris has to list URLs');
  }
  const wanted = asked['token_endpoint_auth_method'] ?? 'client_secret_basic';
  const authentication = site.behaviour.clientAuthentication.find((known) => known === wanted);
  if (!authentication)
    return oauthError(400, 'invalid_client_metadata', 'token_endpoint_auth_method is not offered here');
  const name = typeof asked['client_name'] === 'string' ? asked['client_name'] : 'a registered client';
  const client = site.clients.register(name, redirectUris, authentication !== 'none');
  site.count('registrations');
  site.options.log({ level: 'info', message: 'client registered', client: client.id, name });
  return json(201, {
    client_id: client.id,
    client_id_issued_at: Math.floor((site.options.now ?? Date.now)() / 1000),
    // RFC 7591 §3.2.1: required beside a secret; 0 says that it does not expire.
    ...(client.secret === undefined ? {} : { client_secret: client.secret, client_secret_expires_at: 0 }),
    client_name: name,
    redirect_uris: redirectUris,
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: authentication,
  });
}
