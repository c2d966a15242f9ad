import type { Ctx } from '../context.ts';
import {
  answerTo,
  BUFFER_BYTES,
  explainPolicy,
  type Answer,
  type CompiledRoute,
  type ExplainedRule,
  type Explanation,
  type Inspection,
} from '../pomerium/index.ts';
import type { Decision, Options } from '../pomerium/model.ts';
import { choosePerson, type Person, type PersonOptions } from './policy-people.ts';
import { buildRequest, inputOf, inspectionOf, type RequestOptions, type TriedRequest } from './policy-request.ts';
import { nameOf, type PolicySource } from './policy-source.ts';

export interface PolicyTestOptions extends PersonOptions, RequestOptions {
  config?: string;
  route?: string;
}

export interface PolicyTestResult {
  kind: 'test';
  file: string;
  route: { name: string; url: string; kind: CompiledRoute['kind'] };
  who: { label: string; email?: string; claims?: Record<string, unknown> };
  /** `read`: the authorization check knows the call; it is told all the same when the command line says what it is. */
  request: { method: string; path: string; bytes: number; read: boolean; rpc?: string; tool?: string };
  allowed: boolean;
  /** `preflight` and `too-large` are answered before the policy is asked. */
  answer: Answer | 'preflight' | 'too-large';
  decision: Decision['kind'];
  reasons: readonly string[];
  /** `pomerium-config.yaml:31`: the rule that decided. Absent: no rule allows it. */
  rule?: string;
  rules: TestedRule[];
  warnings: string[];
}

export interface TestedRule extends ExplainedRule {
  place?: string;
  decided: boolean;
}

/** What a client would be answered on a route, and which rule it was, from the files alone. */
export async function testRoute(
  ctx: Ctx,
  options: PolicyTestOptions,
  source: PolicySource,
  route: CompiledRoute,
): Promise<PolicyTestResult> {
  const person = choosePerson(options, source);
  const request = await buildRequest(ctx, options, route);
  const inspection = inspectionOf(request, route, source.options);
  const explanation = explainPolicy(route.route, inputOf(request, inspection, person.session, route.hostname));
  const { decision } = explanation;
  const answer = answerOf(explanation, { route, request, inspection, options: source.options });
  const place = explanation.deciding && placeOf(explanation.deciding, source.file);
  return {
    kind: 'test',
    file: source.file,
    route: { name: nameOf(route), url: route.route.from, kind: route.kind },
    who: whoIs(person),
    request: { method: request.method, path: request.path, bytes: request.body.length, ...callOf(inspection, options) },
    allowed: answer === 'passes' || answer === 'preflight',
    answer,
    decision: decision.kind,
    reasons: decision.deny.value ? decision.deny.reasons : decision.allow.reasons,
    ...(place !== undefined && { rule: place }),
    rules: explanation.rules.map((rule) => testedRule(rule, explanation, source.file)),
    warnings: warningsOf({ source, route, request, inspection, explanation }, options),
  };
}

function testedRule(rule: ExplainedRule, { deciding }: Explanation, file: string): TestedRule {
  const place = placeOf(rule, file);
  return { ...rule, ...(place !== undefined && { place }), decided: rule === deciding };
}

function placeOf({ position }: ExplainedRule, file: string): string | undefined {
  return position && `${file}:${position.line}`;
}

function whoIs({ label, session }: Person): PolicyTestResult['who'] {
  if (!session) return { label };
  return { label, ...(session.email !== '' && { email: session.email }), claims: session.claims };
}

function callOf(
  inspection: Inspection | undefined,
  options: PolicyTestOptions,
): { read: boolean; rpc?: string; tool?: string } {
  const request = inspection?.kind === 'read' ? inspection.request : undefined;
  const tool = request ? request.tool : options.tool;
  const rpc = request?.method ?? options.rpc ?? (tool === undefined ? undefined : 'tools/call');
  return { read: request !== undefined, ...(rpc !== undefined && { rpc }), ...(tool !== undefined && { tool }) };
}

interface Tried {
  route: CompiledRoute;
  request: TriedRequest;
  inspection: Inspection | undefined;
  options: Options;
}

function answerOf(
  { decision }: Explanation,
  { route, request, inspection, options }: Tried,
): PolicyTestResult['answer'] {
  const isServer = route.kind === 'server';
  const mcp = options.runtime_flags['mcp'] !== false;
  if (isServer && mcp && request.method === 'OPTIONS') return 'preflight';
  if (inspection?.kind === 'too-large') return 'too-large';
  return answerTo(decision, { isServer, mcp, parsed: inspection?.kind === 'read', prefersJson: isServer });
}

interface Checked extends Omit<Tried, 'options'> {
  source: PolicySource;
  explanation: Explanation;
}

function warningsOf(
  { source, route, request, inspection, explanation }: Checked,
  options: PolicyTestOptions,
): string[] {
  const limit = route.route.mcp?.server?.max_request_bytes ?? 0;
  const reads = explanation.rules.flatMap((rule) =>
    rule.conditions.flatMap(({ criteria }) => criteria.map(({ name }) => name)),
  );
  const isPreflight = route.kind === 'server' && request.method === 'OPTIONS';
  const found = [
    !isPreflight &&
      inspection?.kind === 'blind' &&
      route.needsTool &&
      `rules on tools do not see this request: ${inspection.why}`,
    inspection?.kind === 'too-large' &&
      `this is what HTTP/1.1 clients get, because max_request_bytes (${limit}) is over ${BUFFER_BYTES}; over HTTP/2 it would be looked into`,
    options.tool !== undefined &&
      route.kind !== 'server' &&
      'this route leads to no MCP server, so that --tool is only a body',
    reads.includes('source_ip') &&
      options.sourceIp === undefined &&
      `source_ip was tried as ${request.sourceIp}; --source-ip names another`,
    source.table.match(route.host, request.path) !== route && wrongPath(source, route, request),
    ...policyProblems(source, route),
  ];
  return found.filter((warning) => typeof warning === 'string');
}

function wrongPath({ table }: PolicySource, { host }: CompiledRoute, { path }: TriedRequest): string {
  const other = table.match(host, path);
  return `${path} does not lead to this route but ${other ? `to ${nameOf(other)}` : 'nowhere: 404'}`;
}

/** What `checks/policy.ts` has to say of this route. */
function policyProblems({ problems, file, options }: PolicySource, { route }: CompiledRoute): string[] {
  const path = `routes[${options.routes.indexOf(route)}]`;
  return problems
    .filter((problem) => problem.path === path || problem.path.startsWith(`${path}.`))
    .filter(({ code }) => POLICY_PROBLEMS.includes(code))
    .map(({ message, position }) => `${position ? `${file}:${position.line}: ` : ''}${message}`);
}

const POLICY_PROBLEMS = [
  'NO_POLICY',
  'GROUPS_NEVER_MATCH',
  'MCP_TOOL_ALLOW',
  'INSPECTION_TOO_LARGE',
  'INSPECTION_TOO_SMALL',
];
