import type { CompiledRoute } from '../pomerium/index.ts';

/**
 * Names for routes that have none, made of what tells their addresses apart: the first label of the host, the path where several
 * routes share a host, the rest of the domain where several hosts share a label. After Pomerium v0.33.1 pkg/zero/importutil/namegen.go.
 */
export function generatedNames(routes: readonly CompiledRoute[]): string[] {
  const perHost = new Map<string, number>();
  for (const { hostname } of routes) perHost.set(hostname, (perHost.get(hostname) ?? 0) + 1);
  const short = routes.map((route, i) => shortName(route, i, (perHost.get(route.hostname) ?? 0) > 1));
  const hosts = new Map<string, Set<string>>();
  for (const [i, { hostname }] of routes.entries()) {
    const name = short[i] ?? '';
    hosts.set(name, (hosts.get(name) ?? new Set()).add(hostname));
  }
  return routes.map(({ hostname }, i) => {
    const name = short[i] ?? '';
    return (hosts.get(name)?.size ?? 0) > 1 ? [name, ...hostname.split('.').slice(1)].join('-') : name;
  });
}

function shortName(route: CompiledRoute, index: number, sharesHost: boolean): string {
  const [label = '', ...domain] = route.hostname.split('.');
  if (domain.length === 0) return `route-${index}`;
  const path = sharesHost ? pathName(route) : '';
  return path === '' ? label : `${label}-${path}`;
}

function pathName({ route }: CompiledRoute): string {
  const path = route.prefix ?? route.path ?? (route.regex === undefined ? '' : 're');
  return path
    .toLowerCase()
    .replace(/^[/ ]+|[/ ]+$/g, '')
    .replaceAll('/', '-')
    .replaceAll(' ', '_')
    .replaceAll('*', '');
}
