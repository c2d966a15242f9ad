import type { Ctx } from '../context.ts';
import { usage } from '../errors.ts';
import { chooseRoutes, nameOf, readSource } from './policy-source.ts';
import { testRoute, type PolicyTestOptions, type PolicyTestResult } from './policy-test.ts';

/** The same request on several routes. */
export interface PolicyTestsResult {
  kind: 'tests';
  /** Whether it passes on each. */
  allowed: boolean;
  tests: PolicyTestResult[];
}

/** Tries one request on the route that is named, or on every route to an MCP server. */
export async function testPolicy(ctx: Ctx, options: PolicyTestOptions): Promise<PolicyTestResult | PolicyTestsResult> {
  const source = await readSource(ctx, options.config);
  const routes = chooseRoutes(source, options.route);
  const [first, ...others] = routes;
  if (!first) {
    const names = source.table.routes.map(nameOf);
    throw usage(
      `${source.file} has no route to an MCP server; name another one`,
      `mcpgw policy test --route ${names[0] ?? '<route>'}`,
    );
  }
  if (others.length === 0) return testRoute(ctx, options, source, first);
  // Standard input is there once.
  if (options.body === '-')
    throw usage('--body - wants --route', `mcpgw policy test --route ${nameOf(first)} --body -`);
  const tests: PolicyTestResult[] = [];
  for (const route of routes) tests.push(await testRoute(ctx, options, source, route));
  return { kind: 'tests', allowed: tests.every(({ allowed }) => allowed), tests };
}
