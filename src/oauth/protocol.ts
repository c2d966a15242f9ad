import {
  allowInsecureRequests,
  authorizationCodeGrantRequest,
  AuthorizationResponseError,
  calculatePKCECodeChallenge,
  ClientSecretPost,
  customFetch,
  generateRandomCodeVerifier,
  generateRandomState,
  None,
  processGenericTokenEndpointResponse,
  refreshTokenGrantRequest,
  ResponseBodyError,
  UnsupportedOperationError,
  validateAuthResponse,
  type ClientAuth,
} from 'oauth4webapi';
import { CliError } from '../errors.ts';
import { plainLine } from '../plain-text.ts';
import { badAnswer, callbackInvalid, signInRefused } from './errors.ts';
import { send } from './http.ts';
import { GrantRefused, isTokenText, readTokenAnswer, type Grant } from './token-answer.ts';
import type { ClientIdentity, ObtainTokenOptions, ServerMetadata } from './types.ts';

/** The secrets of one authorization request. */
export interface Pending {
  state: string;
  codeVerifier: string;
  codeChallenge: string;
}

export async function newPending(): Promise<Pending> {
  const codeVerifier = generateRandomCodeVerifier();
  return { state: generateRandomState(), codeVerifier, codeChallenge: await calculatePKCECodeChallenge(codeVerifier) };
}

/** Checks `iss` and `state` of what came to the redirect URI, before anything of it is used or shown. */
export function checkCallback(
  metadata: ServerMetadata,
  client: ClientIdentity,
  parameters: URLSearchParams,
  state: string,
): URLSearchParams {
  try {
    const checked = validateAuthResponse(metadata, { client_id: client.clientId }, parameters, state);
    if (!checked.get('code')) throw callbackInvalid('the redirect brought neither a code nor an error');
    if (checked.getAll('code').length > 1) throw callbackInvalid('the redirect brought more than one code');
    return checked;
  } catch (error) {
    if (error instanceof CliError) throw error;
    if (error instanceof AuthorizationResponseError) throw refusal(metadata, error);
    throw callbackInvalid(explainCallback(error instanceof Error ? error.message : ''));
  }
}

function explainCallback(message: string): string {
  if (message.includes('"state"')) return 'the redirect carries the wrong state';
  if (message.includes('"iss"')) return 'the redirect does not come from the authorization server that was asked (iss)';
  return 'the redirect cannot be understood';
}

function refusal(
  { issuer }: ServerMetadata,
  { error, error_description: description }: AuthorizationResponseError,
): CliError {
  return signInRefused(
    `${issuer} refused the sign-in: ${plainLine(error)}`,
    description === undefined ? undefined : plainLine(description),
    'run the command again, and agree or sign in as another user',
  );
}

/** Redeems the code of a checked callback. */
export async function redeemCode(
  options: ObtainTokenOptions,
  metadata: ServerMetadata,
  client: ClientIdentity,
  callback: URLSearchParams,
  pending: Pending,
  resource: string | undefined,
): Promise<Grant> {
  return exchange(options, metadata.token_endpoint, async (request) =>
    authorizationCodeGrantRequest(
      metadata,
      { client_id: client.clientId },
      authentication(client),
      callback,
      client.redirectUri,
      pending.codeVerifier,
      {
        ...request,
        ...(resource === undefined ? {} : { additionalParameters: { resource } }),
      },
    ),
  );
}

/** Trades a refresh token; throws GrantRefused when it is no longer good. */
export async function refresh(
  options: ObtainTokenOptions,
  grant: { issuer: string; tokenEndpoint: string; client: ClientIdentity; refreshToken: string; resource?: string },
): Promise<Grant> {
  const metadata = { issuer: grant.issuer, token_endpoint: grant.tokenEndpoint };
  const { client, resource } = grant;
  return exchange(options, grant.tokenEndpoint, async (request) =>
    refreshTokenGrantRequest(metadata, { client_id: client.clientId }, authentication(client), grant.refreshToken, {
      ...request,
      ...(resource === undefined ? {} : { additionalParameters: { resource } }),
    }),
  );
}

interface RequestOptions {
  [customFetch]: (
    url: string,
    init: { body?: unknown; headers: Record<string, string>; method: string },
  ) => Promise<Response>;
  [allowInsecureRequests]: boolean;
  signal: AbortSignal;
}

async function exchange(
  { fetch, signal }: ObtainTokenOptions,
  endpoint: string,
  request: (options: RequestOptions) => Promise<Response>,
): Promise<Grant> {
  const response = await request({
    [customFetch]: async (url, { body, headers, method }) =>
      send(fetch, new URL(url), { method, headers, body: String(body), signal }),
    // Loopback over http is allowed; every other address was checked to be https when it was read from its document.
    [allowInsecureRequests]: true,
    signal,
  });
  return processed(await readTokenAnswer(response, endpoint, signal), endpoint);
}

async function processed(body: Record<string, unknown>, endpoint: string): Promise<Grant> {
  const as = { issuer: 'https://checked.invalid' };
  try {
    const response = new Response(JSON.stringify(body), { headers: { 'content-type': 'application/json' } });
    const answer = await processGenericTokenEndpointResponse(as, { client_id: 'checked' }, response);
    if (!isTokenText(answer.access_token))
      throw badAnswer(endpoint, 'gave an access token with characters that no header can carry');
    if (answer.token_type !== 'bearer') throw badAnswer(endpoint, 'gave a token of another type than Bearer');
    return {
      accessToken: answer.access_token,
      tokenType: 'Bearer',
      ...(answer.expires_in === undefined ? {} : { expiresIn: answer.expires_in }),
      ...(answer.refresh_token === undefined ? {} : { refreshToken: answer.refresh_token }),
      ...(answer.scope ? { scope: answer.scope } : {}),
    };
  } catch (error) {
    if (error instanceof CliError) throw error;
    if (error instanceof ResponseBodyError) throw new GrantRefused(error.error, error.error_description);
    if (error instanceof UnsupportedOperationError)
      throw badAnswer(endpoint, 'gave a token of another type than Bearer', error);
    const what = /"(\w+)" property/.exec(error instanceof Error ? error.message : '')?.[1];
    throw badAnswer(
      endpoint,
      what ? `gave an answer whose ${what} is missing or wrong` : 'gave an answer that cannot be used',
      error,
    );
  }
}

function authentication({ clientSecret, tokenEndpointAuthMethod: method }: ClientIdentity): ClientAuth {
  if (clientSecret === undefined || method === 'none') return None();
  if (method === 'client_secret_post') return ClientSecretPost(clientSecret);
  return (_server, client, _body, headers) => {
    const credentials = `${formEncoded(client.client_id)}:${formEncoded(clientSecret)}`;
    headers.set('authorization', `Basic ${Buffer.from(credentials).toString('base64')}`);
  };
}

/** RFC 6749 §2.3.1. Only what has to be encoded is: many servers do not decode, and the library's own encoding spares letters only. */
function formEncoded(text: string): string {
  return new URLSearchParams({ _: text }).toString().slice(2);
}
