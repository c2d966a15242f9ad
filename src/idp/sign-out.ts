import { showSignedOut } from './show.ts';
import type { OidcContext } from './oidc.ts';
import type { Site } from './site.ts';

/**
 * Completes a sign-out that oidc-provider found in order (OpenID Connect RP-Initiated Logout 1.0). It would now ask, or, with
 * nobody signed in, go on by a page that needs JavaScript. Asked is only who has somebody else's session or no ID token.
 */
export async function finishSignOut(site: Site, ctx: OidcContext): Promise<void> {
  const { session, params, entities } = ctx.oidc;
  if (!session) return;
  const hinted = entities.IdTokenHint?.payload.sub;
  if (session.accountId !== undefined && session.accountId !== hinted) return;
  await session.destroy();
  site.provider.emit('end_session.success', ctx);
  ctx.cookies.set(site.provider.cookieName('session'), null, { overwrite: true });
  const target = params?.['post_logout_redirect_uri'];
  if (target === undefined) return showSignedOut(site, ctx);
  const url = new URL(target);
  if (params?.['state'] !== undefined) url.searchParams.set('state', params['state']);
  ctx.redirect(url.href);
  ctx.status = 303;
}
