import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compileRoutes, peekJsonRpc } from '../../../src/pomerium/index.ts';
import { FIXTURES, inputOf, optionsOf, recordedConfig, sessionOf } from './helpers.ts';

interface Inspection {
  case: string;
  host: string;
  method: string;
  contentType?: string;
  body?: string;
  /** A long body: this, then `x` up to bodyLength. */
  bodyStart?: string;
  bodyLength?: number;
  signedIn: boolean;
  policy?: unknown;
  answer: 'refused by JSON-RPC' | '401' | 'passed';
  id?: number | string | null;
}

const CASES = JSON.parse(readFileSync(join(FIXTURES, 'inspection.json'), 'utf8')) as Inspection[];

const TABLE = compileRoutes(optionsOf(recordedConfig('config-full.yaml')));

function bodyOf({ body = '', bodyStart, bodyLength = 0 }: Inspection): Buffer {
  if (bodyStart === undefined) return Buffer.from(body);
  const end = '"}}}';
  return Buffer.from(bodyStart + 'x'.repeat(bodyLength - bodyStart.length - end.length) + end);
}

function routeFor({ host, policy }: Inspection) {
  if (policy === undefined) return TABLE.match(host, '/mcp');
  const route = { from: `https://${host}`, to: 'http://127.0.0.1:1', mcp: { server: {} }, policy };
  return compileRoutes(optionsOf(JSON.stringify({ routes: [route] }))).match(host, '/mcp');
}

describe('recorded requests are decided as Pomerium decided them', () => {
  test.each(CASES.map((one) => [one.case, one] as const))('%s', (_, one) => {
    const route = routeFor(one);
    if (!route) throw new Error('no route');
    const isInspected =
      one.method === 'POST' && one.contentType?.split(';')[0]?.trim().toLowerCase() === 'application/json';
    const limit = route.route.mcp?.server?.max_request_bytes ?? 0;
    const mcp = isInspected ? peekJsonRpc(bodyOf(one).subarray(0, limit)) : undefined;
    const session = one.signedIn ? { session: sessionOf('alice@company.com') } : {};
    const decision = route.decide(
      inputOf({ ...session, ...(mcp && { mcp }), request: { method: one.method, path: '/mcp' } }),
    );
    const answer =
      decision.kind === 'allow' ? 'passed' : decision.kind === 'deny' && mcp ? 'refused by JSON-RPC' : '401';
    expect(answer).toBe(one.answer);
    if (one.answer === 'refused by JSON-RPC') expect(mcp?.id ?? null).toBe(one.id);
  });
});
