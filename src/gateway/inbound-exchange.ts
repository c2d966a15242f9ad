import type { Exchange } from './exchange.ts';
import type { Inbound } from './inbound.ts';
import { EMPTY, readBody } from './request-body.ts';
import type { CompiledRoute } from '../pomerium/index.ts';

/** The view of a request for those who answer it in full. */
export function exchangeOf(inbound: Inbound, route: CompiledRoute | undefined): Exchange {
  let query: URLSearchParams | undefined;
  return {
    requestId: inbound.requestId,
    method: inbound.method,
    host: inbound.host,
    path: inbound.path,
    get query() {
      return (query ??= new URLSearchParams(inbound.rawQuery));
    },
    rawQuery: inbound.rawQuery,
    headers: inbound.request.headers(),
    remoteAddress: inbound.remoteAddress,
    body: (limit) => bodyOf(inbound, limit),
    ...(route ? { route } : {}),
  };
}

/** Rejects with ClientLeft. */
function bodyOf(inbound: Inbound, limit: number): Promise<Buffer> {
  if (inbound.contentLength === 0) return Promise.resolve(EMPTY);
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  inbound.request.body.onGone(() => reject(new ClientLeft()));
  readBody(inbound.request.body, limit, ({ bytes, complete }) => {
    if (!complete) inbound.request.body.discard();
    resolve(bytes.subarray(0, limit));
  });
  return promise;
}

/** The client went away before its request was whole; there is nobody to answer. */
export class ClientLeft extends Error {}
