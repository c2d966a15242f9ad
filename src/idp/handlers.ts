import { prepareAuthorization } from './authorization.ts';
import type { OidcContext } from './oidc.ts';
import { showAbout, showNotFound } from './show.ts';
import { answerInteraction } from './sign-in.ts';
import { finishSignOut } from './sign-out.ts';
import { PATHS, type Site } from './site.ts';

/** Stands before oidc-provider: serves our own pages, and prepares or completes what it serves. */
export async function handleRequest(site: Site, ctx: OidcContext, next: () => Promise<void>): Promise<void> {
  const isGet = ctx.method === 'GET';
  if (ctx.path.startsWith(`${PATHS.signIn}/`)) return answerInteraction(site, ctx);
  if (ctx.path === '/' && isGet) return showAbout(site, ctx);
  if (ctx.path === PATHS.authorize && isGet && !(await prepareAuthorization(site, ctx))) return;
  await next();
  if (ctx.path === PATHS.signOut && isGet && ctx.status === 200) await finishSignOut(site, ctx);
  if (ctx.status === 404 && ctx.body === undefined) showNotFound(ctx);
}
