import type { Fetch } from '../net/fetch.ts';
import { CliError } from '../errors.ts';
import { discoveryFailed } from './errors.ts';
import { checkedUrl, getDocument, stringOf, stringsOf } from './http.ts';
import type { ServerMetadata } from './types.ts';

/** Metadata of the first authorization server in the list that has a usable document. */
export async function fetchServerMetadata(
  fetch: Fetch,
  issuers: readonly string[],
  server: URL,
  signal: AbortSignal,
): Promise<ServerMetadata> {
  let first: CliError | undefined;
  for (const issuer of issuers) {
    try {
      return await metadataOf(fetch, issuer, server, signal);
    } catch (error) {
      if (!(error instanceof CliError) || signal.aborted) throw error;
      first ??= error;
    }
  }
  throw (
    first ?? discoveryFailed(`${server.href} names no authorization server`, undefined, 'tell whoever runs the server')
  );
}

async function metadataOf(fetch: Fetch, issuer: string, server: URL, signal: AbortSignal): Promise<ServerMetadata> {
  const issuerUrl = checkedUrl(issuer, 'the authorization server’s issuer', server);
  for (const url of metadataUrls(issuerUrl)) {
    const document = await getDocument(fetch, url, server, signal);
    if (!document || !('issuer' in document)) continue;
    if (!isSameIssuer(document['issuer'], issuer)) {
      throw discoveryFailed(
        `${url.href} calls itself \`${String(document['issuer']).slice(0, 200)}\`, but was looked up as \`${issuer}\``,
        'an authorization server whose name does not agree may be a trap (RFC 8414 §3.3)',
        'tell whoever runs the server',
      );
    }
    return checkMetadata(document, url, server);
  }
  throw discoveryFailed(
    `no metadata found for the authorization server ${issuer}`,
    `looked at:\n${metadataUrls(issuerUrl)
      .map((url) => `  ${url.href}`)
      .join('\n')}`,
    'mcpgw doctor',
  );
}

/** RFC 8414 §3.1 first, then OpenID Connect with the name inserted, then appended. */
export function metadataUrls(issuer: URL): URL[] {
  const path = issuer.pathname.replace(/\/$/, '');
  const at = (pathname: string): URL => new URL(pathname, issuer);
  const inserted = [
    at(`/.well-known/oauth-authorization-server${path}`),
    at(`/.well-known/openid-configuration${path}`),
  ];
  return path === '' ? inserted : [...inserted, at(`${path}/.well-known/openid-configuration`)];
}

/** Identical, but for the slash that URL parsers put after a bare host (older Pomerium releases write it, newer do not). */
function isSameIssuer(found: unknown, expected: string): boolean {
  if (typeof found !== 'string') return false;
  if (found === expected) return true;
  return bareHost(found) === bareHost(expected);
}

function bareHost(text: string): string {
  return /^https?:\/\/[^/]+\/$/.test(text) ? text.slice(0, -1) : text;
}

function checkMetadata(document: Record<string, unknown>, url: URL, server: URL): ServerMetadata {
  const endpoint = (name: string): string => checkedUrl(document[name], `${name} in ${url.href}`, server).href;
  const metadata: ServerMetadata = {
    issuer: stringOf(document['issuer']) ?? '',
    authorization_endpoint: endpoint('authorization_endpoint'),
    token_endpoint: endpoint('token_endpoint'),
  };
  if (document['registration_endpoint'] !== undefined)
    metadata.registration_endpoint = endpoint('registration_endpoint');
  const lists = [
    'scopes_supported',
    'token_endpoint_auth_methods_supported',
    'code_challenge_methods_supported',
  ] as const;
  for (const name of lists) {
    const list = stringsOf(document[name]);
    if (list) metadata[name] = list;
  }
  const flags = ['client_id_metadata_document_supported', 'authorization_response_iss_parameter_supported'] as const;
  for (const name of flags) if (document[name] === true) metadata[name] = true;
  if (!metadata.code_challenge_methods_supported?.includes('S256')) {
    throw discoveryFailed(
      `${metadata.issuer} does not offer PKCE with S256`,
      'without it a stolen code could be redeemed by somebody else; MCP clients must refuse (OAuth 2.1 §7.5)',
      'tell whoever runs the authorization server',
    );
  }
  return metadata;
}

/** MCP 2025-03-26: the server's own origin is the authorization server, with or without a metadata document. */
export async function legacyServerMetadata(fetch: Fetch, server: URL, signal: AbortSignal): Promise<ServerMetadata> {
  for (const url of metadataUrls(new URL(server.origin))) {
    const document = await getDocument(fetch, url, server, signal);
    if (document && isSameIssuer(document['issuer'], server.origin)) return checkMetadata(document, url, server);
  }
  const at = (path: string): string => new URL(path, server).href;
  return {
    issuer: server.origin,
    authorization_endpoint: at('/authorize'),
    token_endpoint: at('/token'),
    registration_endpoint: at('/register'),
    code_challenge_methods_supported: ['S256'],
  };
}
