import { matchesDomain } from '../../pomerium/domains.ts';
import { documentUrlKind, fetchDocument } from './metadata-document.ts';
import type { ClientMetadata } from './client-metadata.ts';
import type { Gate } from './gate.ts';
import type { Client } from './client-table.ts';

/** Why a client id leads to no client. */
export type NoClient =
  | { kind: 'unknown' }
  | { kind: 'domain-not-allowed'; domain: string }
  | { kind: 'invalid-metadata'; reason: string };

export type FoundClient = { kind: 'client'; client: Client } | NoClient;

/** A registered client, or one described by the document at its id (fetched each time): Pomerium v0.33.1 getOrFetchClient. */
export async function findClient(gate: Gate, clientId: string): Promise<FoundClient> {
  const kind = documentUrlKind(clientId);
  if (kind === 'broken') return { kind: 'invalid-metadata', reason: 'the client_id is no URL of a metadata document' };
  if (kind === 'yes') return describedClient(gate, clientId);
  const client = await gate.store.clients.find(clientId);
  return client ? { kind: 'client', client } : { kind: 'unknown' };
}

async function describedClient(gate: Gate, clientId: string): Promise<FoundClient> {
  const domain = new URL(clientId).hostname;
  // Before any fetch: the list is what keeps strangers from making the gateway fetch things.
  if (!matchesDomain(gate.options().mcp_allowed_client_id_domains, domain))
    return { kind: 'domain-not-allowed', domain };
  try {
    const text = await fetchDocument(clientId, gate.documents);
    return { kind: 'client', client: { id: clientId, metadata: validate(clientId, JSON.parse(text)) } };
  } catch (error) {
    return { kind: 'invalid-metadata', reason: error instanceof Error ? error.message : String(error) };
  }
}

const SECRET_METHODS = ['client_secret_basic', 'client_secret_post', 'client_secret_jwt'];

function validate(clientId: string, document: unknown): ClientMetadata {
  if (document === null || typeof document !== 'object') throw new Error('the document is no JSON object');
  const members = document as Record<string, unknown>;
  if (members['client_id'] !== clientId) throw new Error("the document's client_id is not its URL");
  const redirectUris = members['redirect_uris'];
  if (!isTextList(redirectUris) || redirectUris.length === 0) throw new Error('the document has no redirect_uris');
  const method = members['token_endpoint_auth_method'] ?? 'none';
  if (typeof method !== 'string') throw new Error('token_endpoint_auth_method is no text');
  if (SECRET_METHODS.includes(method)) throw new Error(`token_endpoint_auth_method ${method} needs a secret`);
  const name = members['client_name'];
  return {
    ...(typeof name === 'string' ? { client_name: name } : {}),
    redirect_uris: redirectUris,
    token_endpoint_auth_method: method === '' ? 'none' : method,
    grant_types: ['authorization_code'],
    response_types: ['code'],
  };
}

function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
