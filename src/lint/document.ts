import { PROBLEM_TEXTS } from './problem-texts.ts';
import type { Rule } from './rule.ts';
import { RULES } from './rules/index.ts';

/** docs/rules.md: every rule under its own heading, in the order of the alphabet. */
export function rulesDocument(): string {
  const entries = [
    ...RULES.map((rule): [string, string] => [rule.id, ruleEntry(rule)]),
    ...Object.entries(PROBLEM_TEXTS).map(([id, { title, why, fix, from }]): [string, string] => [
      id,
      entry(id, { title, why, fix, ...(from === undefined ? {} : { from }) }),
    ]),
  ].toSorted(([a], [b]) => a.localeCompare(b));
  return `${HEAD}\n${entries.map(([, text]) => text).join('\n')}`;
}

const HEAD = `# Rules

What \`mcpgw lint\` looks for, by the name that stands under each finding. This page is made from the rules themselves
(\`node scripts/rules-doc.ts\`).
`;

function ruleEntry(rule: Rule): string {
  return `${entry(rule.id, rule)}\nSeverity: ${rule.severity}. Source: ${rule.source}.\n`;
}

function entry(id: string, { title, why, fix, from, to }: Pick<Rule, 'title' | 'why' | 'fix' | 'from' | 'to'>): string {
  const releases = [...(from === undefined ? [] : [`from ${from}`]), ...(to === undefined ? [] : [`before ${to}`])];
  const scope = releases.length > 0 ? ` (${releases.join(', ')})` : '';
  return `## ${id}\n\n${title}${scope}.\n\n${sentence(why)}\n\n**Fix:** ${sentence(fix)}\n`;
}

function sentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}
