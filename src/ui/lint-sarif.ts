import { PROBLEM_TEXTS, RULES, type LintFinding } from '../lint/index.ts';
import { VERSION } from '../version.ts';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

/** One run in the Static Analysis Results Interchange Format, OASIS SARIF 2.1.0. */
export function sarifLog(findings: readonly LintFinding[]): object {
  const ids = [...new Set(findings.map(({ rule }) => rule))].sort();
  return {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'mcpgw', version: VERSION, rules: ids.map(describe) } },
        results: findings.map((finding) => toResult(finding, ids)),
      },
    ],
  };
}

function describe(id: string): object {
  const text = RULES.find((rule) => rule.id === id) ?? PROBLEM_TEXTS[id];
  return {
    id,
    ...(text
      ? { shortDescription: { text: text.title }, fullDescription: { text: text.why }, help: { text: text.fix } }
      : {}),
  };
}

function toResult({ rule, severity, message, fix, file, position }: LintFinding, ids: readonly string[]): object {
  const region = position ? { region: { startLine: position.line, startColumn: position.column } } : {};
  return {
    ruleId: rule,
    ruleIndex: ids.indexOf(rule),
    level: severity,
    message: { text: fix === undefined ? message : `${message}. Fix: ${fix}` },
    locations: [{ physicalLocation: { artifactLocation: { uri: file }, ...region } }],
  };
}
