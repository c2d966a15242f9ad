import type { Route } from '../pomerium/model.ts';

/** The tools that a route's policy names, as label and a name to try: a prefix is shown as `delete_*` and tried as such a name. */
export function toolsIn(route: Route): [label: string, tool: string][] {
  const criteria = (route.policy ?? []).flatMap(({ conditions }) =>
    conditions.flatMap((condition) => condition.criteria),
  );
  const named = criteria.filter(({ name }) => name === 'mcp_tool').flatMap(({ data }) => toolsOf(data));
  return [...new Map(named)];
}

function toolsOf(data: unknown): [string, string][] {
  const operators = typeof data === 'object' && data !== null && !Array.isArray(data) ? data : { is: data };
  return Object.entries(operators).flatMap(([operator, value]: [string, unknown]) => {
    const names = [value].flat().filter((name) => typeof name === 'string');
    return names.map((name): [string, string] => sample(operator, name));
  });
}

function sample(operator: string, name: string): [string, string] {
  switch (operator) {
    case 'starts_with':
      return [`${name}*`, `${name}x`];
    case 'ends_with':
      return [`*${name}`, `x${name}`];
    case 'contains':
      return [`*${name}*`, `x${name}x`];
    default:
      return [name, name];
  }
}
