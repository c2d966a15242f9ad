import { removeAt, setValue } from '../project/index.ts';
import type { LintFinding, Mend } from './rule.ts';

/** The configuration's text after every safe mend, and the findings that cannot be mended in its form. */
export function mendText(text: string, findings: readonly LintFinding[]): { text: string; left: LintFinding[] } {
  const left: LintFinding[] = [];
  let mended = text;
  for (const finding of findings) {
    const next = (finding.mends ?? []).reduce<string | undefined>(apply, mended);
    if (next === undefined) left.push(finding);
    else mended = next;
  }
  return { text: mended, left };
}

function apply(text: string | undefined, { path, value }: Mend): string | undefined {
  if (text === undefined) return undefined;
  return value === undefined ? removeAt(text, path) : setValue(text, path, value);
}
