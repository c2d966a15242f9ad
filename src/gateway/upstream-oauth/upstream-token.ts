import type { TokenResponse } from './token-endpoint.ts';

/** An Internal Token: what the gateway holds of a user for an upstream. */
export interface UpstreamToken {
  accessToken: string;
  refreshToken?: string;
  tokenType?: string;
  /** Milliseconds since 1970; without `expiresAt` it never expires. */
  issuedAt: number;
  expiresAt?: number;
  scopes: string[];
  /** The client it was issued to. Its secret is the route's and not stored again. */
  clientId: string;
  issuer: string;
  tokenEndpoint: string;
  /** The resource indicator it was asked for with. */
  resource: string;
}

export type TokenOrigin = Pick<UpstreamToken, 'scopes' | 'clientId' | 'issuer' | 'tokenEndpoint' | 'resource'>;

export function upstreamTokenFrom(response: TokenResponse, origin: TokenOrigin): UpstreamToken {
  const { accessToken, refreshToken, tokenType, expiresIn } = response;
  const { scopes, clientId, issuer, tokenEndpoint, resource } = origin;
  const issuedAt = Date.now();
  return {
    accessToken,
    ...(refreshToken === undefined ? {} : { refreshToken }),
    ...(tokenType === undefined ? {} : { tokenType }),
    issuedAt,
    ...(expiresIn === undefined ? {} : { expiresAt: issuedAt + expiresIn * 1_000 }),
    scopes,
    clientId,
    issuer,
    tokenEndpoint,
    resource,
  };
}

/** Milliseconds before the end of a token's life at which a new one is asked for, while the old one still serves. */
const LEAD = 30_000;

/** From when on a token is renewed in the background; a short one in the last tenth of its life. */
export function renewalDue({ issuedAt, expiresAt, refreshToken }: UpstreamToken): number {
  if (expiresAt === undefined || refreshToken === undefined) return Number.POSITIVE_INFINITY;
  return expiresAt - Math.min(LEAD, (expiresAt - issuedAt) / 10);
}
