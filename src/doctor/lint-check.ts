import type { LintFinding } from '../lint/index.ts';
import { failure, ok, warning, type Check, type Finding } from './check.ts';
import { count } from './words.ts';

/** A class of lint rules that one check shows. */
export interface RuleClass {
  id: string;
  title: string;
  /** Ids of rules; one that stands in no class belongs to the last. */
  rules: readonly string[];
}

/** What the reader of the configuration finds itself is told by FIL-03. */
export function lintCheck(
  { id, title }: Pick<RuleClass, 'id' | 'title'>,
  holds: (finding: LintFinding) => boolean,
): Check {
  return {
    id,
    area: 'files',
    title,
    on: ['configuration'],
    needs: ['FIL-02'],
    async run({ configuration }) {
      return show((await configuration()).findings.filter(holds));
    },
  };
}

/** The gravest first; a note is no fault, and stands among the evidence only. */
export function show(findings: readonly LintFinding[]): Finding {
  const bad = findings.filter(({ severity }) => severity !== 'note');
  const evidence = findings.map(lineOf);
  const first = bad.find(({ severity }) => severity === 'error') ?? bad[0];
  if (!first) return ok(evidence.length === 0 ? 'no rule is broken' : count(evidence.length, 'note'), evidence);
  const more = bad.length > 1 ? ` (and ${bad.length - 1} more: mcpgw lint)` : '';
  const text = `${lineOf(first)}${more}`;
  const fix = bad.some(({ mendable }) => mendable) ? 'mcpgw doctor --fix    # shows the change first' : fixOf(first);
  return first.severity === 'error' ? failure(text, fix, evidence) : warning(text, fix, evidence);
}

function fixOf({ fix, file, position }: LintFinding): string {
  return `${fix ?? 'edit it'}    # ${file}${position ? `:${position.line}` : ''}`;
}

function lineOf({ file, position, message, rule }: LintFinding): string {
  return `${file}${position ? `:${position.line}:${position.column}` : ''} ${message} (${rule})`;
}
