import type { Criterion, PolicyRule, Position } from '../model.ts';
import { nearest } from '../../nearest.ts';
import { formatPath, type Path } from '../path.ts';
import { compileCriterion, CRITERIA } from '../policy/criteria.ts';
import { MatcherError } from '../policy/matchers.ts';
import { GrammarError, parsePolicy } from '../policy/parse.ts';
import type { Report } from '../report.ts';

/** Pomerium builds the evaluators after the configuration is read, and exits when one cannot be built. */
export const EVALUATOR_FAILURE =
  'error creating authorize service: authorize: failed to update policy with options: authorize: error building policy evaluators';

export interface ReadPolicy {
  /** Undefined: the route has no policy, or none that can be read. */
  rules: PolicyRule[] | undefined;
  /** `policy[0].allow` -> its place in the file. */
  positions: Record<string, Position>;
}

/** Reads a route's `policy`; `path` leads to the route. */
export function readPolicy(value: unknown, path: Path, report: Report): ReadPolicy {
  const positions: Record<string, Position> = {};
  if (value === undefined || value === null) return { rules: undefined, positions };
  const policyPath = [...path, 'policy'];
  const positionOf = (below: Path): Position | undefined => report.positionOf([...policyPath, ...below]);
  try {
    const rules = parsePolicy(value, {
      positionOf,
      rule(below) {
        const position = positionOf(below);
        if (position) positions[formatPath(['policy', ...below])] = position;
      },
      criterion: (criterion, below) => checkCriterion(criterion, [...policyPath, ...below], report),
    });
    return { rules, positions };
  } catch (error) {
    if (!(error instanceof GrammarError)) throw error;
    reportGrammar(error, policyPath, report);
    return { rules: undefined, positions };
  }
}

function reportGrammar(error: GrammarError, policyPath: Path, report: Report): void {
  report.add({
    code: 'BAD_POLICY',
    path: [...policyPath, ...error.path],
    message: error.message,
    fix: 'write `policy: [{allow: {or: [{domain: {is: example.com}}]}}]`',
    pomerium: report.decodeFailure(`'${formatPath(policyPath)}' ${error.message}`),
  });
}

function checkCriterion(criterion: Criterion, path: Path, report: Report): void {
  try {
    compileCriterion(criterion);
  } catch (error) {
    if (!(error instanceof MatcherError)) throw error;
    const known = CRITERIA.includes(criterion.name);
    const close = known ? undefined : nearest(criterion.name, CRITERIA);
    report.add({
      code: known ? 'BAD_CRITERION' : 'UNKNOWN_CRITERION',
      path,
      message: known ? `\`${criterion.name}\`: ${error.message}` : `unknown criterion \`${criterion.name}\``,
      why: 'Pomerium exits at start, and on a reload goes on with the old rules.',
      fix: close
        ? `did you mean \`${close}\`?`
        : known
          ? 'correct the operator and its value'
          : `use one of ${CRITERIA.join(', ')}`,
      pomerium: EVALUATOR_FAILURE,
    });
  }
}
