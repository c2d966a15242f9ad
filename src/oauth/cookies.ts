interface Cookie {
  name: string;
  value: string;
  /** Host that set it; with `subdomains` every name below it gets it too. */
  domain: string;
  subdomains: boolean;
  path: string;
  secure: boolean;
}

/** The cookies of one scripted sign-in, kept in memory (RFC 6265 §5.3, without expiry dates: the jar lives for seconds). */
export class CookieJar {
  readonly #cookies: Cookie[] = [];

  take(response: Response, url: URL): void {
    for (const line of response.headers.getSetCookie()) {
      const cookie = parseCookie(line, url);
      if (!cookie) continue;
      const same = this.#cookies.findIndex(
        (one) => one.name === cookie.name && one.domain === cookie.domain && one.path === cookie.path,
      );
      if (same >= 0) this.#cookies.splice(same, 1);
      if (cookie.value !== '') this.#cookies.push(cookie);
    }
  }

  /** The Cookie header for a request; undefined when there is nothing to send. */
  header(url: URL): string | undefined {
    const fitting = this.#cookies
      .filter((cookie) => matches(cookie, url))
      .toSorted((a, b) => b.path.length - a.path.length);
    return fitting.length === 0 ? undefined : fitting.map(({ name, value }) => `${name}=${value}`).join('; ');
  }
}

function parseCookie(line: string, url: URL): Cookie | undefined {
  const [pair = '', ...attributes] = line.split(';');
  const equals = pair.indexOf('=');
  if (equals < 1) return undefined;
  const settings = new Map(attributes.map((one) => attributeOf(one)));
  const host = url.hostname.toLowerCase();
  const named = (settings.get('domain') ?? '').replace(/^\./, '').toLowerCase();
  // A host may set cookies for itself and for the domains above it, never for its neighbours.
  if (named !== '' && named !== host && !host.endsWith(`.${named}`)) return undefined;
  const path = settings.get('path') ?? '';
  const isGone = settings.get('max-age') === '0';
  return {
    name: pair.slice(0, equals).trim(),
    value: isGone ? '' : pair.slice(equals + 1).trim(),
    domain: named || host,
    subdomains: named !== '',
    path: path.startsWith('/') ? path : defaultPath(url),
    secure: settings.has('secure'),
  };
}

function attributeOf(text: string): [string, string] {
  const [name = '', ...value] = text.split('=');
  return [name.trim().toLowerCase(), value.join('=').trim()];
}

function defaultPath({ pathname }: URL): string {
  const slash = pathname.lastIndexOf('/');
  return slash <= 0 ? '/' : pathname.slice(0, slash);
}

function matches(cookie: Cookie, url: URL): boolean {
  const host = url.hostname.toLowerCase();
  if (cookie.secure && url.protocol !== 'https:') return false;
  if (host !== cookie.domain && !(cookie.subdomains && host.endsWith(`.${cookie.domain}`))) return false;
  const { path } = cookie;
  return (
    url.pathname === path ||
    (url.pathname.startsWith(path) && (path.endsWith('/') || url.pathname[path.length] === '/'))
  );
}
