import { parseRecord } from '../json.ts';
import { CliError, EXIT } from '../errors.ts';
import { plainLine } from '../plain-text.ts';
import { badAnswer } from './errors.ts';
import { readLimited, send, stringOf } from './http.ts';
import type { ClientIdentity, Discovery, ObtainTokenOptions, ServerMetadata } from './types.ts';

type AuthMethod = ClientIdentity['tokenEndpointAuthMethod'];

/**
 * Who this client is to an authorization server: the configured client, else its client ID metadata document where the server
 * takes those, else the registration kept from before, else a dynamic registration (MCP 2026-07-28, client registration).
 */
export async function identify(
  options: ObtainTokenOptions,
  discovery: Discovery,
  redirectUri: string,
): Promise<ClientIdentity> {
  const { metadata } = discovery;
  if (options.clientId !== undefined) {
    const secret = options.clientSecret;
    return {
      clientId: options.clientId,
      ...(secret === undefined ? {} : { clientSecret: secret }),
      tokenEndpointAuthMethod: secret === undefined ? 'none' : secretMethod(metadata),
      redirectUri,
    };
  }
  if (options.clientMetadataUrl !== undefined) {
    checkMetadataUrl(options.clientMetadataUrl);
    if (metadata.client_id_metadata_document_supported) {
      return { clientId: options.clientMetadataUrl, tokenEndpointAuthMethod: 'none', redirectUri };
    }
    options.note(`${metadata.issuer} takes no client ID metadata documents; registering instead`);
  }
  const kept = options.fresh ? undefined : await options.store.registration(metadata.issuer);
  if (kept && kept.redirectUri === redirectUri && !hasExpired(kept, options.now())) return kept;
  return register(options, metadata, redirectUri);
}

function hasExpired({ secretExpiresAt }: ClientIdentity, now: number): boolean {
  return secretExpiresAt !== undefined && secretExpiresAt !== 0 && secretExpiresAt * 1000 <= now;
}

/** RFC 8414 §2: a server that lists no methods takes client_secret_basic. */
function secretMethod({ token_endpoint_auth_methods_supported: methods }: ServerMetadata): AuthMethod {
  return methods?.includes('client_secret_basic') === false && methods.includes('client_secret_post')
    ? 'client_secret_post'
    : 'client_secret_basic';
}

/** A program on the user's machine keeps no secret, so `none` is asked for wherever it is offered (RFC 8252 §8.4). */
function registrationMethod(metadata: ServerMetadata): AuthMethod {
  const methods = metadata.token_endpoint_auth_methods_supported;
  return methods === undefined || methods.includes('none') ? 'none' : secretMethod(metadata);
}

async function register(
  options: ObtainTokenOptions,
  metadata: ServerMetadata,
  redirectUri: string,
): Promise<ClientIdentity> {
  if (metadata.registration_endpoint === undefined) throw unknownClient(metadata);
  const url = new URL(metadata.registration_endpoint);
  const response = await send(options.fetch, url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({
      client_name: 'mcpgw',
      redirect_uris: [redirectUri],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: registrationMethod(metadata),
      application_type: 'native',
    }),
    signal: options.signal,
  });
  const answer = parseRecord(await readLimited(response, url.href, options.signal));
  // RFC 7591 says 201; Pomerium answers 200.
  if (response.status !== 201 && response.status !== 200) throw registrationRefused(url, response.status, answer);
  const clientId = stringOf(answer?.['client_id']);
  if (!answer || !clientId) throw badAnswer(url.href, 'registered no client: its answer holds no client_id');
  const identity: ClientIdentity = { clientId, ...credentials(answer), redirectUri };
  if (typeof answer['client_secret_expires_at'] === 'number')
    identity.secretExpiresAt = answer['client_secret_expires_at'];
  await options.store.saveRegistration(metadata.issuer, identity);
  return identity;
}

function credentials(
  answer: Record<string, unknown>,
): Pick<ClientIdentity, 'clientSecret' | 'tokenEndpointAuthMethod'> {
  const clientSecret = stringOf(answer['client_secret']);
  if (clientSecret === undefined) return { tokenEndpointAuthMethod: 'none' };
  const said = answer['token_endpoint_auth_method'];
  if (said === 'none' || said === 'client_secret_post') return { clientSecret, tokenEndpointAuthMethod: said };
  return { clientSecret, tokenEndpointAuthMethod: 'client_secret_basic' };
}

/** What a client ID metadata document's URL has to be: https with a path and nothing hidden in it. */
function checkMetadataUrl(text: string): void {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isGood =
    url?.protocol === 'https:' && url.pathname !== '/' && url.hash === '' && url.username === '' && url.password === '';
  if (isGood) return;
  throw new CliError({
    code: 'USAGE',
    message: `--client-metadata-url: \`${text}\` cannot name a client`,
    why: 'a client ID metadata document has an https URL with a path, without fragment and user',
    fix: '--client-metadata-url https://example.com/mcpgw/client.json',
    exit: EXIT.usage,
  });
}

function unknownClient({ issuer, client_id_metadata_document_supported: takesDocuments }: ServerMetadata): CliError {
  return new CliError({
    code: 'CLIENT_UNKNOWN',
    message: `${issuer} does not know mcpgw and lets no client register itself`,
    why: `it has no registration endpoint${takesDocuments ? ', but takes client ID metadata documents' : ''}`,
    fix: [
      '--client-id ID, of a client registered by hand',
      ...(takesDocuments ? ['--client-metadata-url URL, of a document that you publish'] : []),
      'on a Pomerium of yours: runtime_flags: { mcp_dynamic_client_registration: true }',
    ].join('\n'),
    exit: EXIT.signIn,
  });
}

function registrationRefused(url: URL, status: number, answer: Record<string, unknown> | undefined): CliError {
  const why = stringOf(answer?.['error_description']) ?? stringOf(answer?.['error']);
  return new CliError({
    code: 'REGISTRATION_REFUSED',
    message: `${url.href} refused to register this client (status ${status})`,
    ...(why ? { why: plainLine(why) } : {}),
    fix: '--client-id ID, of a client registered by hand; on a Pomerium of yours\nruntime_flags: { mcp_dynamic_client_registration: true }',
    exit: EXIT.signIn,
  });
}
