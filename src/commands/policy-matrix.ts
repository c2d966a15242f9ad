import type { Ctx } from '../context.ts';
import { usage } from '../errors.ts';
import { answerTo, explainPolicy, type Answer, type CompiledRoute } from '../pomerium/index.ts';
import type { Criterion, Decision, Options } from '../pomerium/model.ts';
import {
  ANONYMOUS,
  choosePerson,
  developmentPeople,
  sessionOf,
  type Person,
  type PersonOptions,
} from './policy-people.ts';
import { buildRequest, inputOf, inspectionOf, type RequestOptions } from './policy-request.ts';
import { chooseRoutes, nameOf, readSource, type PolicySource } from './policy-source.ts';
import { toolsIn } from './policy-tools.ts';

export interface PolicyMatrixOptions extends PersonOptions {
  config?: string;
  route?: string;
  tools?: string[];
}

export interface PolicyMatrixResult {
  kind: 'matrix';
  file: string;
  users: string[];
  routes: MatrixRoute[];
}

export interface MatrixRoute {
  name: string;
  url: string;
  rows: { call: string; cells: MatrixCell[] }[];
}

export interface MatrixCell {
  user: string;
  allowed: boolean;
  answer: Answer;
  decision: Decision['kind'];
  /** Line of the rule that decided; absent: no rule allows it. */
  line?: number;
}

/** Users × calls, from the files alone. */
export async function policyMatrix(ctx: Ctx, options: PolicyMatrixOptions): Promise<PolicyMatrixResult> {
  const source = await readSource(ctx, options.config);
  const routes = chooseRoutes(source, options.route);
  if (routes.length === 0)
    throw usage(`${source.file} has no route to an MCP server; name another one`, 'mcpgw policy matrix --route <name>');
  return matrixOf(ctx, source, options, routes);
}

/** The same of a configuration that was read already; routes to MCP servers where none are named. */
export async function matrixOf(
  ctx: Ctx,
  source: PolicySource,
  options: PolicyMatrixOptions,
  routes: readonly CompiledRoute[] = chooseRoutes(source, undefined),
): Promise<PolicyMatrixResult> {
  const people = peopleOf(source, options);
  return {
    kind: 'matrix',
    file: source.file,
    users: people.map(({ label }) => label),
    routes: await Promise.all(routes.map(async (route) => matrixRoute(ctx, route, { source, people, options }))),
  };
}

interface Axes {
  source: PolicySource;
  people: readonly Person[];
  options: PolicyMatrixOptions;
}

async function matrixRoute(ctx: Ctx, route: CompiledRoute, { source, people, options }: Axes): Promise<MatrixRoute> {
  const calls = callsOf(route, options.tools ?? []);
  const rows = await Promise.all(
    calls.map(async ({ call, ...request }) => {
      const cells = people.map(async (person) => cellOf(ctx, { route, person, request, options: source.options }));
      return { call, cells: await Promise.all(cells) };
    }),
  );
  return { name: nameOf(route), url: route.route.from, rows };
}

/** A name that no policy has thought of. */
const OTHER_TOOL = '\u{2047}';

function callsOf(route: CompiledRoute, more: readonly string[]): (RequestOptions & { call: string })[] {
  if (route.kind !== 'server') return [{ call: 'GET' }];
  const tools = new Map([...toolsIn(route.route), ...more.map((tool) => [tool, tool] as const)]);
  return [
    { call: 'initialize', rpc: 'initialize' },
    { call: 'tools/list', rpc: 'tools/list' },
    ...[...tools].map(([call, tool]) => ({ call, tool })),
    { call: tools.size > 0 ? 'any other tool' : 'any tool', tool: OTHER_TOOL },
  ];
}

interface Case {
  route: CompiledRoute;
  person: Person;
  request: RequestOptions;
  options: Options;
}

async function cellOf(ctx: Ctx, { route, person, request, options }: Case): Promise<MatrixCell> {
  const tried = await buildRequest(ctx, request, route);
  const inspection = inspectionOf(tried, route, options);
  const { decision, deciding } = explainPolicy(route.route, inputOf(tried, inspection, person.session, route.hostname));
  const isServer = route.kind === 'server';
  const answer = answerTo(decision, {
    isServer,
    mcp: options.runtime_flags['mcp'] !== false,
    parsed: inspection?.kind === 'read',
    prefersJson: isServer,
  });
  const line = deciding?.position?.line;
  return {
    user: person.label,
    allowed: answer === 'passes',
    answer,
    decision: decision.kind,
    ...(line !== undefined && { line }),
  };
}

/** The project's development users, or who the policies name; whoever the command line describes; and nobody. */
function peopleOf(source: PolicySource, options: PolicyMatrixOptions): Person[] {
  const isGiven = [options.as, options.email, options.user].some((value) => value !== undefined);
  if (isGiven) return [choosePerson(options, source), ANONYMOUS];
  const known = source.users ? developmentPeople(source) : namedPeople(source);
  return [...known, ANONYMOUS];
}

/** For a configuration without users: one of each address and each domain that a policy names, and somebody else. */
function namedPeople({ options }: PolicySource): Person[] {
  const criteria = options.routes.flatMap((route) => [
    ...(route.policy ?? []).flatMap(({ conditions }) => conditions.flatMap((condition) => condition.criteria)),
    ...route.allowed_domains.map((data) => ({ name: 'domain', data })),
    ...route.allowed_users.map((data) => ({ name: 'email', data })),
  ]);
  const emails = [...new Set(criteria.flatMap((criterion) => emailsOf(criterion)))];
  const people = emails.slice(0, MOST_NAMED).map((email) => ({ label: email, session: sessionOf(email, { email }) }));
  const other = 'someone@elsewhere.invalid';
  return [...people, { label: 'anyone else', session: sessionOf(other, { email: other }) }];
}

const MOST_NAMED = 5;

function emailsOf({ name, data }: Criterion): string[] {
  if (name !== 'email' && name !== 'domain') return [];
  const operators = typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : { is: data };
  const values = [operators['is'], operators['in']].flat().filter((value) => typeof value === 'string');
  return name === 'email' ? values : values.map((domain) => `someone@${domain}`);
}
