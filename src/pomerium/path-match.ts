import { parseUrl } from './go/url.ts';
import { compileEvery, compileWhole, translateSubstitution } from './go/regex.ts';
import type { Route } from './model.ts';

/** Whether a route takes a path: config/envoyconfig/routes.go, mkRouteMatch. A prefix is one of bytes, not of segments. */
export function compilePathMatch({ regex, path, prefix }: Route): (path: string) => boolean {
  if (regex) {
    const expression = compileOrNever(() => compileWhole(regex));
    return (candidate) => expression.test(candidate);
  }
  if (path) return (candidate) => candidate === path;
  if (prefix && prefix !== '/') return (candidate) => candidate.startsWith(prefix);
  return (candidate) => candidate.startsWith('/');
}

/** What `host_path_regex_rewrite_*` makes of a path: the upstream's Host, with what the expression leaves alone. Undefined: not set. */
export function compileHostOfPath(route: Route): ((path: string) => string) | undefined {
  const { host_path_regex_rewrite_pattern: pattern, host_path_regex_rewrite_substitution: substitution = '' } = route;
  if (!pattern) return undefined;
  const expression = compileOrNever(() => compileEvery(pattern));
  const replacement = translateSubstitution(substitution);
  return (path) => path.replace(expression, replacement);
}

/** An expression that Envoy would refuse matches nothing here. */
function compileOrNever(compile: () => RegExp): RegExp {
  try {
    return compile();
  } catch {
    return /(?!)/;
  }
}

/**
 * The path sent upstream (getRewriteOptions): `prefix_rewrite`, else the regular expression, else the path of the first `to`, put in
 * place of the bytes that matched. So with `to: http://h/mcp` a request for `/mcp` becomes `/mcpmcp`.
 */
export function compilePathRewrite(route: Route): (path: string) => string {
  const rewrite = compileRewrite(route);
  return (path) => {
    const query = path.indexOf('?');
    return query < 0 ? rewrite(path) : rewrite(path.slice(0, query)) + path.slice(query);
  };
}

function compileRewrite(route: Route): (path: string) => string {
  const {
    prefix_rewrite: prefix,
    regex_rewrite_pattern: pattern,
    regex_rewrite_substitution: substitution = '',
  } = route;
  if (!prefix && pattern) {
    const expression = compileOrNever(() => compileEvery(pattern));
    const replacement = translateSubstitution(substitution);
    return (path) => path.replace(expression, replacement);
  }
  const start = prefix || upstreamPath(route);
  if (start === '') return (path) => path;
  // An exact path and an expression match all of the path.
  if (route.regex || route.path) return () => start;
  const matched = (route.prefix ?? '/').length;
  return (path) => start + path.slice(matched);
}

function upstreamPath({ to }: Route): string {
  const [first] = to;
  return first ? parseUrl(first.url).path : '';
}
