import { SIGN_IN_HEADER } from './authorization.ts';
import type { OidcContext, OidcError } from './oidc.ts';
import { errorPage, messagePage, PAGE_HEADERS, signOutPage, type Link } from './pages.ts';
import type { Site } from './site.ts';

export function showPage(ctx: OidcContext, status: number, html: string): void {
  ctx.status = status;
  for (const [name, value] of Object.entries(PAGE_HEADERS)) ctx.set(name, value);
  ctx.type = 'text/html; charset=utf-8';
  ctx.body = html;
}

export function showAbout(site: Site, ctx: OidcContext): void {
  const discovery = `${site.issuer}/.well-known/openid-configuration`;
  const text = [`It signs users in to ${site.client.id}.`, `Users: ${Object.keys(site.users).join(', ') || 'none'}.`];
  showPage(ctx, 200, messagePage({ title: 'Identity provider', text, link: { href: discovery, text: discovery } }));
}

export function showNotFound(ctx: OidcContext): void {
  const back = { href: '/', text: 'What is here' };
  showPage(ctx, 404, errorPage({ title: 'There is no such page', text: [`Nothing is served at ${ctx.path}.`], back }));
}

/** What oidc-provider refuses without sending the browser back to the application. */
export function showError(site: Site, ctx: OidcContext, out: Record<string, string>, error: OidcError): void {
  const { status } = ctx;
  if (ctx.get(SIGN_IN_HEADER) !== '') {
    ctx.body = { error: out['error'], error_description: out['error_description'] };
    return;
  }
  showPage(ctx, status, errorPage({ ...explain(site, ctx, out, error), back: backToApplication(site) }));
}

function explain(
  site: Site,
  ctx: OidcContext,
  out: Record<string, string>,
  error: OidcError,
): { title: string; text: string[]; code?: string } {
  const code = out['error'];
  const { redirectUris } = site.client;
  if (code === 'invalid_redirect_uri') {
    const sent = ctx.oidc.params?.['redirect_uri'] ?? new URLSearchParams(ctx.querystring).get('redirect_uri') ?? '';
    const text = [
      `The application asked to be answered at ${sent}, which is not registered here.`,
      `Registered: ${redirectUris.join(', ')}.`,
    ];
    return { title: 'The redirect URI is not registered', text, code };
  }
  if (code === 'invalid_client') {
    return {
      title: 'The application is unknown',
      text: [`Only the client ID ${site.client.id} is registered here.`],
      code,
    };
  }
  if (ctx.status >= 500)
    return { title: 'Something went wrong here', text: ['The log of the identity provider says what.'], code };
  return { title: 'The request was refused', text: [out['error_description'] ?? error.message], code };
}

/** The application has no page of its own that is known here; its origin is the nearest thing. */
export function backToApplication(site: Site): Link | undefined {
  const origin = URL.parse(site.client.redirectUris[0] ?? '')?.origin;
  return origin === undefined ? undefined : { href: `${origin}/`, text: `Back to ${new URL(origin).host}` };
}

export function showSignOutQuestion(site: Site, ctx: OidcContext, form: string): void {
  showPage(ctx, 200, signOutPage(site.client.id, form));
}

export function showSignedOut(site: Site, ctx: OidcContext): void {
  showPage(
    ctx,
    200,
    messagePage({ title: 'Signed out', text: ['This browser is signed out here.'], link: backToApplication(site) }),
  );
}
