import type { CompiledRoute } from '../pomerium/index.ts';
import type { Options, Route, Upstream } from '../pomerium/model.ts';
import { headerTemplate, namesAssertion, type HeaderTemplate } from './header-template.ts';
import { hostRewrite } from './host-rewrite.ts';
import { IdentityHeaderSource } from './identity-headers.ts';
import type { Inbound } from './inbound.ts';

import { ReservedNames } from './strict/reserved-names.ts';
import { responseRules, type ResponseRules } from './response-rules.ts';
import type { SigningKeys } from './signing-keys.ts';
import type { Pool } from './upstream/pool.ts';
import type { Pools } from './upstream/pools.ts';
import { balance, type Balancer } from './upstream/targets.ts';
import type { TlsMaterial } from './upstream/tls.ts';
import { upgradesOf } from './upgrades.ts';

/** One upstream of a route. */
export interface Target {
  pool: Pool;
  /** Undefined: the client's Host goes on, or what the request says decides. */
  hostHeader: string | undefined;
  /** The Host for the upstream; undefined: the client's. */
  hostOf(inbound: Inbound): string | undefined;
  pathOf(path: string): string;
}

/** A route, worked out as far as it can be before a request is there. */
export interface RoutePlan {
  compiled: CompiledRoute;
  /** An MCP server route, with the flag on. */
  mcp: boolean;
  /** A route to an MCP client application, which is given an External Token of its user. */
  mcpClient: boolean;
  /** Bytes of a body that policy looks at; 0: none. */
  inspect: number;
  /** What cannot be looked at is refused. */
  failsClosed: boolean;
  targets: Balancer<Target>;
  identity: IdentityHeaderSource;
  passIdentity: boolean;
  needsIdentity: boolean;
  /** Lower-case names of request headers that the client does not get to set. */
  replacedHeaders: ReadonlySet<string> | undefined;
  setRequestHeaders: HeaderTemplate | undefined;
  response: ResponseRules;
  cookieName: string;
  /** Milliseconds until the response has to be complete; 0: no limit. */
  timeout: number;
  /** Milliseconds of silence; 0: no limit. */
  idleTimeout: number;
  /** Names of protocols that a client may ask to go over to, lower case. */
  upgrades: ReadonlySet<string>;
  /** The upstream is told the client's Host where it gets another. */
  tellsHost: boolean;
  /** Told to upstreams of routes that have a limit. */
  expectedTimeout: number | undefined;
  /** Name of the cluster in the access log. */
  cluster: string;
}

export interface PlanContext {
  options: Options;
  keys: SigningKeys;
  pools: Pools;
  tls: TlsMaterial;
  /** Global response headers. */
  responseHeaders: Record<string, string>;
  strict: boolean;
}

/** Envoy's stream_idle_timeout by Pomerium's timeout_idle. */
const DEFAULT_IDLE = 300_000;
const LOG_FIELDS_OF_BODIES = ['mcp-method', 'mcp-tool', 'mcp-tool-parameters'];
/** Of an HTTP/1.1 connection in Envoy as Pomerium sets it up; a longer inspected body is refused there. */
export const BUFFER_LIMIT = 32_768;

export function planRoute(compiled: CompiledRoute, context: PlanContext): RoutePlan {
  const { options, keys } = context;
  const { route } = compiled;
  const flag = options.runtime_flags['mcp'] !== false;
  const mcp = compiled.kind === 'server' && flag;
  // A route that is a server as well counts too: Pomerium v0.33.1 config/policy.go, IsMCPClient.
  const mcpClient = route.mcp?.client !== undefined && flag;
  const setHeaders = Object.entries(route.set_request_headers).filter(
    ([name]) => !isFraming(name) && !((mcp || mcpClient) && isAuthorization(name)),
  );
  const passIdentity = route.pass_identity_headers ?? options.pass_identity_headers;
  const upgrades = upgradesOf(route, options);
  // Long conversations must not be cut: v0.33.1 config/envoyconfig/routes.go, shouldDisableStreamIdleTimeout.
  const unlimited = mcp || upgrades.has('websocket');
  const timeout = route.timeout ?? (unlimited ? 0 : options.default_upstream_timeout);
  return {
    compiled,
    mcp,
    mcpClient,
    inspect: mcp ? inspectedBytes(compiled, options) : 0,
    failsClosed: context.strict && mcp && compiled.needsTool,
    targets: planTargets(compiled, context),
    identity: new IdentityHeaderSource(keys, compiled.hostname, options, route),
    passIdentity,
    needsIdentity: passIdentity || setHeaders.some(([, value]) => namesAssertion(value)),
    replacedHeaders: replacedHeaders(
      route,
      context,
      setHeaders.map(([name]) => name),
    ),
    setRequestHeaders: headerTemplate(setHeaders),
    response: responseRules(context.responseHeaders, route),
    cookieName: options.cookie_name,
    timeout,
    idleTimeout: route.idle_timeout ?? (unlimited ? 0 : DEFAULT_IDLE),
    upgrades,
    tellsHost: !route.remove_request_headers.some((name) => name.toLowerCase() === 'x-forwarded-host'),
    expectedTimeout: timeout > 0 ? timeout : undefined,
    cluster: `${route.name ?? 'route'}-${compiled.id}`,
  };
}

function inspectedBytes(compiled: CompiledRoute, options: Options): number {
  const limit = compiled.route.mcp?.server?.max_request_bytes ?? 0;
  const logged = options.authorize_log_fields.some((field) => LOG_FIELDS_OF_BODIES.includes(field));
  return compiled.needsTool || logged || limit > BUFFER_LIMIT ? limit : 0;
}

/** Framing is the proxy's own. */
export function isFraming(name: string): boolean {
  return ['content-length', 'transfer-encoding', 'connection', 'host'].includes(name.toLowerCase());
}

function isAuthorization(name: string): boolean {
  return name.toLowerCase() === 'authorization';
}

function replacedHeaders(
  route: Route,
  { options, strict }: PlanContext,
  set: readonly string[],
): ReadonlySet<string> | undefined {
  const names = [...Object.keys(options.jwt_claims_headers), ...route.remove_request_headers, ...set];
  const lower = names.map((name) => name.toLowerCase());
  if (strict) return new ReservedNames(lower);
  return lower.length > 0 ? new Set(lower) : undefined;
}

function planTargets(compiled: CompiledRoute, context: PlanContext): Balancer<Target> {
  const choices = compiled.route.to.filter(isSpoken).map((upstream) => {
    const item = planTarget(compiled, upstream, context);
    return { item, weight: upstream.weight, name: upstream.url, active: () => item.pool.active };
  });
  return balance(choices, compiled.route.load_balancing_policy);
}

function planTarget(compiled: CompiledRoute, upstream: Upstream, { pools, tls }: PlanContext): Target {
  const { route } = compiled;
  const url = new URL(upstream.url);
  const secure = url.protocol === 'https:';
  const hostname = url.hostname.replace(/^\[|\]$/g, '');
  const pool = pools.get({
    hostname,
    port: Number(url.port || (secure ? 443 : 80)),
    ...(secure ? { tls: tls.of(route, hostname) } : {}),
  });
  const host = hostRewrite(route, url.host);
  return {
    pool,
    hostHeader: typeof host === 'string' ? host : undefined,
    hostOf: typeof host === 'function' ? host : () => host,
    pathOf: rememberLast((path) => compiled.upstreamPath(path, upstream.url)),
  };
}

/** The schemes of upstreams that this gateway reaches. */
export function isSpoken({ url }: Upstream): boolean {
  return /^https?:/i.test(url);
}

/** An MCP server is called under one path, again and again. */
function rememberLast(join: (path: string) => string): (path: string) => string {
  let last: string | undefined;
  let joined = '';
  return (path) => {
    if (path !== last) {
      joined = join(path);
      last = path;
    }
    return joined;
  };
}
