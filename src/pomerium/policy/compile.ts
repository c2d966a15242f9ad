import type { Action, Criterion, Decision, PolicyInput, Route } from '../model.ts';
import { anyOf, combine, type Check } from './combine.ts';
import { compileCriterion, READS } from './criteria.ts';
import { DEVICE_UNAUTHENTICATED, isTrue, USER_UNAUTHENTICATED, verdictOf, type Outcome } from './reasons.ts';
import { remember } from './remember.ts';
import { rulesOf, type SourcedRule } from './rules.ts';

export interface CompiledPolicy {
  decide: (input: PolicyInput) => Decision;
  /** Whether a criterion looks at `mcp_tool`. */
  needsTool: boolean;
}

/** From here on remembering a decision is quicker than making it again. */
const WORTH_REMEMBERING = 6;

/** Throws MatcherError for a criterion or an operator that Pomerium does not know. */
export function compilePolicy(route: Route): CompiledPolicy {
  const rules = rulesOf(route);
  const criteria = rules.flatMap(({ conditions }) => conditions.flatMap((condition) => condition.criteria));
  const allow = compileAction(rules, 'allow');
  const deny = compileAction(rules, 'deny');
  const evaluate = (input: PolicyInput): Decision => judge(deny(input), allow(input));
  return {
    needsTool: criteria.some(({ name }) => name === 'mcp_tool'),
    decide: criteria.length < WORTH_REMEMBERING ? evaluate : remember(evaluate, readsOf(criteria)),
  };
}

/** All conditions of all rules of one action are alternatives. */
function compileAction(rules: readonly SourcedRule[], action: Action): Check<PolicyInput> {
  const conditions = rules.filter((rule) => rule.action === action).flatMap((rule) => rule.conditions);
  return anyOf(
    conditions.map(({ conditional, criteria }) => combine<PolicyInput>(conditional, criteria.map(compileCriterion))),
  );
}

function readsOf(criteria: readonly Criterion[]): ReadonlySet<string> {
  return new Set(criteria.flatMap(({ name }) => READS[name] ?? []));
}

/**
 * The order of Pomerium v0.33.1 authorize/check_response.go: nobody signed in, then no device, then deny, then allow, else denied. A
 * policy without rules has no reason to ask for a sign-in and denies.
 */
export function judge(denied: Outcome, allowed: Outcome): Decision {
  const both = denied | allowed;
  const kind =
    (both & USER_UNAUTHENTICATED) !== 0
      ? 'unauthenticated'
      : (both & DEVICE_UNAUTHENTICATED) !== 0
        ? 'device'
        : isTrue(allowed) && !isTrue(denied)
          ? 'allow'
          : 'deny';
  return { kind, allow: verdictOf(allowed), deny: verdictOf(denied) };
}
