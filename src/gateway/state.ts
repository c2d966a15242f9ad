import type { Log } from '../net/log.ts';
import { compileRoutes, type CompiledRoute, type RouteTable } from '../pomerium/index.ts';
import type { Options } from '../pomerium/model.ts';
import type { Behaviour } from '../pomerium/versions.ts';
import type { Identity } from './exchange.ts';
import type { ActiveFaults } from './faults.ts';
import { logFields, type LogField } from './request-log.ts';
import { globalResponseHeaders, responseRules, type ResponseRules } from './response-rules.ts';
import { planRoute, type RoutePlan } from './route-plan.ts';
import { signingKeysOf, type SigningKeys } from './signing-keys.ts';
import type { Pools } from './upstream/pools.ts';
import { TlsMaterial, type ReadFile } from './upstream/tls.ts';

/** One configuration in force. A reload makes a new one; a request keeps the one it began with. */
export interface State {
  options: Options;
  /** Of the release that the gateway behaves as. */
  behaviour: Behaviour;
  table: RouteTable;
  plans: ReadonlyMap<CompiledRoute, RoutePlan>;
  keys: SigningKeys;
  /** For answers that belong to no route. */
  response: ResponseRules;
  /** Host of the authenticate service with its port; undefined when it is hosted elsewhere. */
  authenticateHost: string | undefined;
  mcp: boolean;
  /** Lines of level info are wanted. */
  logsRequests: boolean;
  /** What the line of a check tells. */
  authorizeFields: readonly LogField[];
}

/** What outlives a configuration. */
export interface StateContext {
  pools: Pools;
  /** Clients come over TLS. */
  secure: boolean;
  behaviour: Behaviour;
  readFile: ReadFile;
  strict: boolean;
}

/** Throws CliError for a key or a certificate that cannot be used. */
export function createState(options: Options, { pools, secure, behaviour, readFile, strict }: StateContext): State {
  const table = compileRoutes(options);
  const keys = signingKeysOf(options);
  const responseHeaders = globalResponseHeaders(options, secure);
  const tls = new TlsMaterial(options, pools.ca, readFile);
  const context = { options, keys, pools, tls, responseHeaders, strict };
  pools.begin();
  const plans = new Map(table.routes.map((route) => [route, planRoute(route, context)] as const));
  const url = options.authenticate_service_url;
  return {
    options,
    behaviour,
    table,
    plans,
    keys,
    response: responseRules(responseHeaders),
    authenticateHost: url === undefined ? undefined : new URL(url).host,
    mcp: options.runtime_flags['mcp'] !== false,
    logsRequests: ['trace', 'debug', 'info', ''].includes(options.log_level),
    authorizeFields: logFields(options.authorize_log_fields),
  };
}

export interface OpenStream {
  /** It answers no call, but was opened to hear what comes. */
  readonly listens: boolean;
  breakOff(): void;
}

/** What lives as long as the gateway. */
export interface Gateway {
  /** The configuration in force. */
  state: State;
  readonly identity: Identity;
  readonly log: Log;
  readonly faults: ActiveFaults;
  /** Event streams that are open. */
  readonly streams: Set<OpenStream>;
}
