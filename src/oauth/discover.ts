import type { Fetch } from '../net/fetch.ts';
import { parseChallenge, type Challenge } from './challenge.ts';
import { modernHeaders, modernParams } from './envelope.ts';
import { noTokenNeeded } from './errors.ts';
import { discard, send } from './http.ts';
import { fetchResourceMetadata } from './resource.ts';
import { fetchServerMetadata, legacyServerMetadata } from './server-metadata.ts';
import type { Discovery } from './types.ts';

/** Finds out who signs people in for an MCP server. `given` is a challenge that was met already. */
export async function discover(
  fetch: Fetch,
  server: URL,
  given: Challenge | undefined,
  signal: AbortSignal,
): Promise<Discovery> {
  const answer = given ? { challenged: true, challenge: given } : await askWithoutToken(fetch, server, signal);
  const { challenge } = answer;
  const resource = await fetchResourceMetadata(fetch, server, challenge?.resourceMetadata, signal);
  if (!resource && !answer.challenged) throw noTokenNeeded(server);
  const scope = challenge?.scope ? { challengeScope: challenge.scope } : {};
  if (!resource) return { ...scope, metadata: await legacyServerMetadata(fetch, server, signal) };
  return {
    ...scope,
    resource: resource.resource,
    ...(resource.scopesSupported ? { scopesSupported: resource.scopesSupported } : {}),
    metadata: await fetchServerMetadata(fetch, resource.authorizationServers, server, signal),
  };
}

/** A request that servers of every revision guard: some let `initialize` through to anybody. */
async function askWithoutToken(
  fetch: Fetch,
  server: URL,
  signal: AbortSignal,
): Promise<{ challenged: boolean; challenge?: Challenge }> {
  const response = await send(fetch, server, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...modernHeaders('tools/list'),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: modernParams({}) }),
    signal,
  });
  await discard(response);
  const challenge = parseChallenge(response.headers.get('www-authenticate'));
  return { challenged: response.status === 401, ...(challenge ? { challenge } : {}) };
}
