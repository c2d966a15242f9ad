import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileRoutes, parseConfig, type CompiledRoute, type RouteTable } from '../../../src/pomerium/index.ts';
import type { Options, PolicyInput, Problem, Session } from '../../../src/pomerium/model.ts';

export const FIXTURES = join(import.meta.dirname, '../../fixtures/pomerium-config');
export const SECRET = Buffer.alloc(32, 7).toString('base64');

/** A recorded configuration with secrets in place of the blanks. */
export function recordedConfig(name: string): string {
  return readFileSync(join(FIXTURES, name), 'utf8').replaceAll('<base64 of 32 bytes>', SECRET);
}

export function optionsOf(text: string, env: Record<string, string> = {}): Options {
  const { options, problems } = parseConfig(text, { file: 'pomerium-config.yaml', env });
  if (!options) throw new Error(`no options: ${JSON.stringify(problems)}`);
  return options;
}

export function problemsOf(text: string, env: Record<string, string> = {}): Problem[] {
  return parseConfig(text, { file: 'pomerium-config.yaml', env }).problems;
}

/** `routes[0].from BAD_FROM` for each problem. */
export function codesOf(text: string): string[] {
  return problemsOf(text).map(({ path, code }) => `${path} ${code}`);
}

export function tableOf(text: string): RouteTable {
  return compileRoutes(optionsOf(text));
}

/** A route with these keys, in YAML's flow style, added to a good one. */
export function routeOf(keys: string): CompiledRoute {
  const [route] = tableOf(`routes: [{from: https://a.example.com, to: http://127.0.0.1:1, ${keys}}]`).routes;
  if (!route) throw new Error('no route');
  return route;
}

export function sessionOf(email: string, claims: Record<string, unknown> = {}): Session {
  return { id: 's', userId: `id-of-${email}`, email, name: email, claims, issuedAt: 0, expiresAt: 1 };
}

export function inputOf(input: Partial<PolicyInput> & { request?: Partial<PolicyInput['http']> } = {}): PolicyInput {
  const { request, ...rest } = input;
  return {
    http: { method: 'POST', path: '/', hostname: 'a.example.com', headers: {}, ip: '203.0.113.10', ...request },
    ...rest,
  };
}
