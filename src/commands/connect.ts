import { setTimeout as sleep } from 'node:timers/promises';
import type { Ctx } from '../context.ts';
import { CliError, EXIT, interrupted } from '../errors.ts';
import { askPortal, entryOf } from './portal.ts';
import type { SignInOptions } from './sign-in.ts';
import { findTarget, type Target } from './target.ts';

export interface ConnectOptions extends SignInOptions {
  route: string;
}

export interface ConnectResult {
  server: string;
  route: string;
  /** `already`: a token was stored before. */
  kind: 'connected' | 'already';
}

/** Milliseconds between two looks at whether the person is done. */
const LOOK = 1_000;
/** Seconds for a person to agree at a provider. */
const PATIENCE = 300;

/** Has a person agree at a server's provider, in the browser, and waits until the gateway holds the token. */
export async function run(ctx: Ctx, options: ConnectOptions): Promise<ConnectResult> {
  const target = await findTarget(ctx, options.route);
  const result = { server: target.server.href, route: target.word };
  if (await isConnected(ctx, target, options)) return { ...result, kind: 'already' };
  const page = new URL('/.pomerium/mcp/connect', target.server);
  page.searchParams.set('redirect_url', `${target.server.origin}/.pomerium/routes`);
  ctx.note(`agree at its provider: ${page.href}`);
  if (options.browser !== false) await ctx.openUrl(page.href);
  const deadline = ctx.now() + (options.timeout ?? PATIENCE) * 1000;
  while (ctx.now() < deadline) {
    await sleep(LOOK, undefined, { signal: ctx.signal }).catch(() => {
      throw interrupted('stopped by Ctrl+C; what the browser shows can still be finished');
    });
    if (await isConnected(ctx, target, options)) return { ...result, kind: 'connected' };
  }
  throw new CliError({
    code: 'NOT_CONNECTED',
    message: `${target.word} is not connected to its provider`,
    why: 'nobody agreed in time, or it has no provider: the page that the browser ended on says which (connect_error)',
    fix: `mcpgw logs gateway --since 5m, then mcpgw connect ${target.word}`,
    exit: EXIT.signIn,
  });
}

export { connectScreen as screen } from '../ui/screens/connect.ts';

async function isConnected(ctx: Ctx, target: Target, options: SignInOptions): Promise<boolean> {
  const routes = await askPortal(ctx, target, options, { path: '/.pomerium/mcp/routes' });
  return entryOf(routes, target)?.connected === true;
}
