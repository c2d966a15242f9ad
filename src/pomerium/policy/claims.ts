import { isRecord } from '../../json.ts';
import type { Session } from '../model.ts';

type FlatClaims = ReadonlyMap<string, readonly unknown[]>;

const flattened = new WeakMap<Session, FlatClaims>();

/** `{a: {b: 1}}` becomes `a.b: [1]` (Pomerium v0.33.1 pkg/identity/claims.go). */
function flatten(claims: Record<string, unknown>, prefix: string, into: Map<string, readonly unknown[]>): FlatClaims {
  for (const [key, value] of Object.entries(claims)) {
    const name = `${prefix}${key}`;
    if (isRecord(value)) flatten(value, `${name}.`, into);
    else into.set(name, Array.isArray(value) ? (value as unknown[]) : [value]);
  }
  return into;
}

/** What `claim/<path>` looks at; empty when the user has no such claim. The session's claims are flattened once. */
export function claimValues(session: Session, path: string): readonly unknown[] {
  let flat = flattened.get(session);
  if (!flat) {
    flat = flatten(session.claims, '', new Map());
    flattened.set(session, flat);
  }
  return flat.get(path) ?? [];
}
