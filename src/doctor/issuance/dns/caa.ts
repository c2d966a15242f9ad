import type { CaaRecord } from 'node:dns';

export type CaaVerdict =
  | { kind: 'permitted' }
  /** `issuers` are those that may. */
  | { kind: 'refused'; issuers: string[] }
  /** The authority may issue, though not by a challenge that a web server can answer. */
  | { kind: 'other method'; methods: string[] }
  /** Only for one account. */
  | { kind: 'one account'; account: string };

/** Challenges that a gateway can answer. */
const METHODS = ['http-01', 'tls-alpn-01'];
const KNOWN_TAGS = ['issue', 'issuewild', 'iodef', 'contactemail', 'contactphone', 'critical'];

/** How authorities call themselves in CAA records, by the host of their directory. */
const IDENTITIES: readonly { host: string; names: readonly string[] }[] = [
  { host: 'letsencrypt.org', names: ['letsencrypt.org'] },
  { host: 'pki.goog', names: ['pki.goog'] },
  { host: 'zerossl.com', names: ['zerossl.com', 'sectigo.com', 'comodoca.com', 'usertrust.com', 'trust-provider.com'] },
  { host: 'sectigo.com', names: ['sectigo.com', 'comodoca.com', 'usertrust.com', 'trust-provider.com'] },
  { host: 'ssl.com', names: ['ssl.com'] },
  { host: 'buypass.com', names: ['buypass.com', 'buypass.no'] },
  { host: 'actalis.com', names: ['actalis.it'] },
];

/** What an authority is called in CAA records; undefined for one that is not known: a private one. */
export function caaNames(directoryUrl: string): readonly string[] | undefined {
  const { hostname } = new URL(directoryUrl);
  return IDENTITIES.find(({ host }) => `.${hostname}`.endsWith(`.${host}`))?.names;
}

/** Whether a set of CAA records lets one of `names` issue for a host that is no wildcard (RFC 8659 §4.2, RFC 8657). */
export function judgeCaa(records: readonly CaaRecord[], names: readonly string[]): CaaVerdict {
  const issues = records.flatMap(({ issue }) => (typeof issue === 'string' ? [readIssue(issue)] : []));
  const unknown = records.some(
    (one) => one.critical !== 0 && Object.keys(one).some((tag) => !KNOWN_TAGS.includes(tag)),
  );
  if (unknown) return { kind: 'refused', issuers: issues.map(({ issuer }) => issuer) };
  if (issues.length === 0) return { kind: 'permitted' };
  const ours = issues.filter(({ issuer }) => names.includes(issuer));
  if (ours.length === 0) return { kind: 'refused', issuers: issues.map(({ issuer }) => issuer).filter(Boolean) };
  const usable = ours.filter(({ methods }) => !methods || methods.some((method) => METHODS.includes(method)));
  if (usable.length === 0) return { kind: 'other method', methods: ours.flatMap(({ methods = [] }) => methods) };
  const bound = usable.every(({ account }) => account !== undefined);
  return bound ? { kind: 'one account', account: usable[0]?.account ?? '' } : { kind: 'permitted' };
}

/** `letsencrypt.org; validationmethods=http-01,dns-01; accounturi=https://...` */
function readIssue(text: string): { issuer: string; methods?: string[]; account?: string } {
  const [issuer = '', ...parameters] = text.split(';').map((part) => part.trim());
  const value = (tag: string): string | undefined =>
    parameters.find((one) => one.toLowerCase().startsWith(`${tag}=`))?.slice(tag.length + 1);
  const methods = value('validationmethods')?.split(',');
  const account = value('accounturi');
  return {
    issuer: issuer.toLowerCase(),
    ...(methods ? { methods } : {}),
    ...(account === undefined ? {} : { account }),
  };
}
