import type { UpstreamOauth2 } from '../../pomerium/model.ts';
import { discover, type Discovered } from './discovery.ts';
import type { UpstreamHttp } from './http.ts';
import { originOf } from './resource.ts';
import type { UpstreamService } from './service.ts';
import type { BearerChallenge } from './www-authenticate.ts';

/** Paths below each MCP server's host. */
export const CALLBACK_PATH = '/.pomerium/mcp/client/oauth/callback';
export const DOCUMENT_PATH = '/.pomerium/mcp/client/metadata.json';

/** How a token of an upstream is to be asked for. */
export interface Setup {
  discovered: Discovered;
  /** Empty: the gateway has to register itself first. */
  clientId: string;
  clientSecret?: string;
  redirectUri: string;
  scopes: string[];
}

/** No authorization server can be found or used. Not an error of the request: the upstream may want no token. */
export class DiscoveryFailed extends Error {}

const NOTHING_KNOWN = {
  issuer: '',
  registrationEndpoint: '',
  clientIdMetadataDocuments: false,
  issuerInResponse: false,
  scopes: [],
};

/**
 * Endpoints, client and scopes: Pomerium v0.33.1 internal/mcp/upstream_oauth_setup.go, runUpstreamOAuthSetup. `url` is the resource,
 * `host` the Host header whose callback is used. Throws DiscoveryFailed.
 */
export async function setUp(
  http: UpstreamHttp,
  { server }: UpstreamService,
  { url, host, challenge }: { url: string; host: string; challenge?: BearerChallenge | undefined },
): Promise<Setup> {
  const { upstream_oauth2: own = {}, authorization_server_url: fallbackIssuer } = server;
  const discovered =
    staticEndpoints(own, url) ??
    (await discover(http, {
      url,
      ...(challenge?.resourceMetadata === undefined ? {} : { resourceMetadata: challenge.resourceMetadata }),
      ...(fallbackIssuer === undefined ? {} : { fallbackIssuer }),
    }).catch((error: unknown) => {
      throw new DiscoveryFailed(`running discovery: ${error instanceof Error ? error.message : String(error)}`);
    }));
  return {
    discovered,
    ...clientOf(own, discovered, host),
    redirectUri: `https://${host}${CALLBACK_PATH}`,
    scopes: own.scopes?.length ? own.scopes : (challenge?.scope ?? discovered.scopes),
  };
}

/** Only both together count. */
function staticEndpoints({ endpoint }: UpstreamOauth2, url: string): Discovered | undefined {
  const { auth_url: authorizationEndpoint, token_url: tokenEndpoint } = endpoint ?? {};
  if (!authorizationEndpoint || !tokenEndpoint) return undefined;
  return { ...NOTHING_KNOWN, authorizationEndpoint, tokenEndpoint, resource: originOf(url) };
}

function clientOf(own: UpstreamOauth2, discovered: Discovered, host: string): Pick<Setup, 'clientId' | 'clientSecret'> {
  if (own.client_id) {
    return { clientId: own.client_id, ...(own.client_secret ? { clientSecret: own.client_secret } : {}) };
  }
  if (discovered.clientIdMetadataDocuments) return { clientId: `https://${host}${DOCUMENT_PATH}` };
  if (discovered.registrationEndpoint !== '') return { clientId: '' };
  throw new DiscoveryFailed(
    `upstream authorization server ${discovered.issuer} does not support client_id_metadata_document;` +
      ' DCR fallback enabled but AS does not advertise a registration_endpoint',
  );
}
