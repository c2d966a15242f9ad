import type { Discovery } from './types.ts';

export interface ScopeWishes {
  /** `--scope`. */
  asked?: string;
  /** Granted before and needed still: a step-up adds to it. */
  held?: string;
}

/**
 * Scopes to ask for: the user's own, else the challenge's, else all that the resource supports, else none (MCP 2026-07-28,
 * scope selection strategy). `offline_access` is added only where the authorization server lists it.
 */
export function chooseScope({ asked, held }: ScopeWishes, discovery: Discovery): string | undefined {
  const named = asked ?? discovery.challengeScope ?? discovery.scopesSupported?.join(' ');
  const wanted = scopeUnion(held, named);
  if (asked !== undefined) return wanted;
  const offersOffline = discovery.metadata.scopes_supported?.includes('offline_access') === true;
  return offersOffline ? scopeUnion(wanted, 'offline_access') : wanted;
}

/** Both sets of scopes, each once, in order; undefined when there is none. */
export function scopeUnion(a: string | undefined, b: string | undefined): string | undefined {
  const scopes = new Set([...scopesIn(a), ...scopesIn(b)]);
  return scopes.size > 0 ? [...scopes].join(' ') : undefined;
}

/** True when everything in `wanted` is in `granted`. Without a statement of what was granted nothing is missing. */
export function coversScope(granted: string | undefined, wanted: string | undefined): boolean {
  if (wanted === undefined || granted === undefined) return true;
  const held = new Set(scopesIn(granted));
  return scopesIn(wanted).every((scope) => held.has(scope));
}

function scopesIn(text: string | undefined): string[] {
  return (text ?? '').split(/\s+/).filter((scope) => scope !== '');
}
