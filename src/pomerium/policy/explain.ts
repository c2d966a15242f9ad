import type { Action, Conditional, Criterion, Decision, PolicyInput, Position, Route } from '../model.ts';
import { anyOf, combine } from './combine.ts';
import { judge } from './compile.ts';
import { compileCriterion } from './criteria.ts';
import { noteOn } from './notes.ts';
import { DEVICE_UNAUTHENTICATED, isTrue, USER_UNAUTHENTICATED, verdictOf, type Outcome } from './reasons.ts';
import { rulesOf, type SourcedRule } from './rules.ts';

export interface ExplainedCriterion extends Criterion {
  holds: boolean;
  /** Pomerium's word for it, as in the log. */
  reason: string;
  /** Why it cannot come out otherwise here. */
  note?: string;
}

export interface ExplainedCondition {
  conditional: Conditional;
  holds: boolean;
  criteria: ExplainedCriterion[];
}

export interface ExplainedRule {
  action: Action;
  source: SourcedRule['source'];
  position?: Position;
  holds: boolean;
  conditions: ExplainedCondition[];
}

export interface Explanation {
  decision: Decision;
  /** In the order in which Pomerium has them. */
  rules: ExplainedRule[];
  /**
   * The rule that decided: the first of those that hold, or that ask for a sign-in or a device. Undefined when the request is denied
   * because no rule allows it.
   */
  deciding?: ExplainedRule;
}

interface Evaluated {
  explained: ExplainedRule;
  outcome: Outcome;
}

/** Decides as `decide` does, and tells how. Compiles the policy for the purpose: not for requests. Throws MatcherError. */
export function explainPolicy(route: Route, input: PolicyInput): Explanation {
  const rules = rulesOf(route).map((rule) => evaluateRule(rule, input));
  const outcomeOf = (action: Action): Outcome => orOf(rules.filter(isOf(action)).map(({ outcome }) => outcome));
  const decision = judge(outcomeOf('deny'), outcomeOf('allow'));
  const deciding = decidingRule(decision, rules)?.explained;
  return { decision, rules: rules.map(({ explained }) => explained), ...(deciding && { deciding }) };
}

function evaluateRule(rule: SourcedRule, input: PolicyInput): Evaluated {
  const conditions = rule.conditions.map(({ conditional, criteria }) => {
    const outcomes = criteria.map((criterion) => compileCriterion(criterion)(input));
    const outcome = combine<undefined>(
      conditional,
      outcomes.map((one) => () => one),
    )(undefined);
    const explained = criteria.map((criterion, i) => explainCriterion(criterion, outcomes[i] ?? 0, input));
    return { outcome, condition: { conditional, holds: isTrue(outcome), criteria: explained } };
  });
  const outcome = orOf(conditions.map((one) => one.outcome));
  const { action, source, position } = rule;
  return {
    outcome,
    explained: {
      action,
      source,
      ...(position && { position }),
      holds: isTrue(outcome),
      conditions: conditions.map(({ condition }) => condition),
    },
  };
}

function explainCriterion(criterion: Criterion, outcome: Outcome, input: PolicyInput): ExplainedCriterion {
  const { value: holds, reasons } = verdictOf(outcome);
  const note = noteOn(criterion, input);
  return { ...criterion, holds, reason: reasons[0] ?? '', ...(note !== undefined && { note }) };
}

function orOf(outcomes: readonly Outcome[]): Outcome {
  return anyOf<undefined>(outcomes.map((one) => () => one))(undefined);
}

const isOf =
  (action: Action) =>
  ({ explained }: Evaluated): boolean =>
    explained.action === action;

function decidingRule({ kind, deny }: Decision, rules: readonly Evaluated[]): Evaluated | undefined {
  const asks = (mask: number): Evaluated | undefined => {
    const asking = rules.filter(({ outcome }) => (outcome & mask) !== 0);
    // A rule of the action that holds is not asked any more what its others miss.
    return asking.find(({ explained }) => explained.action === 'deny' || !explained.holds) ?? asking[0];
  };
  switch (kind) {
    case 'unauthenticated':
      return asks(USER_UNAUTHENTICATED);
    case 'device':
      return asks(DEVICE_UNAUTHENTICATED);
    case 'allow':
      return rules.find(({ explained }) => explained.action === 'allow' && explained.holds);
    default:
      return deny.value ? rules.find(({ explained }) => explained.action === 'deny' && explained.holds) : undefined;
  }
}
