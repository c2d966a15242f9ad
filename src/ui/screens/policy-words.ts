import type { ExplainedCriterion } from '../../pomerium/index.ts';
import type { PolicyTestResult } from '../../commands/policy-test.ts';

/** A criterion on one line: `mcp_tool not_in read_query, list_tables`. */
export function criterionText({ name, subPath, data }: ExplainedCriterion): string {
  const subject = subPath === undefined ? name : `${name}/${subPath}`;
  if (data === true) return subject;
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return `${subject} ${valueText(data)}`;
  const operators = Object.entries(data).map(([operator, value]) => `${operator} ${valueText(value)}`);
  return `${subject} ${operators.join(', ')}`;
}

function valueText(value: unknown): string {
  if (Array.isArray(value)) return value.map(valueText).join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const ANSWERS: Record<PolicyTestResult['answer'], string> = {
  passes: 'passes to the server',
  preflight: 'HTTP 204: preflight requests are answered before the policy is asked',
  'json-rpc': 'HTTP 200 with the JSON-RPC error -32602 `access denied`',
  challenge: 'HTTP 401 with a challenge: MCP clients sign in',
  'sign-in': 'browsers: HTTP 302 to the sign-in; clients that ask for JSON: 401',
  device: 'HTTP 401: Pomerium asks for a registered device',
  forbidden: 'HTTP 403 Forbidden',
  'too-large': 'HTTP 413 Payload Too Large, before the policy is asked',
};

/** What the client is answered. */
export function answerText({ answer, decision }: Pick<PolicyTestResult, 'answer' | 'decision'>): string {
  if (answer === 'challenge' && decision === 'deny')
    return 'HTTP 401 with a challenge: clients sign in again, and get it again';
  return ANSWERS[answer];
}
