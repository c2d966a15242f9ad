import type { Fetch } from '../net/fetch.ts';
import { discoveryFailed } from './errors.ts';
import { checkedUrl, getDocument, stringOf, stringsOf } from './http.ts';

/** The members of RFC 9728 metadata that this client reads. */
export interface ResourceMetadata {
  resource: string;
  authorizationServers: string[];
  scopesSupported?: string[];
  /** Where it was found. */
  url: string;
}

/**
 * Protected resource metadata of an MCP server: where the challenge points, else the two well-known places (path-inserted, then
 * root). Undefined when there is none, as with servers of the 2025-03-26 revision.
 */
export async function fetchResourceMetadata(
  fetch: Fetch,
  server: URL,
  fromChallenge: string | undefined,
  signal: AbortSignal,
): Promise<ResourceMetadata | undefined> {
  if (fromChallenge !== undefined) {
    const url = checkedUrl(fromChallenge, 'resource_metadata in the server’s challenge', server);
    const document = await getDocument(fetch, url, server, signal);
    if (document) return checkResource(document, url, server);
  }
  for (const url of wellKnownResourceUrls(server)) {
    const document = await getDocument(fetch, url, server, signal);
    if (document && 'resource' in document) return checkResource(document, url, server);
  }
  return undefined;
}

/** RFC 9728 §3.1 inserts the well-known name before the path; the root is MCP's fallback. */
export function wellKnownResourceUrls(server: URL): URL[] {
  const root = new URL('/.well-known/oauth-protected-resource', server);
  const path = server.pathname.replace(/\/$/, '');
  return path === '' ? [root] : [new URL(`/.well-known/oauth-protected-resource${path}`, server), root];
}

function checkResource(document: Record<string, unknown>, url: URL, server: URL): ResourceMetadata {
  const resource = stringOf(document['resource']);
  if (!resource || !isResourceOf(resource, server)) {
    throw discoveryFailed(
      `${url.href} describes ${resource ? `the resource ${resource}` : 'no resource'}, not ${server.href}`,
      'a client that believed it could be made to hand its token to somebody else (RFC 9728 §3.3)',
      resource && URL.canParse(resource)
        ? `use the URL that the server calls itself: ${resource}`
        : 'tell whoever runs the server',
    );
  }
  const authorizationServers = stringsOf(document['authorization_servers']) ?? [];
  if (authorizationServers.length === 0) {
    throw discoveryFailed(
      `${url.href} names no authorization server`,
      'authorization_servers is missing or empty',
      'tell whoever runs the server',
    );
  }
  const scopesSupported = stringsOf(document['scopes_supported']);
  return { resource, authorizationServers, url: url.href, ...(scopesSupported?.length ? { scopesSupported } : {}) };
}

/** The same URL, or one above it on the same origin: a document at the root speaks for all paths below it. */
export function isResourceOf(resource: string, server: URL): boolean {
  if (!URL.canParse(resource)) return false;
  const url = new URL(resource);
  if (url.origin !== server.origin || url.hash !== '') return false;
  if (url.search !== '' && url.search !== server.search) return false;
  const above = url.pathname.replace(/\/$/, '');
  const path = server.pathname.replace(/\/$/, '');
  return path === above || path.startsWith(`${above}/`);
}
