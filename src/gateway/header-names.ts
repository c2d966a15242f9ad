/** What the proxy has to do with a request header. Small integers, since this stands on the hot path. */
export const HEADER = {
  pass: 0,
  host: 1,
  authorization: 2,
  cookie: 3,
  accept: 4,
  contentType: 5,
  contentLength: 6,
  /** Belongs to one connection (RFC 9110 §7.6.1) or is Envoy's to write. */
  drop: 7,
  forwardedFor: 8,
  transferEncoding: 9,
  connection: 10,
  assertion: 11,
  assertionFor: 12,
  origin: 13,
  userAgent: 14,
  upgrade: 15,
  pomeriumAuthorization: 16,
  /** A name with an underscore: Envoy refuses the request. */
  underscore: 17,
  pseudo: 18,
  te: 19,
  referer: 20,
} as const;

const KNOWN: Record<string, number> = {
  host: HEADER.host,
  authorization: HEADER.authorization,
  cookie: HEADER.cookie,
  accept: HEADER.accept,
  'content-type': HEADER.contentType,
  'content-length': HEADER.contentLength,
  'keep-alive': HEADER.drop,
  'proxy-connection': HEADER.drop,
  'proxy-authenticate': HEADER.drop,
  'proxy-authorization': HEADER.drop,
  trailer: HEADER.drop,
  expect: HEADER.drop,
  'http2-settings': HEADER.drop,
  'x-forwarded-proto': HEADER.drop,
  'x-forwarded-host': HEADER.drop,
  'x-request-id': HEADER.drop,
  te: HEADER.te,
  'x-forwarded-for': HEADER.forwardedFor,
  'transfer-encoding': HEADER.transferEncoding,
  connection: HEADER.connection,
  'x-pomerium-jwt-assertion': HEADER.assertion,
  'x-pomerium-jwt-assertion-for': HEADER.assertionFor,
  origin: HEADER.origin,
  'user-agent': HEADER.userAgent,
  upgrade: HEADER.upgrade,
  referer: HEADER.referer,
  'x-pomerium-authorization': HEADER.pomeriumAuthorization,
};

/** Spellings seen so far. Bounded: a client that invents names must not grow it. */
const seen = new Map<string, number>();
const SEEN_LIMIT = 1_000;

/** The class of a header by its name in any spelling. */
export function classifyHeader(name: string): number {
  const known = seen.get(name);
  if (known !== undefined) return known;
  const found = classify(name.toLowerCase());
  if (seen.size < SEEN_LIMIT) seen.set(name, found);
  return found;
}

function classify(name: string): number {
  if (name.startsWith(':')) return HEADER.pseudo;
  if (name.includes('_')) return HEADER.underscore;
  // Envoy strips what only Envoys may tell each other from requests that come from outside.
  if (name.startsWith('x-envoy-')) return HEADER.drop;
  return KNOWN[name] ?? HEADER.pass;
}
