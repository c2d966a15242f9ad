import type { RouteEntry } from '../read/routes.ts';
import type { Report } from '../report.ts';
import { routeId } from '../route-id.ts';

/** Two routes that Envoy could not tell apart. */
export function checkUnique(entries: readonly RouteEntry[], report: Report): void {
  const seen = new Map<string, number>();
  entries.forEach((entry, i) => {
    if (!entry.keys.from || !entry.to) return;
    const name = `${entry.route.name ?? 'route'}-${routeId(entry.route)}`;
    const first = seen.get(name);
    if (first === undefined) {
      seen.set(name, i);
      return;
    }
    report.add({
      code: 'DUPLICATE_ROUTE',
      path: entry.path,
      message: `this route repeats route ${first + 1}: \`from\`, path and \`to\` are the same`,
      fix: 'delete one of the two',
      pomerium: `error creating control plane: error building clusters: route ${name} is not unique`,
    });
  });
}
