import type { HostedServer, UpstreamProvider } from './types.ts';

/** Where Pomerium v0.33.1 and a provider do not fit, in sentences. */
export function providerWarnings(provider: UpstreamProvider): string[] {
  const { title, clientAuthentication, refresh, lifetime, caveats = [] } = provider;
  const warnings: string[] = [];
  if (clientAuthentication === 'basic') {
    warnings.push(
      `${title} wants HTTP Basic at its token endpoint, and Pomerium v0.33.1 sends the secret in the body, whatever auth_style says: ` +
        'the sign-in may end with “Token exchange failed”',
    );
  }
  if (refresh === 'none') warnings.push(`${title} gives no refresh token; its access token: ${lifetime}`);
  return [...warnings, ...caveats.map((caveat) => `${title}: ${caveat}`)];
}

/** The same for a server that a vendor runs. `isLocal`: the gateway cannot be reached from the internet. */
export function hostedWarnings(server: HostedServer, isLocal: boolean): string[] {
  const { title, registration, caveats = [] } = server;
  const unreachable =
    registration === 'metadata-document' && isLocal
      ? [
          `${title} fetches the gateway’s client ID metadata document, which it cannot on this machine: a public domain is needed`,
        ]
      : [];
  return [...unreachable, ...caveats.map((caveat) => `${title}’s MCP server: ${caveat}`)];
}

/** The scopes as the list that Pomerium joins with blanks: a provider that wants commas gets one element. */
export function scopeElements(scopes: readonly string[], separator: ' ' | ','): string[] {
  return separator === ',' && scopes.length > 1 ? [scopes.join(',')] : [...scopes];
}
