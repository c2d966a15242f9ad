import type { Fetch } from '../net/fetch.ts';
import type { Session } from '../pomerium/model.ts';
import { DEFAULT_RELEASE, emulatedBehaviour } from '../pomerium/versions.ts';
import type { Exchange, Identity, IdentityOptions, Reply } from './exchange.ts';
import { answerAuthenticate } from './identity/authenticate-service.ts';
import { authorize } from './identity/authorize.ts';
import { readCookie } from './identity/cookies.ts';
import { Faults } from './identity/faults.ts';
import type { Gate } from './identity/gate.ts';
import { absoluteUrl, authenticateOrigin, isAuthenticateHost } from './identity/hosts.ts';
import { IdentityProviders } from './identity/identity-providers.ts';
import { providerSettings } from './identity/provider-settings.ts';
import { register } from './identity/register.ts';
import { routeCallback } from './identity/route-callback.ts';
import { Secret } from './identity/secret.ts';
import { Sessions } from './identity/sessions.ts';
import { signOutOfRoute } from './identity/sign-out.ts';
import { signLink, traceParent } from './identity/signed-link.ts';
import { openStore } from './identity/open-store.ts';
import { token } from './identity/token.ts';
import { userClaims, userPage } from './identity/user.ts';
import { ClientLeft } from './inbound-exchange.ts';
import { textReply } from './replies.ts';
import { CLIENT_ROUTE } from './strict/authorization.ts';
import { CONSENT_PATH, takeDecision } from './strict/consent.ts';
import { createStrict } from './strict/index.ts';
import { upstreamCallback } from './upstream-oauth/callback.ts';
import { clientDocument } from './upstream-oauth/client-document.ts';
import { createUpstreamParts, type UpstreamParts } from './upstream-oauth/create.ts';
import { CALLBACK_PATH, DOCUMENT_PATH } from './upstream-oauth/setup.ts';

/**
 * The half of the gateway that knows who somebody is. Opens the state file; throws CliError when it cannot be used. What is
 * wrong with the identity provider's settings is a warning: tokens that were issued before go on working.
 */
export function createIdentity(o: IdentityOptions): Identity {
  const { gate, upstream } = createGate(o);
  const problem = providerSettings(o.options());
  if (typeof problem === 'string') o.log({ level: 'warn', message: 'nobody can sign in', reason: problem });
  return {
    sessionOfToken: gate.strict
      ? (text, host = '') => gate.sessions.ofToken(text, host) ?? gate.sessions.ofToken(text, CLIENT_ROUTE)
      : (text) => gate.sessions.ofToken(text),
    sessionOfCookies: (header) => gate.sessions.ofCookie(readCookie(header, o.options().cookie_name)),
    clientRouteToken: (session) => gate.sessions.createShortToken(session, gate.strict ? CLIENT_ROUTE : undefined),
    signInUrl: (exchange) => signInUrl(gate, exchange),
    debugUrl: (exchange) =>
      signLink(gate.secret.keys().links, `${authenticateOrigin(o.options())}/.pomerium/`, [
        ['pomerium_redirect_uri', absoluteUrl(exchange)],
      ]),
    handle: (exchange, session) => guard(gate, exchange, () => dispatch(gate, upstream, exchange, session)),
    upstream: upstream.oauth,
    stats: () => {
      const users = gate.store.sessions.liveUsers();
      return { sessions: users.length, users };
    },
    settled: gate.store.settled,
    storeFailure: () => gate.store.failure(),
    close: async () => gate.store.close(),
  };
}

function createGate(o: IdentityOptions): { gate: Gate; upstream: UpstreamParts } {
  const behaviour = o.behaviour ?? emulatedBehaviour(DEFAULT_RELEASE);
  const store = openStore(o);
  const fetch = lazyFetch(o);
  const secret: Secret = new Secret(o.options, o.log, () => {
    sessions.forgetOpened();
    upstream.forgetOpened();
  });
  const sessions: Sessions = new Sessions(
    store,
    secret,
    o.log,
    () => upstream.reload(),
    behaviour.tokenPrefixes.access,
  );
  const upstream = createUpstreamParts(o, { store, secret, fetch });
  const gate: Gate = {
    behaviour,
    options: o.options,
    table: o.table,
    log: o.log,
    store,
    secret,
    sessions,
    providers: new IdentityProviders(o.options, fetch),
    documents: {
      resolve: o.resolve,
      ca: o.ca,
      allowPrivateHosts: o.allowPrivateMetadataHosts,
      strict: o.strict === true,
    },
    faults: new Faults(o.faults),
    upstream: upstream.consent,
    strict: o.strict ? createStrict() : undefined,
  };
  return { gate, upstream };
}

/** What fetching takes is 4 MB and a tenth of the start: it is had when somebody signs in. */
function lazyFetch({ resolve, ca }: IdentityOptions): Fetch {
  let made: Promise<Fetch> | undefined;
  return async (input, init) => {
    made ??= import('../net/fetch.ts').then(({ createFetch }) => createFetch({ resolve, ca }));
    return (await made)(input, init);
  };
}

function signInUrl(gate: Gate, exchange: Exchange): string {
  return signLink(gate.secret.keys().links, `${authenticateOrigin(gate.options())}/.pomerium/sign_in`, [
    ['pomerium_idp_id', gate.providers.id()],
    ['pomerium_redirect_uri', absoluteUrl(exchange)],
    traceParent(),
  ]);
}

function dispatch(
  gate: Gate,
  upstream: UpstreamParts,
  exchange: Exchange,
  session: Session | undefined,
): Promise<Reply> | Reply | undefined {
  const { method, path, host } = exchange;
  const reads = method === 'GET' || method === 'HEAD';
  switch (`${method} ${path}`) {
    case 'POST /.pomerium/mcp/register':
      return register(gate, exchange);
    case 'GET /.pomerium/mcp/authorize':
      return authorize(gate, exchange, session);
    case 'POST /.pomerium/mcp/token':
      return token(gate, exchange);
    case `GET ${DOCUMENT_PATH}`:
      return clientDocument(gate.table(), exchange);
    case `POST ${CONSENT_PATH}`:
      return gate.strict && takeDecision(gate, exchange, session);
    case `GET ${CALLBACK_PATH}`:
      return upstreamCallback(gate, upstream.callback, exchange, session);
    case 'GET /.pomerium/callback/':
      return routeCallback(gate, exchange);
  }
  if (isAuthenticateHost(gate.options(), host)) {
    const reply = answerAuthenticate(gate, exchange);
    if (reply) return reply;
  }
  if (path === '/.pomerium/sign_out' && (reads || method === 'POST')) return signOutOfRoute(gate, exchange);
  if (path === '/.pomerium/user' && method === 'GET') return session ? userClaims(gate, session) : undefined;
  return path === '/.pomerium/' && reads ? userPage(gate, session) : undefined;
}

/** A failure of ours, such as a full disk, is Pomerium's bare 500; it stops neither the request's connection nor the gateway. */
function guard(
  gate: Gate,
  exchange: Exchange,
  work: () => Promise<Reply> | Reply | undefined,
): Promise<Reply> | Reply | undefined {
  const fail = (error: unknown): Reply => {
    if (error instanceof ClientLeft) throw error;
    gate.log({
      level: 'error',
      message: 'the request failed inside the gateway',
      path: exchange.path,
      error: error instanceof Error ? error.message : String(error),
      'request-id': exchange.requestId,
    });
    return textReply(500, 'internal error');
  };
  try {
    const reply = work();
    return reply instanceof Promise ? reply.catch(fail) : reply;
  } catch (error) {
    return fail(error);
  }
}
