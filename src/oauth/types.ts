import type { Prompt } from '../context.ts';
import type { Fetch } from '../net/fetch.ts';
import type { TokenStore } from './store.ts';

/** What is wanted: a token for one MCP server, and which roads to it are open. */
export interface ObtainTokenOptions {
  /** The MCP server's URL, exactly as clients are given it. */
  server: URL;
  /** Signs in by itself as a user of a development identity provider; its origin and those of `mocks` hear the user's name, no other. */
  as?: { user: string; identityProvider: URL; mocks?: readonly string[] };
  /** False: the URL is printed, and nothing is opened. */
  browser: boolean;
  /** Whether `prompt` may be used. */
  interactive: boolean;
  /** Nobody will see a browser or a printed URL: what a person would have to do becomes an error. */
  unattended?: boolean;
  /** Scopes to ask for, separated by blanks; beats what the server names. */
  scope?: string;
  /** A client that is registered already. */
  clientId?: string;
  clientSecret?: string;
  /** URL of a client ID metadata document; used when the server says that it takes one. */
  clientMetadataUrl?: string;
  /** Fixed port of the loopback listener; default: any free one. */
  callbackPort?: number;
  /** Sign in anew and register anew, whatever is stored. */
  fresh?: boolean;
  /**
   * What the server said to the last token: a `WWW-Authenticate` value, with the token it was said to. `isNew`: that one had been
   * refreshed for this very request, so that refreshing it again is no use.
   */
  rejected?: { accessToken: string; status: number; challenge?: string; isNew?: boolean };
  fetch: Fetch;
  openUrl: (url: string) => Promise<boolean>;
  prompt: Pick<Prompt, 'input'>;
  store: TokenStore;
  /** Milliseconds since 1970. */
  now: () => number;
  signal: AbortSignal;
  /** Milliseconds to wait for a person to sign in; default 300 000. */
  signInTimeout?: number;
  note: (line: string) => void;
  /** The command to run by hand, for errors: `mcpgw token whoami`. */
  command?: string;
}

export interface Token {
  accessToken: string;
  /** As it stands in an Authorization header: `Bearer`. */
  tokenType: string;
  /** Milliseconds since 1970; absent when the server does not say. */
  expiresAt?: number;
  /** Granted scopes, separated by blanks. */
  scope?: string;
  resource: string;
  issuer: string;
  clientId: string;
  from: 'cache' | 'refresh' | 'sign-in';
}

/** How this client is known to an authorization server (RFC 7591 §2). */
export interface ClientIdentity {
  clientId: string;
  clientSecret?: string;
  tokenEndpointAuthMethod: 'none' | 'client_secret_basic' | 'client_secret_post';
  redirectUri: string;
  /** Seconds since 1970; 0 or absent: never. */
  secretExpiresAt?: number;
}

/** The members of RFC 8414 metadata that this client reads. */
export type ServerMetadata = {
  issuer: string;
  authorization_endpoint: string;
  token_endpoint: string;
  registration_endpoint?: string;
  scopes_supported?: string[];
  token_endpoint_auth_methods_supported?: string[];
  code_challenge_methods_supported?: string[];
  client_id_metadata_document_supported?: boolean;
  authorization_response_iss_parameter_supported?: boolean;
};

/** What has to be known before a sign-in can start. */
export interface Discovery {
  /** The resource indicator of RFC 8707; absent for servers of the 2025-03-26 revision, which know none. */
  resource?: string;
  /** Scopes that the challenge names; authoritative for this request. */
  challengeScope?: string;
  scopesSupported?: string[];
  metadata: ServerMetadata;
}

/** One grant as it is kept on disk. */
export interface StoredGrant {
  version: 1;
  server: string;
  /** Development user of a scripted sign-in; empty for a person's own. */
  user: string;
  issuer: string;
  resource?: string;
  tokenEndpoint: string;
  client: ClientIdentity;
  accessToken: string;
  tokenType: string;
  expiresAt?: number;
  refreshToken?: string;
  /** Scopes granted, or asked for when the server did not say. */
  scope?: string;
  /** Milliseconds since 1970. */
  savedAt: number;
}
