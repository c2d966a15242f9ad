import type { Resolve } from '../../../net/resolve.ts';
import { StoreUnavailable } from '../state-store.ts';

/** Where a PostgreSQL server is, and as whom to connect. */
export interface Target {
  url: string;
  host: string;
  port: number;
  user: string;
  database: string;
}

const DEFAULT_PORT = 5432;

/**
 * Reads `databroker_storage_connection_string`: a URL, or libpq's `key=value` pairs. Throws StoreUnavailable, in pgx's
 * words and without the password, when it is neither.
 */
export function parseTarget(connectionString: string, resolve: Resolve): Target {
  const isUrl = /^postgres(ql)?:\/\//.test(connectionString);
  const url = isUrl ? parseUrl(connectionString) : fromPairs(connectionString);
  const [host, port] = [url.hostname.replace(/^\[|\]$/g, ''), Number(url.port || DEFAULT_PORT)];
  useLibpqTls(url.searchParams);
  const there = resolve(host, port);
  if (there) {
    url.hostname = there.host;
    url.port = String(there.port);
  }
  const user = decoded(url.username);
  return { url: url.href, host, port, user, database: decoded(url.pathname.slice(1)) || user };
}

/**
 * The library verifies certificates in every mode but `disable`; in libpq and pgx only `verify-ca` and `verify-full` do, and `allow` and
 * `prefer` are content without TLS.
 */
function useLibpqTls(settings: URLSearchParams): void {
  const mode = settings.get('sslmode');
  if (mode === 'allow' || mode === 'prefer') settings.set('sslmode', 'disable');
  else if (mode !== null) settings.set('uselibpqcompat', 'true');
}

/** For messages only, so a broken escape stays as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function parseUrl(text: string): URL {
  if (URL.canParse(text)) return new URL(text);
  // Up to the last @ stands what may hold the password.
  const shown = text.replace(/\/\/([^:@/]*):.*@/, '//$1:xxxxx@');
  throw new StoreUnavailable(`cannot parse \`${shown}\`: failed to parse as URL (invalid port after host)`);
}

/** https://www.postgresql.org/docs/17/libpq-connect.html#LIBPQ-CONNSTRING-KEYWORD-VALUE */
function fromPairs(text: string): URL {
  const pairs = [...text.matchAll(/(\w+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|(\S*))/g)];
  if (pairs.length === 0) throw new StoreUnavailable('cannot parse the connection string: neither a URL nor key=value');
  const values = new Map(
    pairs.map(([, key = '', quoted, plain]) => [key, quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '']),
  );
  const take = (key: string): string => {
    const value = values.get(key) ?? '';
    values.delete(key);
    return value;
  };
  const url = new URL(`postgresql://${take('host') || 'localhost'}:${take('port') || DEFAULT_PORT}`);
  url.username = take('user');
  url.password = take('password');
  url.pathname = `/${encodeURIComponent(take('dbname'))}`;
  for (const [key, value] of values) url.searchParams.set(key, value);
  return url;
}
