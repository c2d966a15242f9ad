/** Where an entry comes from, and when it was last held against that. */
export interface Provenance {
  /** Pages and files. */
  source: readonly string[];
  /** Whether a page of the vendor (of Pomerium, for identity providers) is among them, or others' tables alone. */
  basis: 'vendor' | 'second hand';
  /** ISO 8601 day. */
  checked: string;
}

/** An OAuth provider that Pomerium gets an Internal Token from. */
export interface UpstreamProvider extends Provenance {
  name: string;
  title: string;
  authUrl: string;
  tokenUrl: string;
  /** How the token endpoint takes the client's secret; Pomerium v0.33.1 always sends it in the body. */
  clientAuthentication: 'body' | 'basic';
  /** Enough to read; what an application needs is its owner's to say. */
  scopes: readonly string[];
  scopeSeparator: ' ' | ',';
  authorizationParams?: Readonly<Record<string, string>>;
  /** `none`: people sign in at the provider again when the token ends, or it never ends. */
  refresh: 'rotating' | 'lasting' | 'none';
  /** For people: `1 h`, `does not end`. */
  lifetime: string;
  /** Where an application is registered. */
  console: string;
  /** What else does not fit, in sentences. */
  caveats?: readonly string[];
}

/** How a hosted MCP server knows the gateway: an application registered by hand, or one that the gateway registers itself. */
export type Registration = 'static' | 'dynamic' | 'metadata-document';

/** An MCP server that a vendor runs. */
export interface HostedServer extends Provenance {
  name: string;
  title: string;
  url: string;
  registration: Registration;
  /** The provider whose endpoints it goes by; for `static` without endpoints of its own. */
  provider?: string;
  /** Its own endpoints, which beat the provider's. */
  endpoints?: { authUrl: string; tokenUrl: string };
  /** Hosts for `mcp_allowed_as_metadata_domains`, beside that of `url`, which Pomerium allows by itself. */
  metadataDomains: readonly string[];
  console?: string;
  caveats?: readonly string[];
}

/** A server of this program, on its own path of the service mcp-servers. */
export interface ReferenceServer {
  name: string;
  title: string;
  /** The upstream provider whose token it needs. */
  provider?: string;
  /** Scopes for its tools, where they differ from the provider's. */
  scopes?: readonly string[];
  passIdentityHeaders?: boolean;
}

/** Who signs people in at the gateway: Pomerium's `idp_provider` and what goes with it. */
export interface IdentityProvider extends Provenance {
  name: string;
  title: string;
  /** Pomerium's word. */
  idpProvider: string;
  /** Absent: Pomerium knows it. */
  url?: { required: boolean; example: string };
  /** Absent: Pomerium's defaults, which fit. */
  scopes?: readonly string[];
  /** Whether the claim `groups` comes: never, or what has to be set up for it. */
  groups: false | string;
  refresh: boolean;
  console: string;
  notes?: readonly string[];
}
