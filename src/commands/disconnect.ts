import type { Ctx } from '../context.ts';
import { askPortal, entryOf } from './portal.ts';
import type { SignInOptions } from './sign-in.ts';
import { findTarget } from './target.ts';

export interface DisconnectOptions extends SignInOptions {
  route: string;
}

export interface DisconnectResult {
  server: string;
  route: string;
  /** Whether anything is stored still; never true when all went well. */
  connected: boolean;
}

/** Forgets what the gateway holds of the user for a server's provider. The next call asks for consent anew. */
export async function run(ctx: Ctx, options: DisconnectOptions): Promise<DisconnectResult> {
  const target = await findTarget(ctx, options.route);
  const path = '/.pomerium/mcp/routes/disconnect';
  const routes = await askPortal(ctx, target, options, { path, body: { routes: [target.server.origin] } });
  const connected = entryOf(routes, target)?.connected === true;
  return { server: target.server.href, route: target.word, connected };
}

export { disconnectScreen as screen } from '../ui/screens/connect.ts';
