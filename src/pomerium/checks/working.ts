import { isRecord } from '../../json.ts';
import { nearest } from '../../nearest.ts';
import { compileEvery, compileWhole } from '../go/regex.ts';
import { parseUrl } from '../go/url.ts';
import type { Route } from '../model.ts';
import { DEFAULT_FLAGS } from '../options.ts';
import type { RouteEntry } from '../read/routes.ts';
import type { AddToRoute, Report } from '../report.ts';
import type { GlobalKeys } from '../schema/global.ts';
import { warnAboutPolicy } from './policy.ts';
import { warnAboutServer } from './server.ts';

/*
 * What Pomerium takes without a word and what then does not work. An error where nothing that was meant can come of it, a warning
 * where only a part does not work.
 */

export function checkFlags(keys: GlobalKeys, report: Report): void {
  const known = Object.keys(DEFAULT_FLAGS);
  for (const flag of Object.keys(keys.runtime_flags ?? {})) {
    if (Object.hasOwn(DEFAULT_FLAGS, flag)) continue;
    const close = nearest(flag, known);
    const fix = close ? `did you mean \`${close}\`?` : `delete \`${flag}\``;
    const why = 'Pomerium logs `unknown runtime flag` and goes on without it.';
    report.add({
      code: 'UNKNOWN_FLAG',
      path: ['runtime_flags', flag],
      message: `unknown runtime flag \`${flag}\``,
      why,
      fix,
    });
  }
}

/** A key that holds null is no value for Pomerium: the route silently becomes a plain one. `data` is what the file says. */
export function checkNullMcp(data: Record<string, unknown>, report: Report): void {
  for (const list of ['policy', 'routes'] as const) {
    const routes = data[list];
    if (!Array.isArray(routes)) continue;
    routes.forEach((route: unknown, i) => {
      if (!isRecord(route) || route['mcp'] !== null) return;
      const fix = 'write `mcp: {server: {}}` or `mcp: {client: {}}`, or delete the key';
      report.add({
        code: 'MCP_NULL',
        path: [list, i, 'mcp'],
        message: '`mcp:` has no value',
        why: 'Pomerium takes the route for a plain one, without a word.',
        fix,
      });
    });
  }
}

export function checkWorking(entries: readonly RouteEntry[], report: Report): void {
  const serverHosts = new Map<string, number>();
  entries.forEach(({ route, path }, i) => {
    const add: AddToRoute = ({ key, ...finding }) =>
      report.add({ ...finding, path: [...path, ...key.split('.').filter(Boolean)] });
    checkExpressions(route, add);
    checkResponse(route, add);
    warnAboutPolicy(route, add);
    if (!route.mcp?.server) return;
    warnAboutServer(route, route.mcp.server, add);
    const host = hostOf(route);
    const first = serverHosts.get(host);
    if (first === undefined) serverHosts.set(host, i);
    else {
      const why = `${host} already belongs to route ${first + 1}; only the first MCP server of a host has metadata and is listed.`;
      add({
        key: 'from',
        code: 'MCP_HOST_TAKEN',
        severity: 'warning',
        message: `a second MCP server on ${host}`,
        why,
        fix: 'give each MCP server a host name of its own',
      });
    }
  });
}

function hostOf({ from }: Route): string {
  try {
    return parseUrl(from).host;
  } catch {
    return '';
  }
}

/** Envoy's DirectResponseAction takes no other. */
function checkResponse({ response, redirect }: Route, add: AddToRoute): void {
  if (!response || redirect || (response.status >= 200 && response.status < 600)) return;
  const why = 'Envoy refuses every route when it meets one.';
  const message = `\`response.status: ${response.status}\` is no status of an answer`;
  add({ key: 'response.status', code: 'BAD_VALUE', message, why, fix: 'write a status from 200 to 599' });
}

function checkExpressions(route: Route, add: AddToRoute): void {
  const check = (key: string, pattern: unknown, compile: (pattern: string) => unknown): void => {
    if (typeof pattern !== 'string' || pattern === '') return;
    try {
      compile(pattern);
    } catch (error) {
      const why = 'Envoy refuses every route when it meets one.';
      add({
        key,
        code: 'BAD_REGEX',
        message: `\`${key}\` is no regular expression: ${(error as Error).message}`,
        why,
        fix: 'correct the expression (RE2 syntax)',
      });
    }
  };
  check('regex', route.regex, compileWhole);
  check('regex_rewrite_pattern', route.regex_rewrite_pattern, compileEvery);
  check('host_path_regex_rewrite_pattern', route.host_path_regex_rewrite_pattern, compileEvery);
}
