import type { Route } from '../pomerium/model.ts';

/** The names of tools that a route's rules hold, by what their operators say. Patterns are left out: they name no tool. */
export function toolsNamed({ policy = [] }: Pick<Route, 'policy'>): string[] {
  const data = policy.flatMap(({ conditions }) =>
    conditions.flatMap(({ criteria }) => criteria.filter(({ name }) => name === 'mcp_tool').map((one) => one.data)),
  );
  return [...new Set(data.flatMap(exactNames))];
}

export function hasToolRules({ policy = [] }: Pick<Route, 'policy'>): boolean {
  return policy.some(({ conditions }) =>
    conditions.some(({ criteria }) => criteria.some(({ name }) => name === 'mcp_tool')),
  );
}

function exactNames(data: unknown): string[] {
  const operators = typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : { is: data };
  return ['is', 'in', 'not_in']
    .flatMap((operator) => [operators[operator] ?? []].flat())
    .filter((value) => typeof value === 'string');
}
