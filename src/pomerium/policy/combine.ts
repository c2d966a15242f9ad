import type { Conditional } from '../model.ts';
import { invert, isTrue, type Outcome } from './reasons.ts';

export type Check<Input> = (input: Input) => Outcome;

/** True results win and bring their reasons; without one, all the false ones' reasons. (Pomerium pkg/policy/rules: merge_with_or) */
export function anyOf<Input>(checks: readonly Check<Input>[]): Check<Input> {
  const only = checks[0];
  if (checks.length === 1 && only) return only;
  return (input) => {
    let trues = 0;
    let falses = 0;
    for (const check of checks) {
      const result = check(input);
      if (isTrue(result)) trues |= result;
      else falses |= result;
    }
    return trues === 0 ? falses : trues;
  };
}

/** (Pomerium pkg/policy/rules: merge_with_and) */
function allOf<Input>(checks: readonly Check<Input>[]): Check<Input> {
  const only = checks[0];
  if (checks.length === 1 && only) return only;
  return (input) => {
    let trues = 0;
    let falses = 0;
    let failed = false;
    for (const check of checks) {
      const result = check(input);
      if (isTrue(result)) trues |= result;
      else {
        falses |= result;
        failed = true;
      }
    }
    return failed ? falses : trues;
  };
}

const not =
  <Input>(check: Check<Input>): Check<Input> =>
  (input) =>
    invert(check(input));

/** `not` holds when none of its criteria does, `nor` when one of them does not (Pomerium pkg/policy/generator/conditionals.go). */
export function combine<Input>(conditional: Conditional, checks: readonly Check<Input>[]): Check<Input> {
  switch (conditional) {
    case 'and':
      return allOf(checks);
    case 'or':
      return anyOf(checks);
    case 'not':
      return allOf(checks.map(not));
    default:
      return anyOf(checks.map(not));
  }
}
