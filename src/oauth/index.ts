import { findGrants, toToken, usable } from './grants.ts';
import type { ObtainTokenOptions, Token } from './types.ts';

export { NO_TOKEN_NEEDED } from './errors.ts';
export { createTokenStore, type TokenStore } from './store.ts';
export type { ObtainTokenOptions, Token } from './types.ts';

/**
 * A token for an MCP server: the stored one while it is good, else a refreshed one, else a new sign-in. Throws SIGN_IN_NEEDED and
 * SIGN_IN_REFUSED (exit 4), and an error of its own for everything that can be wrong on the way.
 */
export async function obtainToken(options: ObtainTokenOptions): Promise<Token> {
  const stored = options.fresh ? undefined : usable(await findGrants(options), options);
  if (stored) return toToken(stored, 'cache');
  // All that talks to servers is loaded only now: most calls end above.
  const { renewToken } = await import('./renew.ts');
  return renewToken(options);
}
