import { readFileSync } from 'node:fs';
import { CliError } from '../errors.ts';
import type { CompiledRoute } from '../pomerium/index.ts';
import type { Options, Route, Upstream } from '../pomerium/model.ts';
import { IdentityHeaderSource } from './identity-headers.ts';
import { headerTemplate, type HeaderTemplate } from './request-head.ts';
import { responseRules, type ResponseRules } from './response-rules.ts';
import type { SigningKeys } from './signing-keys.ts';
import type { Pool, UpstreamTls } from './upstream/pool.ts';
import type { Pools } from './upstream/pools.ts';
import { Rotation } from './upstream/targets.ts';

/** One upstream of a route. */
export interface Target {
  pool: Pool;
  /** Undefined: the client's Host goes on. */
  hostHeader: string | undefined;
  pathOf(path: string): string;
}

/** A route, worked out as far as it can be before a request is there. */
export interface RoutePlan {
  compiled: CompiledRoute;
  /** An MCP server route, with the flag on. */
  mcp: boolean;
  /** Bytes of a body that policy looks at; 0: none. */
  inspect: number;
  targets: Rotation<Target>;
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
  /** Told to upstreams of routes that have a limit. */
  expectedTimeout: number | undefined;
  /** Name of the cluster in the access log. */
  cluster: string;
}

export interface PlanContext {
  options: Options;
  keys: SigningKeys;
  pools: Pools;
  /** Global response headers. */
  responseHeaders: Record<string, string>;
}

/** Envoy's stream_idle_timeout by Pomerium's timeout_idle. */
const DEFAULT_IDLE = 300_000;
const LOG_FIELDS_OF_BODIES = ['mcp-method', 'mcp-tool', 'mcp-tool-parameters'];
/** Of an HTTP/1.1 connection in Envoy as Pomerium sets it up; a longer inspected body is refused there. */
export const BUFFER_LIMIT = 32_768;

export function planRoute(compiled: CompiledRoute, context: PlanContext): RoutePlan {
  const { options, keys, pools } = context;
  const { route } = compiled;
  const mcp = compiled.kind === 'server' && options.runtime_flags['mcp'] !== false;
  const setHeaders = Object.entries(route.set_request_headers).filter(
    ([name]) => !isFraming(name) && !(mcp && isAuthorization(name)),
  );
  const passIdentity = route.pass_identity_headers ?? options.pass_identity_headers;
  const timeout = route.timeout ?? (mcp ? 0 : options.default_upstream_timeout);
  return {
    compiled,
    mcp,
    inspect: mcp ? inspectedBytes(compiled, options) : 0,
    targets: new Rotation(
      route.to.map((upstream) => planTarget(compiled, upstream, pools)),
      route.to.map(({ weight }) => weight),
    ),
    identity: new IdentityHeaderSource(keys, compiled.hostname, options, route),
    passIdentity,
    needsIdentity: passIdentity || setHeaders.some(([, value]) => value.includes('pomerium.jwt')),
    replacedHeaders: replacedHeaders(
      route,
      options,
      setHeaders.map(([name]) => name),
    ),
    setRequestHeaders: headerTemplate(setHeaders),
    response: responseRules(context.responseHeaders, route),
    cookieName: options.cookie_name,
    timeout,
    idleTimeout: route.idle_timeout ?? (mcp ? 0 : DEFAULT_IDLE),
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
function isFraming(name: string): boolean {
  return ['content-length', 'transfer-encoding', 'connection', 'host'].includes(name.toLowerCase());
}

function isAuthorization(name: string): boolean {
  return name.toLowerCase() === 'authorization';
}

function replacedHeaders(route: Route, options: Options, set: readonly string[]): ReadonlySet<string> | undefined {
  const names = [...Object.keys(options.jwt_claims_headers), ...route.remove_request_headers, ...set];
  return names.length > 0 ? new Set(names.map((name) => name.toLowerCase())) : undefined;
}

function planTarget(compiled: CompiledRoute, upstream: Upstream, pools: Pools): Target {
  const { route } = compiled;
  const url = new URL(upstream.url);
  const secure = url.protocol === 'https:';
  const hostname = url.hostname.replace(/^\[|\]$/g, '');
  const pool = pools.get({
    hostname,
    port: Number(url.port || (secure ? 443 : 80)),
    ...(secure ? { tls: tlsOf(route, hostname, pools.ca) } : {}),
  });
  return {
    pool,
    hostHeader: route.preserve_host_header ? undefined : (route.host_rewrite ?? url.host),
    pathOf: rememberLast((path) => compiled.upstreamPath(path, upstream.url)),
  };
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

/** Beside what the route names, the project's own authority is trusted: a development machine's upstreams have it. */
function tlsOf(route: Route, hostname: string, projectCa: readonly string[]): UpstreamTls {
  const own = [route.tls_custom_ca, route.tls_custom_ca_file].filter((entry) => entry !== undefined);
  return {
    servername: route.tls_upstream_server_name ?? hostname,
    ca: [...projectCa, ...own.map(readPem)],
    rejectUnauthorized: !route.tls_skip_verify,
  };
}

/** PEM as text, as base64 of it, or in a file. */
function readPem(value: string): string {
  if (value.includes('-----BEGIN')) return value;
  const decoded = Buffer.from(value, 'base64').toString('latin1');
  if (decoded.includes('-----BEGIN')) return decoded;
  try {
    return readFileSync(value, 'utf8');
  } catch (cause) {
    throw new CliError({
      code: 'BAD_UPSTREAM_CA',
      message: `the certificate authority ${value} of a route cannot be read`,
      why: cause instanceof Error ? cause.message : String(cause),
      fix: 'correct tls_custom_ca_file in pomerium-config.yaml',
      cause,
    });
  }
}
