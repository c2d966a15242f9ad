import { coversScope } from './scopes.ts';
import type { ObtainTokenOptions, StoredGrant, Token } from './types.ts';

/** A token that ends within this many milliseconds is renewed first. */
const EARLY = 60_000;

/** Stored grants of the client that is asked for, newest first. */
export async function findGrants({
  store,
  server,
  as,
  clientId,
  clientMetadataUrl,
}: ObtainTokenOptions): Promise<StoredGrant[]> {
  const grants = await store.grants(server.href, as?.user ?? '');
  if (clientId === undefined)
    return grants.filter((grant) => clientMetadataUrl === undefined || isDefaultClient(grant, clientMetadataUrl));
  return grants.filter((grant) => grant.client.clientId === clientId);
}

/** A metadata document is only used where the server takes it; a grant of a registered client serves as well. */
function isDefaultClient({ client }: StoredGrant, clientMetadataUrl: string): boolean {
  return client.clientId === clientMetadataUrl || !client.clientId.startsWith('https://');
}

/** The first grant that can be used as it is, and is not the one that a server has just turned away. */
export function usable(
  grants: readonly StoredGrant[],
  { scope, rejected, now }: ObtainTokenOptions,
): StoredGrant | undefined {
  return grants.find(
    (grant) =>
      grant.accessToken !== rejected?.accessToken &&
      (grant.expiresAt === undefined || grant.expiresAt - EARLY > now()) &&
      coversScope(grant.scope, scope),
  );
}

export function toToken(grant: StoredGrant, from: Token['from']): Token {
  return {
    accessToken: grant.accessToken,
    tokenType: grant.tokenType,
    ...(grant.expiresAt === undefined ? {} : { expiresAt: grant.expiresAt }),
    ...(grant.scope === undefined ? {} : { scope: grant.scope }),
    resource: grant.resource ?? grant.server,
    issuer: grant.issuer,
    clientId: grant.client.clientId,
    from,
  };
}
