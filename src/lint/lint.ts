import type { Problem } from '../pomerium/model.ts';
import { PROBLEM_TEXTS } from './problem-texts.ts';
import { isAtLeast } from '../pomerium/versions.ts';
import type { Hit, LintFinding, Rule, Severity, Subject } from './rule.ts';
import { RULES } from './rules/index.ts';

const ORDER: readonly Severity[] = ['error', 'warning', 'note'];

/** Everything that can be said of the files alone, in the order of the files. Pure. */
export function lint(subject: Subject, rules: readonly Rule[] = RULES): LintFinding[] {
  const hits = rules
    .filter((rule) => applies(rule, subject.release))
    .flatMap((rule) => [...rule.check(subject)].map((hit) => fromHit(rule, hit, subject)));
  const problems = subject.config.problems.filter(({ code }) => applies(PROBLEM_TEXTS[code] ?? {}, subject.release));
  return [...problems.map((problem) => fromProblem(problem, subject)), ...hits].toSorted(inOrder);
}

function applies({ from, to }: { from?: string; to?: string }, release: string): boolean {
  return (from === undefined || isAtLeast(release, from)) && (to === undefined || !isAtLeast(release, to));
}

function fromProblem(problem: Problem, { config }: Subject): LintFinding {
  const { code, severity, message, why, fix, position, pomerium } = problem;
  return {
    rule: code,
    severity,
    file: config.file,
    in: 'config',
    message,
    mendable: false,
    ...(position ? { position } : {}),
    ...(why === undefined ? {} : { why }),
    ...(fix === undefined ? {} : { fix }),
    ...(pomerium === undefined ? {} : { pomerium }),
  };
}

function fromHit(rule: Rule, hit: Hit, subject: Subject): LintFinding {
  const where = hit.in ?? 'config';
  const file = where === 'compose' && subject.compose ? subject.compose : subject.config;
  const position = hit.path.length > 0 ? file.positionOf(hit.path) : undefined;
  return {
    rule: rule.id,
    severity: rule.severity,
    file: file.file,
    in: where,
    message: hit.message,
    why: rule.why,
    fix: hit.fix ?? rule.fix,
    mendable: hit.mends !== undefined,
    ...(position ? { position } : {}),
    ...(hit.mends ? { mends: hit.mends } : {}),
  };
}

function inOrder(a: LintFinding, b: LintFinding): number {
  return (
    a.in.localeCompare(b.in) * -1 ||
    (a.position?.line ?? 0) - (b.position?.line ?? 0) ||
    (a.position?.column ?? 0) - (b.position?.column ?? 0) ||
    ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity) ||
    a.rule.localeCompare(b.rule)
  );
}
