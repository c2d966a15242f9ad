import type { Criterion, PolicyRule, Route } from '../model.ts';

/** A rule as Pomerium evaluates it. */
export interface SourcedRule extends PolicyRule {
  /** `policy`: written there. `shortcuts`: made of `allowed_users`, `allow_any_authenticated_user` and the like. */
  source: 'policy' | 'shortcuts';
}

/** A route's rules in the order in which Pomerium has them: its shortcuts as one rule, then those of `policy`. */
export function rulesOf(route: Route): SourcedRule[] {
  const written = (route.policy ?? []).map((rule) => ({ ...rule, source: 'policy' as const }));
  return [shortcutRule(route), ...written].filter(({ conditions }) => conditions.length > 0);
}

/** Pomerium v0.33.1 config/policy_ppl.go, ToPPL. */
function shortcutRule(route: Route): SourcedRule {
  const criteria: Criterion[] = [];
  const add = (key: string, name: string, data: unknown, subPath?: string): void => {
    const position = route.positions[key] ?? route.position;
    criteria.push({ name, data, ...(subPath !== undefined && { subPath }), ...(position && { position }) });
  };
  if (route.allow_public_unauthenticated_access) add('allow_public_unauthenticated_access', 'accept', true);
  if (route.cors_allow_preflight) add('cors_allow_preflight', 'cors_preflight', true);
  if (route.allow_any_authenticated_user) add('allow_any_authenticated_user', 'authenticated_user', true);
  for (const domain of route.allowed_domains) add('allowed_domains', 'domain', { is: domain });
  for (const path of Object.keys(route.allowed_idp_claims).toSorted()) {
    for (const data of route.allowed_idp_claims[path] ?? []) add('allowed_idp_claims', 'claim', data, path);
  }
  for (const user of route.allowed_users) {
    add('allowed_users', 'user', { is: user });
    add('allowed_users', 'email', { is: user });
  }
  const position = criteria[0]?.position;
  return {
    action: 'allow',
    source: 'shortcuts',
    conditions: criteria.length > 0 ? [{ conditional: 'or', criteria }] : [],
    ...(position && { position }),
  };
}
