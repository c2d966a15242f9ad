import type { Session } from '../pomerium/model.ts';

/**
 * What an assertion says of its user, and /.pomerium/user with it: Pomerium v0.33.1 authorize/evaluator/headers_evaluator_evaluation.go,
 * getJWTPayload. `names`: the claims of `jwt_claims_headers`, which travel along as text.
 */
export function assertedClaims(session: Session, names: Iterable<string>): Record<string, unknown> {
  const groups = session.claims['groups'];
  const base: Record<string, unknown> = {
    email: session.email,
    groups: Array.isArray(groups) ? groups : [],
    name: session.name,
    sid: session.id,
    sub: session.userId,
    user: session.userId,
  };
  const more = [...names]
    .filter((name) => !Object.hasOwn(base, name) && session.claims[name] !== undefined)
    .map((name) => [name, claimText(session.claims[name])] as const);
  return { ...Object.fromEntries(more), ...base };
}

/** Lists are joined by commas. */
export function claimText(claim: unknown): string {
  return (Array.isArray(claim) ? claim : [claim]).map(textOf).join(',');
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
