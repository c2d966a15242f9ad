import type { Log } from '../../net/log.ts';
import type { Fetch } from '../../net/fetch.ts';
import type { DevUsers } from '../users.ts';
import type { UpstreamFault } from './faults/index.ts';

export interface UpstreamClient {
  id: string;
  secret: string;
  /** Compared character by character; when they are left out, any is taken. */
  redirectUris?: readonly string[];
}

export interface UpstreamProviderOptions {
  /** Port 0 takes a free one. */
  listen: { host: string; port: number };
  /** As the gateway and browsers write it, e.g. `https://upstream.localhost:9443`; a path is allowed. */
  issuer: string;
  /** Origin of the MCP server as the gateway writes it in `to`; default: the issuer's. */
  resource?: string;
  /** PEM texts; with them the listener speaks TLS. */
  tls?: { cert: string; key: string };
  /** The application registered beforehand, as at a vendor's developer page. */
  client?: UpstreamClient;
  /** Dynamic client registration (RFC 7591). */
  registration: boolean;
  /** Client ID metadata documents: a client that is its own URL. */
  clientMetadataDocuments: boolean;
  users: DevUsers;
  /** Seconds. */
  accessTokenLife: number;
  refreshTokens: boolean;
  /** What can be asked for; all of them when nothing is asked for. `elevated` is always known and must be asked for. */
  scopes: readonly string[];
  faults: readonly UpstreamFault[];
  /** This user approves everything at once, without the page. */
  autoApprove?: string;
  log: Log;
  /** Fetches client ID metadata documents; default: the global one. */
  fetch?: Fetch;
  /** Milliseconds since 1970; default: the clock. */
  now?: () => number;
}

export interface UpstreamProviderStats {
  /** Authorizations that users approved. */
  authorizations: number;
  /** Access tokens, those of refreshes included. */
  tokensIssued: number;
  refreshes: number;
  /** Requests that were refused, at any endpoint; unauthorized calls of the resource included. */
  refused: number;
  registrations: number;
  revocations: number;
  /** Calls of the resource with a token that is good. */
  resourceCalls: number;
  /** Requests that a fault struck. */
  faultsStruck: number;
}

export interface UpstreamProvider {
  address: { host: string; port: number };
  issuer: string;
  stats(): UpstreamProviderStats;
  /** Takes effect with the next request. Throws CliError for a fault that there is not. */
  setFaults(faults: readonly UpstreamFault[]): void;
  /** Every access token issued so far has expired; refresh tokens live on. */
  expireAll(): void;
  /** Every token issued so far is revoked, refresh tokens too. */
  revokeAll(): void;
  close(): Promise<void>;
}
