import type { RouteTable } from '../../pomerium/index.ts';
import type { Log } from '../../net/log.ts';
import { challenge } from '../metadata.ts';
import { cleanPath } from '../paths.ts';
import { fieldsOf } from './consent.ts';
import type { UpstreamHttp } from './http.ts';
import type { RefusalOutcome, UpstreamRefusal } from './index.ts';
import { createPending, type PendingUpstreams } from './pending.ts';
import { refusedUrl } from './resource.ts';
import { serviceOfRoute, type UpstreamService } from './service.ts';
import { setUp } from './setup.ts';
import { parseBearerChallenge, type BearerChallenge } from './www-authenticate.ts';

export interface RefusalOptions {
  table: () => RouteTable;
  http: UpstreamHttp;
  pending: PendingUpstreams;
  log: Log;
}

/**
 * Looks into an upstream's 401, or its 403 for want of a scope: Pomerium v0.33.1 internal/mcp/upstream_auth.go, HandleUpstreamResponse. The
 * user's next authorization then begins with the upstream's consent. Undefined: the answer goes on as it is.
 */
export function answerRefusal(o: RefusalOptions, refusal: UpstreamRefusal): Promise<RefusalOutcome> | undefined {
  const service = serviceOfRoute(o.table(), refusal.route);
  if (!service || service.upstreamUrl === '' || refusal.session.userId === '') return undefined;
  const bearer = parseBearerChallenge(refusal.wwwAuthenticate);
  if (refusal.status !== 401 && bearer?.error !== 'insufficient_scope') return undefined;
  return prepare(o, service, refusal, bearer).catch((error: unknown): RefusalOutcome => {
    o.log({
      level: 'error',
      message: 'ext_proc: error handling upstream response',
      'route-id': refusal.route.id,
      status: refusal.status,
      'downstream-host': refusal.host,
      error: error instanceof Error ? error.message : String(error),
      'request-id': refusal.requestId,
    });
    return { kind: 'unavailable' };
  });
}

/** A client is not registered here, but at the authorization that follows, unless that finds this one under way. */
async function prepare(
  o: RefusalOptions,
  service: UpstreamService,
  { session, route, host, path, rawQuery }: UpstreamRefusal,
  bearer: BearerChallenge | undefined,
): Promise<RefusalOutcome> {
  const { upstreamUrl } = service;
  const to = route.route.to[0]?.url ?? '';
  const setup = await setUp(o.http, service, { url: refusedUrl(to, upstreamUrl, path), host, challenge: bearer });
  const originalUrl = `${refusedUrl(to, '', path)}${rawQuery === '' ? '' : `?${rawQuery}`}`;
  const own = { userId: session.userId, routeId: route.id, upstreamUrl, downstreamHost: host, originalUrl };
  await o.pending.put(createPending({ ...own, ...fieldsOf(setup) }));
  return { kind: 'challenge', wwwAuthenticate: challenge(host, cleanPath(path)) };
}
