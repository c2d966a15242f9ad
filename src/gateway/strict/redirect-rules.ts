const LOOPBACK = /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?((?:[/?][^#]*)?)$/;
/** Schemes that a browser itself acts on; an application has no use for them. */
const FORBIDDEN = new Set([
  'about',
  'blob',
  'data',
  'file',
  'filesystem',
  'ftp',
  'intent',
  'jar',
  'javascript',
  'mailto',
  'tel',
  'vbscript',
  'view-source',
  'ws',
  'wss',
]);

export function isLoopback(uri: string): boolean {
  return LOOPBACK.test(uri);
}

/** A redirect URI without the port that a client on the user's machine chooses anew each time (RFC 8252 §7.3). */
export function withoutLoopbackPort(uri: string): string {
  const [, host, rest] = LOOPBACK.exec(uri) ?? [];
  return host === undefined ? uri : `http://${host}${rest ?? ''}`;
}

/** Exactly a registered URI; on loopback the port, and nothing else, may differ. */
export function matchesExactly(requested: string, registered: readonly string[]): boolean {
  if (registered.includes(requested)) return true;
  if (!isLoopback(requested)) return false;
  const wanted = withoutLoopbackPort(requested);
  return registered.some((uri) => isLoopback(uri) && withoutLoopbackPort(uri) === wanted);
}

/** Why nobody may be sent to a redirect URI; undefined: it is https, plain http on loopback, or a private-use scheme (RFC 8252 §7). */
export function redirectProblem(uri: string): string | undefined {
  if (!URL.canParse(uri)) return 'is no URI';
  const { protocol, username, password, hash } = new URL(uri);
  const scheme = protocol.slice(0, -1);
  if (hash !== '' || uri.includes('#')) return 'has a fragment';
  if (username !== '' || password !== '') return 'has user information';
  if (FORBIDDEN.has(scheme)) return `has the scheme ${scheme}`;
  if (scheme === 'http' && !isLoopback(uri)) return 'is plain http and not on loopback';
  return undefined;
}

/** The same by what the client says it is: OpenID Connect Registration 1.0 §2, `application_type`. */
export function typedRedirectProblem(uri: string, applicationType: unknown): string | undefined {
  const problem = redirectProblem(uri);
  if (problem !== undefined || applicationType !== 'web') return problem;
  if (!uri.startsWith('https://')) return 'is not https, as a web application’s has to be';
  const { hostname } = new URL(uri);
  return ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
    ? 'is on loopback, which no web application is'
    : undefined;
}
