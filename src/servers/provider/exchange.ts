import type { Fetch } from '../../net/fetch.ts';
import { ProviderFailure } from './failure.ts';
import { urlOf, type ProviderRequest } from './request.ts';

export interface Reach {
  /** As users know the provider: `Notion`. */
  title: string;
  /** `https://api.notion.com`; every request goes below it. */
  baseUrl: string;
  /** Headers of every request, beside the token. */
  headers: Readonly<Record<string, string>>;
  fetch: Fetch;
}

const REDIRECTS = new Set([301, 302, 307, 308]);
const MOST_REDIRECTS = 3;

/** Follows a redirect inside the API, such as GitHub's of a renamed repository; the token goes nowhere else. */
export async function send(
  reach: Reach,
  request: ProviderRequest,
  token: string,
  signal: AbortSignal,
): Promise<Response> {
  let url = urlOf(reach.baseUrl, request);
  for (let hops = 0; ; hops += 1) {
    const response = await guarded(reach.title, signal, async () =>
      reach.fetch(url, { ...requestInit(reach, request, token), redirect: 'manual', signal }),
    );
    const location = response.headers.get('location');
    if (!REDIRECTS.has(response.status) || location === null) return response;
    await response.body?.cancel();
    const next = URL.canParse(location, url.href) ? new URL(location, url.href) : undefined;
    const isInside = next !== undefined && next.origin === url.origin && request.method !== 'POST';
    if (!isInside || hops === MOST_REDIRECTS) {
      throw new ProviderFailure(`${reach.title} sends this request elsewhere, which is not followed`);
    }
    url = next;
  }
}

function requestInit({ headers: common }: Reach, request: ProviderRequest, token: string): RequestInit {
  const { method = 'GET', headers, body } = request;
  const authorization = { Authorization: `Bearer ${token}` };
  if (!body) return { method, headers: { ...common, ...headers, ...authorization } };
  return {
    method,
    headers: { ...common, ...headers, ...authorization, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  };
}

/** Turns what the network says into a failure; names of hosts, addresses and resolvers stay out of what the user is told. */
export async function guarded<T>(title: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (signal.aborted) {
      const isTimeout = signal.reason instanceof Error && signal.reason.name === 'TimeoutError';
      throw new ProviderFailure(isTimeout ? `${title} did not answer in time` : 'the call was cancelled');
    }
    throw new ProviderFailure(`${title} cannot be reached${codeOf(error)}`);
  }
}

function codeOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? ` (${cause.code})` : '';
}
