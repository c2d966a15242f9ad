import type { Fetch } from '../net/fetch.ts';
import type { UpstreamOauth2 } from '../pomerium/model.ts';
import { getJson } from './probe.ts';

const NAMES = ['oauth-authorization-server', 'openid-configuration'];

/** What the provider of a token endpoint says of itself; undefined where it says nothing, which it may. */
export async function metadataOf(
  send: Fetch,
  { endpoint }: Pick<UpstreamOauth2, 'endpoint'>,
  signal: AbortSignal,
): Promise<Record<string, unknown> | undefined> {
  const url = URL.parse(endpoint?.token_url ?? '');
  if (!url) return undefined;
  for (const name of NAMES) {
    const found = await getJson(send, `${url.origin}/.well-known/${name}`, signal).catch(() => undefined);
    signal.throwIfAborted();
    if (found?.['token_endpoint'] !== undefined) return found;
  }
  return undefined;
}
