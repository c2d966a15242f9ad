import type { LogEntry } from '../net/log.ts';
import type { Decision, McpRequest, Session } from '../pomerium/model.ts';
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
}

/** What can be asked for in `authorize_log_fields`: Pomerium v0.33.1 internal/log/authorize.go. */
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
  'route-id': ({ plan }) => plan?.compiled.id,
  'mcp-method': ({ mcp }) => mcp?.method,
  'mcp-tool': ({ mcp }) => mcp?.tool,
};

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

export function logAuthorize(gateway: Gateway, context: CheckContext, decision: Decision | 'pomerium-route'): void {
  if (!gateway.state.logsRequests) return;
  const entry: LogEntry = { level: 'info', 'server-name': 'all', service: 'authorize', message: 'authorize check' };
  for (const [name, valueOf] of gateway.state.authorizeFields) {
    const value = valueOf(context);
    if (value !== undefined) entry[name] = value;
  }
  addVerdict(entry, decision);
  gateway.log(entry);
}

function addVerdict(entry: LogEntry, decision: Decision | 'pomerium-route'): void {
  const kind = decision === 'pomerium-route' ? 'allow' : decision.kind;
  entry['allow'] = kind === 'allow';
  if (decision === 'pomerium-route') entry['allow-why-true'] = [decision];
  else if (decision.kind === 'allow') entry['allow-why-true'] = decision.reasons;
  else if (decision.kind === 'unauthenticated') entry['allow-why-false'] = ['user-unauthenticated'];
  else if (decision.byRule) {
    entry['allow-why-false'] = [];
    entry['deny'] = true;
    entry['deny-why-true'] = decision.reasons;
    return;
  } else entry['allow-why-false'] = decision.reasons;
  entry['deny'] = false;
  entry['deny-why-false'] = [];
}
