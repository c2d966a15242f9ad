import { lookup as systemLookup } from 'node:dns/promises';

/** Answers the addresses of a host name; throws when there are none. */
export type Lookup = (hostname: string) => Promise<string[]>;

export interface LocalDomain {
  domain: string;
  /** One sentence for the user. */
  why: string;
  /** False: browsers and curl reach the names, other programs on this machine do not. */
  resolves: boolean;
}

/** RFC 6761 §6.3 gives `*.localhost` to this machine; `*.localhost.pomerium.io` is so in public DNS. */
const CANDIDATES = ['localhost', 'localhost.pomerium.io'];
/** Milliseconds. Offline, a resolver may take many seconds to say so. */
const PATIENCE = 1_500;

/** The first domain whose sub-names lead to this machine. */
export async function chooseLocalDomain(lookup: Lookup = lookupAll): Promise<LocalDomain> {
  const [first, second] = await Promise.all(CANDIDATES.map(async (domain) => leadsHere(`whoami.${domain}`, lookup)));
  if (first) return { domain: 'localhost', why: 'they lead to this machine', resolves: true };
  if (second)
    return {
      domain: 'localhost.pomerium.io',
      why: 'they lead to this machine, and *.localhost does not',
      resolves: true,
    };
  const why = 'browsers, curl and mcpgw know them; other programs need them in /etc/hosts';
  return { domain: 'localhost', why, resolves: false };
}

async function leadsHere(hostname: string, lookup: Lookup): Promise<boolean> {
  const { promise: deadline, resolve } = Promise.withResolvers<string[]>();
  const timer = setTimeout(() => resolve([]), PATIENCE);
  const addresses = await Promise.race([lookup(hostname).catch(() => []), deadline]);
  clearTimeout(timer);
  return addresses.length > 0 && addresses.every((address) => address.startsWith('127.') || address === '::1');
}

async function lookupAll(hostname: string): Promise<string[]> {
  const found = await systemLookup(hostname, { all: true });
  return found.map((one) => one.address);
}
