import type { ExplainedCondition } from '../../pomerium/index.ts';
import type { PolicyTestResult, TestedRule } from '../../commands/policy-test.ts';
import type { PolicyTestsResult } from '../../commands/policy-tests.ts';
import type { Style } from '../style.ts';
import { padEnd, truncate, wrap } from '../table.ts';
import { answerText, criterionText } from './policy-words.ts';

/** `mcpgw policy test`: the answer, the rule that decided, and how each criterion came out. */
export function policyTestScreen(result: PolicyTestResult, style: Style): string {
  const warnings = result.warnings.flatMap((warning) => indent(wrap(warning, style.width - 2), style.warn('!')));
  return `${[
    ...answerLines(result, style),
    ...result.rules.flatMap((rule) => ['', ...ruleLines(rule, style)]),
    ...(warnings.length > 0 ? ['', ...warnings] : []),
  ].join('\n')}\n`;
}

/** The same on several routes: the answers and the rules, without their criteria. */
export function policyTestsScreen({ tests }: PolicyTestsResult, style: Style): string {
  const [first] = tests;
  const more = `every criterion: mcpgw policy test --route ${first?.route.name ?? '<route>'} ...`;
  return `${[...tests.flatMap((test) => [...answerLines(test, style), '']), style.dim(more)].join('\n')}\n`;
}

function answerLines(result: PolicyTestResult, style: Style): string[] {
  const mark = result.allowed ? style.ok('✓') : style.bad('✗');
  return [
    style.bold(truncate(`${who(result)} on ${result.route.name}: ${what(result)}`, style.width)),
    ...indent(wrap(answerText(result), style.width - 2), mark),
    ...wrap(why(result), style.width - 2).map((line) => `  ${line}`),
  ];
}

function who({ who: { label, email } }: PolicyTestResult): string {
  return email === undefined || email === label ? label : `${label} (${email})`;
}

function what({ request: { method, path, rpc, tool, bytes } }: PolicyTestResult): string {
  const call = rpc === undefined ? `${method} ${path}` : tool === undefined ? rpc : `${rpc} ${tool}`;
  return bytes > 0 ? `${call}, ${bytes} bytes` : call;
}

function why({ answer, decision, rule, reasons }: PolicyTestResult): string {
  if (answer === 'preflight' || answer === 'too-large') return 'no rule was asked';
  if (rule !== undefined) return `Rule: ${rule}${reasons.length > 0 ? `  (${reasons.join(', ')})` : ''}`;
  if (decision !== 'deny') return `(${reasons.join(', ')})`;
  return reasons.length > 0
    ? `no rule allows it  (${reasons.join(', ')})`
    : 'the route has no rule that allows anybody';
}

function ruleLines(rule: TestedRule, style: Style): string[] {
  const title = [rule.place ?? 'rule', rule.source === 'shortcuts' ? 'allow (keys of the route)' : rule.action];
  const decided = rule.decided ? style.bold('decided') : rule.holds ? 'holds' : style.dim('does not hold');
  return [
    `${title.join('  ')}  ${decided}`,
    ...rule.conditions.flatMap((condition) => conditionLines(condition, style)),
  ];
}

function conditionLines({ conditional, criteria }: ExplainedCondition, style: Style): string[] {
  const longest = Math.max(...criteria.map(({ reason }) => reason.length));
  const room = Math.max(20, style.width - 8 - longest - 2);
  const width = Math.min(room, Math.max(...criteria.map((criterion) => criterionText(criterion).length)));
  return criteria.flatMap((criterion, i) => {
    const head = padEnd(i === 0 ? conditional : '', 3);
    const mark = criterion.holds ? style.ok('✓') : style.dim('✗');
    const text = padEnd(truncate(criterionText(criterion), width), width);
    const note = criterion.note === undefined ? [] : wrap(criterion.note, style.width - 8);
    return [
      `  ${head} ${mark} ${text}  ${style.dim(criterion.reason)}`,
      ...note.map((line) => `        ${style.dim(line)}`),
    ];
  });
}

function indent([first = '', ...rest]: readonly string[], mark: string): string[] {
  return [`${mark} ${first}`, ...rest.map((line) => `  ${line}`)];
}
