import type { Action, Conditional, Criterion, Decision, PolicyInput, PolicyRule, Position, Route } from '../model.ts';
import { compileCriterion } from './criteria.ts';
import {
  allOf,
  anyOf,
  DEVICE_UNAUTHENTICATED,
  invert,
  isTrue,
  reasonNames,
  USER_UNAUTHENTICATED,
  type Check,
  type Outcome,
} from './reasons.ts';

type PolicyCheck = Check<PolicyInput>;

export interface CompiledPolicy {
  decide: (input: PolicyInput) => Decision;
  /** Whether a criterion looks at `mcp_tool`. */
  needsTool: boolean;
}

const not =
  (check: PolicyCheck): PolicyCheck =>
  (input) =>
    invert(check(input));

const COMBINE: Readonly<Record<Conditional, (checks: readonly PolicyCheck[]) => PolicyCheck>> = {
  and: allOf,
  or: anyOf,
  // `not` holds when none of its criteria does, `nor` when one of them does not (pkg/policy/generator/conditionals.go).
  not: (checks) => allOf(checks.map(not)),
  nor: (checks) => anyOf(checks.map(not)),
};

/** The route's shortcuts as one rule, before the rules of `policy`: config/policy_ppl.go, ToPPL. */
function shortcutRule(route: Route): PolicyRule {
  const criteria: Criterion[] = [];
  if (route.allow_public_unauthenticated_access) criteria.push({ name: 'accept', data: true });
  if (route.cors_allow_preflight) criteria.push({ name: 'cors_preflight', data: true });
  if (route.allow_any_authenticated_user) criteria.push({ name: 'authenticated_user', data: true });
  for (const domain of route.allowed_domains) criteria.push({ name: 'domain', data: { is: domain } });
  for (const path of Object.keys(route.allowed_idp_claims).toSorted()) {
    for (const data of route.allowed_idp_claims[path] ?? []) criteria.push({ name: 'claim', subPath: path, data });
  }
  for (const user of route.allowed_users)
    criteria.push({ name: 'user', data: { is: user } }, { name: 'email', data: { is: user } });
  const conditions: PolicyRule['conditions'] = criteria.length > 0 ? [{ conditional: 'or', criteria }] : [];
  return { action: 'allow', conditions, ...(route.position && { position: route.position }) };
}

interface CompiledRule {
  check: PolicyCheck;
  position: Position | undefined;
}

/** Throws MatcherError. */
export function compileRule(rule: PolicyRule): CompiledRule {
  const checks = rule.conditions.map(({ conditional, criteria }) =>
    COMBINE[conditional](criteria.map(compileCriterion)),
  );
  return { check: anyOf(checks), position: rule.position };
}

/** All rules of one action: true ones win, and the first of them is the deciding one. */
class RuleSet {
  readonly rules: readonly CompiledRule[];
  readonly check: PolicyCheck;

  constructor(rules: readonly PolicyRule[], action: Action) {
    this.rules = rules.filter((rule) => rule.action === action && rule.conditions.length > 0).map(compileRule);
    this.check = anyOf(this.rules.map((rule) => rule.check));
  }

  /** The rule that holds; when none does, the first one, which somebody hoped for. */
  positionOf(input: PolicyInput): Position | undefined {
    if (this.rules.length < 2) return this.rules[0]?.position;
    const deciding = this.rules.find((rule) => isTrue(rule.check(input))) ?? this.rules[0];
    return deciding?.position;
  }
}

/** Throws MatcherError for a criterion or an operator that Pomerium does not know. */
export function compilePolicy(route: Route): CompiledPolicy {
  const rules = [shortcutRule(route), ...(route.policy ?? [])];
  const allow = new RuleSet(rules, 'allow');
  const deny = new RuleSet(rules, 'deny');
  const needsTool = rules.some((rule) =>
    rule.conditions.some(({ criteria }) => criteria.some(({ name }) => name === 'mcp_tool')),
  );
  return { needsTool, decide: (input) => decide(allow, deny, input) };
}

/**
 * The order of authorize/check_response.go: nobody signed in, then no device, then deny, then allow, else denied. A policy without
 * rules has no reason to ask for a sign-in and denies.
 */
function decide(allow: RuleSet, deny: RuleSet, input: PolicyInput): Decision {
  const denied = deny.check(input);
  const allowed = allow.check(input);
  if (((denied | allowed) & USER_UNAUTHENTICATED) !== 0) return { kind: 'unauthenticated' };
  const noDevice = ((denied | allowed) & DEVICE_UNAUTHENTICATED) !== 0;
  if (isTrue(denied) && !noDevice) return { kind: 'deny', byRule: true, ...explain(denied, deny, input) };
  if (isTrue(allowed) && !noDevice) return { kind: 'allow', ...explain(allowed, allow, input) };
  return { kind: 'deny', byRule: false, ...explain(allowed, allow, input) };
}

function explain(result: Outcome, rules: RuleSet, input: PolicyInput): { reasons: string[]; rule?: Position } {
  const rule = rules.positionOf(input);
  return { reasons: reasonNames(result), ...(rule && { rule }) };
}
