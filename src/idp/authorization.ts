import type { OidcContext } from './oidc.ts';
import { SESSION_TTL, type Site } from './site.ts';
import { userOf } from './users.ts';

/** Request header that names the user to sign in, so that scripts need no page. */
export const SIGN_IN_HEADER = 'x-mcpgw-sign-in';

/**
 * Looks at an authorization request before oidc-provider does. False: it is answered already.
 * With the sign-in header the request gets a session of the named user in the place of whatever the browser had, so the code
 * comes with the very first redirect.
 */
export async function prepareAuthorization(site: Site, ctx: OidcContext): Promise<boolean> {
  const query = new URLSearchParams(ctx.querystring);
  const key = ctx.get(SIGN_IN_HEADER);
  if (key !== '') {
    if (!userOf(site.users, key)) {
      refuseUnknownUser(site, ctx, key);
      return false;
    }
    await startSession(site, ctx, key);
    // What asks for a fresh or a certain sign-in has just been given one.
    for (const name of ['prompt', 'max_age', 'id_token_hint']) query.delete(name);
  }
  if (keepOfflineAccess(query) || key !== '') ctx.querystring = query.toString();
  return true;
}

/** The user a scripted request signs in; undefined for a browser's. */
export function scriptedUser(ctx: OidcContext): string | undefined {
  const key = ctx.state['scriptedUser'];
  return typeof key === 'string' ? key : undefined;
}

/** Lists the known users: they are no secret, the sign-in page shows them to everybody. */
export function refuseUnknownUser(site: Site, ctx: OidcContext, key: string): void {
  const known = Object.keys(site.users);
  ctx.status = 400;
  ctx.set('Cache-Control', 'no-store');
  ctx.body = {
    error: 'unknown_user',
    error_description: `${SIGN_IN_HEADER}: there is no user \`${key}\`; known users: ${known.join(', ') || 'none'}`,
    users: known,
  };
}

async function startSession(site: Site, ctx: OidcContext, key: string): Promise<void> {
  const session = new site.provider.Session({ accountId: key, loginTs: Math.floor(Date.now() / 1000) });
  await session.save(SESSION_TTL);
  ctx.req.headers.cookie = `${site.provider.cookieName('session')}=${session.jti}`;
  ctx.state['scriptedUser'] = key;
}

/**
 * OpenID Connect Core §11 drops offline_access unless consent is asked for. Nobody is asked here and Pomerium does not send
 * prompt=consent, so the request is read as if it did. Says whether it changed the query.
 */
function keepOfflineAccess(query: URLSearchParams): boolean {
  const prompts = (query.get('prompt') ?? '').split(' ').filter((prompt) => prompt !== '');
  const isRepeated = query.getAll('prompt').length > 1;
  const asks = (query.get('scope') ?? '').split(' ').includes('offline_access');
  if (!asks || isRepeated || prompts.includes('none') || prompts.includes('consent')) return false;
  query.set('prompt', [...prompts, 'consent'].join(' '));
  return true;
}
