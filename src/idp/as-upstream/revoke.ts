import { json, oauthError, type Answer, type Received } from './http.ts';
import { authenticate } from './token.ts';
import type { Site } from './site.ts';

/** RFC 7009: an unknown token is no error. */
export async function revoke(site: Site, received: Received): Promise<Answer> {
  const client = await authenticate(site, received);
  if (typeof client === 'string') return oauthError(401, 'invalid_client', client);
  if (site.grants.revoke(received.form.get('token') ?? '')) {
    site.count('revocations');
    site.options.log({ level: 'info', message: 'token revoked', client: client.id });
  }
  return json(200, {});
}
