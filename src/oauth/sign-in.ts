import { signInRefused } from './errors.ts';
import { CALLBACK_PATH } from './loopback.ts';
import { checkCallback, newPending, redeemCode, type Pending } from './protocol.ts';
import { identify } from './registration.ts';
import { chooseScope } from './scopes.ts';
import type { ClientIdentity, Discovery, ObtainTokenOptions, StoredGrant } from './types.ts';
import { GrantRefused, type Grant } from './token-answer.ts';
import { bringBack, maybeListen } from './way-back.ts';
import { ClientForgotten } from './walk.ts';

/** Stands in the redirect URI where nobody listens: scripted sign-ins and redirects that are pasted back. */
const UNUSED_PORT = 33_417;

/** The authorization code flow with PKCE, from registration to a stored grant. `heldScope` is kept and added to. */
export async function signIn(
  options: ObtainTokenOptions,
  discovery: Discovery,
  heldScope: string | undefined,
): Promise<StoredGrant> {
  try {
    return await attempt(options, discovery, heldScope);
  } catch (error) {
    if (!(error instanceof ClientForgotten)) throw error;
    // The gateway's state was deleted since this client registered: once more as a new client.
    await options.store.dropRegistration(discovery.metadata.issuer);
    return attempt({ ...options, fresh: true }, discovery, heldScope).catch((again: unknown) => {
      throw again instanceof ClientForgotten
        ? signInRefused(
            `${discovery.metadata.issuer} does not know this client`,
            again.message,
            'leave --client-id out, or register that client',
          )
        : again;
    });
  }
}

async function attempt(
  options: ObtainTokenOptions,
  discovery: Discovery,
  heldScope: string | undefined,
): Promise<StoredGrant> {
  const listener = await maybeListen(options, discovery);
  try {
    const redirectUri = listener?.redirectUri ?? (await unheardRedirectUri(options, discovery));
    const client = await identify(options, discovery, redirectUri);
    const pending = await newPending();
    const scope = chooseScope({ asked: options.scope, held: heldScope }, discovery);
    const url = authorizationUrl(discovery, client, pending, scope);
    const check = (parameters: URLSearchParams): URLSearchParams =>
      checkCallback(discovery.metadata, client, parameters, pending.state);
    const callback = await bringBack(options, {
      url,
      redirectUri: client.redirectUri,
      state: pending.state,
      listener,
      check,
    });
    const grant = await redeem(options, discovery, client, callback, pending);
    const stored = toStored(options, discovery, client, { ...grant, scope: grant.scope ?? scope });
    await options.store.save(stored);
    return stored;
  } finally {
    listener?.close();
  }
}

function toStored(
  { server, as, now }: ObtainTokenOptions,
  { metadata, resource }: Discovery,
  client: ClientIdentity,
  { accessToken, tokenType, expiresIn, refreshToken, scope }: Grant,
): StoredGrant {
  const savedAt = now();
  return {
    version: 1,
    server: server.href,
    user: as?.user ?? '',
    issuer: metadata.issuer,
    ...(resource === undefined ? {} : { resource }),
    tokenEndpoint: metadata.token_endpoint,
    client,
    accessToken,
    tokenType,
    ...(expiresIn === undefined ? {} : { expiresAt: savedAt + expiresIn * 1000 }),
    ...(refreshToken === undefined ? {} : { refreshToken }),
    ...(scope ? { scope } : {}),
    savedAt,
  };
}

async function unheardRedirectUri(options: ObtainTokenOptions, discovery: Discovery): Promise<string> {
  const kept = options.clientId === undefined ? await options.store.registration(discovery.metadata.issuer) : undefined;
  if (kept && options.callbackPort === undefined) return kept.redirectUri;
  return `http://127.0.0.1:${options.callbackPort ?? UNUSED_PORT}${CALLBACK_PATH}`;
}

function authorizationUrl(
  { metadata, resource }: Discovery,
  client: ClientIdentity,
  pending: Pending,
  scope: string | undefined,
): URL {
  const url = new URL(metadata.authorization_endpoint);
  const parameters: Record<string, string | undefined> = {
    response_type: 'code',
    client_id: client.clientId,
    redirect_uri: client.redirectUri,
    state: pending.state,
    code_challenge: pending.codeChallenge,
    code_challenge_method: 'S256',
    scope,
    resource,
    // OpenID Connect Core §11: offline access needs the user's consent.
    prompt: scope?.split(' ').includes('offline_access') ? 'consent' : undefined,
  };
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) url.searchParams.set(name, value);
  return url;
}

async function redeem(
  options: ObtainTokenOptions,
  { metadata, resource }: Discovery,
  client: ClientIdentity,
  callback: URLSearchParams,
  pending: Pending,
): ReturnType<typeof redeemCode> {
  try {
    return await redeemCode(options, metadata, client, callback, pending, resource);
  } catch (error) {
    if (!(error instanceof GrantRefused)) throw error;
    if (error.error === 'invalid_client') await options.store.dropRegistration(metadata.issuer);
    throw signInRefused(
      `${metadata.token_endpoint} refused the code: ${error.error}`,
      error.description,
      options.clientId === undefined ? 'run the command again' : 'check --client-id and --client-secret',
    );
  }
}
