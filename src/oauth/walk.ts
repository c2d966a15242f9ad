import { parseRecord } from '../json.ts';
import type { Fetch } from '../net/fetch.ts';
import { CliError, EXIT } from '../errors.ts';
import { plainLine } from '../plain-text.ts';
import { CookieJar } from './cookies.ts';
import { signInRefused } from './errors.ts';
import { checkedUrl, discard, readLimited, send, stringOf } from './http.ts';

/** Names the user of a scripted sign-in to a development identity provider. */
const SIGN_IN_HEADER = 'x-mcpgw-sign-in';
const MAX_HOPS = 20;

export interface Walk {
  start: URL;
  redirectUri: string;
  user: string;
  /** Its origin, and those of `mocks`, are told the user; no other is. */
  identityProvider: URL;
  /** Origins of mock upstream providers, which ask for the user's consent on the way. */
  mocks?: readonly string[];
  server: URL;
  fetch: Fetch;
  signal: AbortSignal;
}

/** Thrown when the gateway says that it does not know this client (any more). */
export class ClientForgotten extends Error {}

/**
 * Signs in by itself: follows the redirects from the authorization endpoint through the identity provider, keeping cookies, up to
 * the redirect URI, where nobody needs to listen. Answers the redirect's parameters.
 */
export async function walkSignIn(walk: Walk): Promise<URLSearchParams> {
  const jar = new CookieJar();
  let url = walk.start;
  for (let hop = 0; hop < MAX_HOPS; hop += 1) {
    const response = await visit(walk, url, jar);
    const location = response.headers.get('location');
    if (response.status < 300 || response.status >= 400 || !location) throw await stopped(walk, response, url);
    await discard(response);
    const next = new URL(location, url);
    if (isCallback(next, walk.redirectUri)) return next.searchParams;
    // The project itself names the identity provider, so it may be anywhere; every other address has to be a safe one.
    url =
      next.origin === walk.identityProvider.origin
        ? next
        : checkedUrl(next.href, `the redirect of ${url.origin}`, walk.server);
  }
  throw signInRefused(
    `the sign-in went in circles: ${MAX_HOPS} redirects without an end`,
    `last: ${url.origin}${url.pathname}`,
    'mcpgw logs gateway',
  );
}

async function visit(walk: Walk, url: URL, jar: CookieJar): Promise<Response> {
  const { fetch, signal, user, identityProvider, mocks = [] } = walk;
  const cookie = jar.header(url);
  const response = await send(fetch, url, {
    headers: {
      accept: 'text/html',
      ...(cookie === undefined ? {} : { cookie }),
      ...([identityProvider.origin, ...mocks].includes(url.origin) ? { [SIGN_IN_HEADER]: user } : {}),
    },
    signal,
  });
  jar.take(response, url);
  return response;
}

function isCallback(url: URL, redirectUri: string): boolean {
  const expected = new URL(redirectUri);
  return url.origin === expected.origin && url.pathname === expected.pathname;
}

/** The walk ended on a page: what it says decides what went wrong. */
async function stopped(walk: Walk, response: Response, url: URL): Promise<Error> {
  const { user, identityProvider } = walk;
  const said = describePage(await readLimited(response, url.href, walk.signal));
  if (said?.includes('MCP client is not registered')) return new ClientForgotten(said);
  if (url.origin === identityProvider.origin) {
    return signInRefused(
      `the identity provider ${identityProvider.origin} did not sign ${user} in (status ${response.status})`,
      said ?? 'it may be no development identity provider of mcpgw, or it does not know this user',
      'mcpgw status    # lists the development users',
    );
  }
  if (response.status < 400) {
    return new CliError({
      code: 'SIGN_IN_NEEDS_A_PERSON',
      message: `${url.origin} asks something that --as cannot answer`,
      why: said ?? `${url.origin}${url.pathname} shows a page`,
      fix: 'run the command without --as and sign in with the browser',
      exit: EXIT.signIn,
    });
  }
  return signInRefused(
    `${url.origin} refused the sign-in as ${user} (status ${response.status})`,
    said,
    'mcpgw logs gateway    # says why',
  );
}

/** What an error page says: Pomerium puts its data into a script element; JSON answers have an error member, plain texts a line. */
function describePage(body: string): string | undefined {
  const embedded = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(body)?.[1];
  const data = parseRecord(embedded ?? body);
  const texts = ['description', 'error_description', 'statusText', 'error'].map((name) => stringOf(data?.[name]));
  const title = /<(?:h1|title)[^>]*>([^<]+)</.exec(body)?.[1]?.trim();
  const line = /^[^<{\n]{1,200}$/.test(body.trim()) ? body.trim() : undefined;
  const said = texts.find((text) => text !== undefined) ?? title ?? line;
  return said === undefined ? undefined : plainLine(said);
}
