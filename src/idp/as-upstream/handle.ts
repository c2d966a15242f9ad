import type { IncomingMessage, ServerResponse } from 'node:http';
import { endpointOf } from './endpoints.ts';
import type { Outcome, Strike } from './faults/fault.ts';
import type { ActiveFault } from './faults/index.ts';
import { oauthError, receive, type Received } from './http.ts';
import type { Site } from './site.ts';

/** Answers one request, with whatever the faults make of it. */
export async function handle(
  site: Site,
  faults: readonly ActiveFault[],
  closing: AbortSignal,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const received = await receive(request);
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const signal = AbortSignal.any([closing, gone.signal]);
  const outcome = received
    ? await outcomeOf(site, faults, received, signal)
    : oauthError(413, 'invalid_request', 'the request is too long');
  if (outcome === 'close') request.socket.destroy();
  if (outcome === 'close' || signal.aborted) return;
  response.writeHead(outcome.status, outcome.headers);
  response.end(request.method === 'HEAD' ? '' : outcome.body);
}

async function outcomeOf(
  site: Site,
  faults: readonly ActiveFault[],
  received: Received,
  signal: AbortSignal,
): Promise<Outcome> {
  const endpoint = endpointOf(site, received);
  const { place } = endpoint;
  const { log } = site.options;
  const here = faults.filter((fault) => fault.places.includes(place));
  if (here.length > 0) {
    site.count('faultsStruck');
    log({ level: 'info', message: 'fault', place, faults: here.map((fault) => fault.name) });
  }
  const strikeOf = (fault: ActiveFault): Strike => ({ place, received, site, signal, value: fault.given });
  for (const fault of here) {
    const outcome = await fault.instead?.(strikeOf(fault));
    if (outcome) return outcome;
  }
  let outcome: Outcome = await endpoint.answer(site, received);
  for (const fault of here) {
    if (outcome !== 'close') outcome = fault.after?.(outcome, strikeOf(fault)) ?? outcome;
  }
  return outcome;
}
