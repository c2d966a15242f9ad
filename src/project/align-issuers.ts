import type { Route } from '../pomerium/model.ts';
import { dataAt, SERVERS_SERVICE } from './add-route.ts';
import type { NameChanges } from './align-names.ts';
import { replaceScalar } from './edit/scalar.ts';

const ENVIRONMENT = ['services', SERVERS_SERVICE, 'environment'];
const ISSUERS = [...ENVIRONMENT, 'WHOAMI_ISSUERS'];
const KEYS = [...ENVIRONMENT, 'JWKS_URL'];
/** Pomerium v0.33.1 internal/handlers: on the host of every route. */
const JWKS = '/.well-known/pomerium/jwks.json';

type Placed = Pick<Route, 'from'> & { to?: readonly { url: string }[] };

/**
 * Keeps what whoami believes in step with its routes: Pomerium's issuer is the host of the route that a call came by, and the keys are read
 * from one of them. Lines that name a variable may stand for anything, and stay.
 */
export function alignIssuers(before: string, routes: readonly Placed[]): NameChanges {
  const origins = routes.filter(leadsToWhoami).flatMap(({ from }) => (URL.canParse(from) ? [new URL(from)] : []));
  const changes: NameChanges = { text: before, added: [], missing: [] };
  return alignKeys(origins.reduce(withIssuer, changes), origins, routes);
}

/** Takes the host of a route that is gone out of them; the last one stays. */
export function removeIssuer(compose: string, host: string, routes: readonly Placed[]): string {
  const known = issuersIn(compose);
  if (known === undefined || known.length < 2 || !known.includes(host)) return compose;
  const value = known.filter((one) => one !== host).join(',');
  const text = replaceScalar(compose, ISSUERS, value) ?? compose;
  return alignIssuers(text, routes).text;
}

function leadsToWhoami({ to }: Placed): boolean {
  return (to ?? []).some(({ url }) => {
    const upstream = URL.parse(url);
    return upstream?.hostname === SERVERS_SERVICE && upstream.pathname === '/whoami';
  });
}

function withIssuer(changes: NameChanges, { hostname }: URL): NameChanges {
  const known = issuersIn(changes.text);
  if (known === undefined || known.includes(hostname)) return changes;
  const what = `${hostname} in WHOAMI_ISSUERS of ${SERVERS_SERVICE}`;
  return changed(changes, replaceScalar(changes.text, ISSUERS, [...known, hostname].join(',')), what);
}

/** The keys are the same on every host, so an address stays as long as any route answers there. */
function alignKeys(changes: NameChanges, [first]: readonly URL[], routes: readonly Placed[]): NameChanges {
  const written: unknown = dataAt(changes.text, KEYS);
  const url = typeof written === 'string' ? URL.parse(written) : null;
  if (!first || !url || url.pathname !== JWKS || routes.some(({ from }) => URL.parse(from)?.origin === url.origin))
    return changes;
  const value = `${first.origin}${JWKS}`;
  return changed(changes, replaceScalar(changes.text, KEYS, value), `${value} as JWKS_URL of ${SERVERS_SERVICE}`);
}

function changed(changes: NameChanges, text: string | undefined, what: string): NameChanges {
  return text === undefined
    ? { ...changes, missing: [...changes.missing, what] }
    : { ...changes, text, added: [...changes.added, what] };
}

function issuersIn(compose: string): string[] | undefined {
  const written: unknown = dataAt(compose, ISSUERS);
  if (typeof written !== 'string' || written === '' || written.includes('$')) return undefined;
  return written.split(',').map((one) => one.trim());
}
