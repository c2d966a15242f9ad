import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { compileRoutes, parseConfig, type CompiledRoute } from '../../src/pomerium/index.ts';
import type { PolicyInput, Session } from '../../src/pomerium/model.ts';
import { answersChallenge, measure } from './measure.ts';
import { firstLine, stop } from './processes.ts';
import { startGatewayProcess, type Bench, type Target } from './targets.ts';
import type { Row } from './tables.ts';

/* What a policy of many rules costs: a decision alone, and calls through two gateways that differ in nothing else. */

const CONNECTIONS = 10;

/** Bodies are inspected in any case. */
const plain: unknown[] = [
  { allow: { or: [{ domain: { is: 'company.com' } }] } },
  { deny: { or: [{ mcp_tool: { is: 'secret' } }] } },
];

const POLICIES: { name: string; policy: unknown[] }[] = [
  { name: '2 rules', policy: plain },
  { name: '100 rules: addresses and tools', policy: [...plain, ...Array.from({ length: 98 }, plainRule)] },
  { name: '100 rules: claims, address ranges, patterns', policy: [...plain, ...Array.from({ length: 98 }, mixedRule)] },
];

function plainRule(_: unknown, i: number): unknown {
  if (i % 2 === 0) return { allow: { or: [{ email: { is: `user${i}@company.com` } }] } };
  return { deny: { and: [{ mcp_tool: { is: `tool${i}` } }, { email: { not: `user${i}@company.com` } }] } };
}

function mixedRule(_: unknown, i: number): unknown {
  if (i % 2 === 0)
    return { allow: { and: [{ 'claim/groups': `group${i}` }, { http_method: { in: ['GET', 'POST'] } }] } };
  return { deny: { or: [{ mcp_tool: { starts_with: `drop${i}` } }, { source_ip: `10.0.${i}.0/24` }] } };
}

export interface PolicyFigures {
  /** Nanoseconds of processor time, of each policy. */
  decisions: { first: number; again: number }[];
  rows: Row[];
}

export interface PolicyRun {
  rounds: number;
  seconds: number;
  note: (line: string) => void;
}

export async function measurePolicies(bench: Bench, run: PolicyRun): Promise<PolicyFigures> {
  const decisions = POLICIES.map(({ policy }) => measureDecisions(policy));
  const targets: Target[] = [];
  for (const [i, { name, policy }] of POLICIES.entries()) {
    const folder = join(bench.folder, `policy-${i}`);
    mkdirSync(folder);
    const target = await startGatewayProcess({ ...bench, folder }, { policy });
    await answersChallenge(target, bench);
    targets.push({ ...target, name, headers: `Authorization: Bearer ${await firstLine(target.started)}\r\n` });
  }
  const rows = targets.map(({ name }) => ({
    name,
    connections: CONNECTIONS,
    isPeer: false,
    results: [] as Row['results'][number][],
  }));
  for (let round = 1; round <= run.rounds; round++) {
    for (const [i, target] of targets.entries()) {
      const result = await measure(bench, target, CONNECTIONS, run.seconds);
      rows[i]?.results.push(result);
      run.note(`policies, round ${round}: ${target.name} ${Math.round(result.rate)}/s`);
    }
  }
  await Promise.all(targets.map(async ({ started }) => stop(started.child)));
  return { decisions, rows };
}

const TIMES = 100_000;
const USERS = 2_000;

/** `first`: each of many users calls for the first time. `again`: one calls the same tool again and again. */
function measureDecisions(policy: unknown): { first: number; again: number } {
  const route = compile(policy);
  const [warm = inputOf(0)] = inputs();
  for (let i = 0; i < TIMES; i++) route.decide(warm);
  const again = cpuTime(() => {
    for (let i = 0; i < TIMES; i++) route.decide(warm);
  });
  for (const input of inputs()) route.decide(input);
  const strangers = inputs();
  const first = cpuTime(() => {
    for (const input of strangers) route.decide(input);
  });
  return { first: (first * 1e3) / USERS, again: (again * 1e3) / TIMES };
}

/** Microseconds of processor time, which a busy machine spoils less than the clock's. */
function cpuTime(act: () => void): number {
  const before = process.cpuUsage();
  act();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

const inputs = (): PolicyInput[] => Array.from({ length: USERS }, (_, i) => inputOf(i));

function compile(policy: unknown): CompiledRoute {
  const text = JSON.stringify({
    routes: [{ from: 'https://a.example.com', to: 'http://127.0.0.1:1', mcp: { server: {} }, policy }],
  });
  const { options, problems } = parseConfig(text, { file: 'policy.json' });
  const [route] = options ? compileRoutes(options).routes : [];
  if (!route) throw new Error(JSON.stringify(problems));
  return route;
}

function inputOf(i: number): PolicyInput {
  const email = `someone${i}@company.com`;
  const session: Session = {
    id: '',
    userId: email,
    email,
    name: '',
    claims: { groups: ['staff'] },
    issuedAt: 0,
    expiresAt: 1,
  };
  const http = { method: 'POST', path: '/', hostname: 'a.example.com', headers: {}, ip: '127.0.0.1' };
  return { session, http, mcp: { method: 'tools/call', tool: 'echo' } };
}
