export { lint } from './lint.ts';
export { mendText } from './mend.ts';
export { PROBLEM_TEXTS } from './problem-texts.ts';
export type { LintFinding, Subject } from './rule.ts';
export { RULES } from './rules/index.ts';
export { createSubject, type SubjectTexts } from './create-subject.ts';
