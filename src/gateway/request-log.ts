import type { LogEntry } from '../net/log.ts';
import { toolArguments } from '../pomerium/index.ts';
import type { Decision, McpRequest, Session, Verdict } from '../pomerium/model.ts';
import type { Inbound } from './inbound.ts';
import type { RoutePlan } from './route-plan.ts';
import type { Gateway } from './state.ts';

export interface AccessFields {
  status: number;
  /** Bytes of the body sent. */
  size: number;
  /** Envoy's response code details, such as `via_upstream`. */
  details: string;
  cluster: string;
  /** Host and path as the upstream saw them. */
  authority: string;
  path: string;
}

/** Envoy's access line, with the names that Pomerium v0.33.1 gives its fields. */
export function logAccess(gateway: Gateway, inbound: Inbound, fields: AccessFields): void {
  if (!gateway.state.logsRequests) return;
  gateway.log({
    level: 'info',
    'server-name': 'all',
    service: 'envoy',
    'upstream-cluster': fields.cluster,
    method: inbound.method,
    authority: fields.authority,
    path: fields.path,
    'user-agent': inbound.userAgent,
    referer: inbound.referer,
    'forwarded-for': inbound.forwardedFor ?? inbound.remoteAddress,
    'request-id': inbound.requestId,
    duration: Math.round((performance.now() - inbound.startedAt) * 1_000) / 1_000,
    size: fields.size,
    'response-code': fields.status,
    'response-code-details': fields.details,
    message: 'http-request',
  });
}

interface CheckContext {
  inbound: Inbound;
  plan: RoutePlan | undefined;
  session: Session | undefined;
  mcp: McpRequest | undefined;
  /** What was read of the request's body. */
  body?: Buffer;
}

const NOTHING = (): undefined => undefined;

/**
 * What can be asked for in `authorize_log_fields`: Pomerium v0.33.1 authorize/log.go. Nobody is impersonated and there are no service
 * accounts here, so those never have a value.
 */
const FIELDS: Record<string, (context: CheckContext) => unknown> = {
  'request-id': ({ inbound }) => inbound.requestId,
  'check-request-id': ({ inbound }) => inbound.requestId,
  method: ({ inbound }) => inbound.method,
  path: ({ inbound }) => inbound.path,
  host: ({ inbound }) => inbound.host,
  query: ({ inbound }) => inbound.rawQuery,
  ip: ({ inbound }) => inbound.remoteAddress,
  'session-id': ({ session }) => session?.id,
  user: ({ session }) => session?.userId ?? '',
  email: ({ session }) => session?.email ?? '',
  'envoy-route-id': ({ plan }) => plan?.compiled.id,
  'route-id': ({ plan }) => plan && explicitId(plan),
  'mcp-method': ({ mcp }) => mcp?.method,
  'mcp-tool': ({ mcp }) => mcp?.tool,
  'mcp-tool-parameters': ({ mcp, body }) => (mcp?.tool === undefined || !body ? undefined : toolArguments(body)),
  'impersonate-email': NOTHING,
  'impersonate-session-id': NOTHING,
  'impersonate-user-id': NOTHING,
  'removed-groups-count': NOTHING,
  'service-account-id': NOTHING,
};

/** Only an `id` that the configuration gives counts as one. */
function explicitId({ compiled }: RoutePlan): unknown {
  return compiled.route.rest['id'] ?? '';
}

export type LogField = readonly [name: string, valueOf: (context: CheckContext) => unknown];

/** The wanted fields, looked up once. */
export function logFields(names: readonly string[]): LogField[] {
  return names.flatMap((name) => {
    const valueOf = isLogField(name) ? FIELDS[name] : undefined;
    return valueOf ? [[name, valueOf] as const] : [];
  });
}

/** Whether a name in `authorize_log_fields` is one that this gateway has a value for. */
export function isLogField(name: string): boolean {
  return Object.hasOwn(FIELDS, name);
}

/** What is checked without a policy: Pomerium's own paths, and those of them that want somebody signed in. */
type Internal = 'pomerium-route' | 'unauthenticated';

const NO_DENY: Verdict = { value: false, reasons: [] };
const INTERNAL: Record<Internal, Verdict> = {
  'pomerium-route': { value: true, reasons: ['pomerium-route'] },
  unauthenticated: { value: false, reasons: ['user-unauthenticated'] },
};

export function logAuthorize(gateway: Gateway, context: CheckContext, decision: Decision | Internal): void {
  if (!gateway.state.logsRequests) return;
  const entry: LogEntry = { level: 'info', 'server-name': 'all', service: 'authorize', message: 'authorize check' };
  for (const [name, valueOf] of gateway.state.authorizeFields) {
    const value = valueOf(context);
    if (value !== undefined) entry[name] = value;
  }
  const { allow, deny } = typeof decision === 'string' ? { allow: INTERNAL[decision], deny: NO_DENY } : decision;
  // Both are told, also when the other one decides.
  entry['allow'] = allow.value;
  entry[allow.value ? 'allow-why-true' : 'allow-why-false'] = allow.reasons;
  entry['deny'] = deny.value;
  entry[deny.value ? 'deny-why-true' : 'deny-why-false'] = deny.reasons;
  gateway.log(entry);
}
