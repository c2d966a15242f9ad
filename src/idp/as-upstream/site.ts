import type { Clients } from './clients.ts';
import type { Grants } from './grants.ts';
import type { UpstreamProviderOptions, UpstreamProviderStats } from './options.ts';

/** How the provider behaves where providers differ; faults change it. */
export interface Behaviour {
  /** Seconds. */
  accessTokenLife: number;
  refreshTokens: boolean;
  /** A refresh token that is used again ends everything of its grant (RFC 9700 §4.14.2). */
  reuseEndsGrant: boolean;
  /** Seconds by which the resource takes tokens for expired before they are. */
  earlyExpiry: number;
  clientAuthentication: readonly ('client_secret_basic' | 'client_secret_post' | 'none')[];
  scopeSeparator: ' ' | ',';
}

/** What the endpoints share. */
export interface Site {
  options: UpstreamProviderOptions;
  behaviour: Behaviour;
  clients: Clients;
  grants: Grants;
  count(what: keyof UpstreamProviderStats): void;
}

/** Beyond the usual scopes: the tool `scope_needed` wants it, so that asking for more later can be tried. */
export const ELEVATED = 'elevated';

export const ENDPOINTS = {
  authorize: '/authorize',
  token: '/token',
  register: '/register',
  revoke: '/revoke',
  userinfo: '/userinfo',
} as const;

export const MCP_PATH = '/mcp';

/** An endpoint's URL below the issuer. */
export function urlOf({ options }: Site, endpoint: keyof typeof ENDPOINTS): string {
  return `${options.issuer.replace(/\/$/, '')}${ENDPOINTS[endpoint]}`;
}

export function resourceOrigin({ options }: Site): string {
  return new URL(options.resource ?? options.issuer).origin;
}
