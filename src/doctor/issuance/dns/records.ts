import type { CaaRecord } from 'node:dns';
import { Resolver } from 'node:dns/promises';

/** Milliseconds for one try of a question at one server, and tries. */
const TIMEOUT = 1_000;
const TRIES = 2;
/** Milliseconds for a question, whatever number of servers there is to ask. */
const PATIENCE = 3_000;
const LONGEST_CHAIN = 8;

/** Why a question had no answer: `NXDOMAIN` and `NODATA` are answers of their own; `SILENT` is none. */
export type DnsFault = 'NXDOMAIN' | 'NODATA' | 'SERVFAIL' | 'REFUSED' | 'SILENT' | 'UNREADABLE';

export type DnsAnswer<T> = { found: T[]; fault?: undefined } | { found?: undefined; fault: DnsFault };

/** What DNS says about a host. */
export interface HostRecords {
  host: string;
  /** The names that the host is an alias of, in order. */
  aliases: string[];
  /** The chain of aliases comes back to itself or does not end. */
  endless: boolean;
  a: DnsAnswer<string>;
  aaaa: DnsAnswer<string>;
}

/** The questions that doctor asks; each answers and never throws but for its signal. */
export interface Dns {
  records(host: string, signal: AbortSignal): Promise<HostRecords>;
  /** The CAA records that count for a host and the name at which they stand (RFC 8659 §3). */
  caa(host: string, signal: AbortSignal): Promise<{ at: string; answer: DnsAnswer<CaaRecord> }>;
}

/**
 * DNS as the machine's own resolvers tell it, past hosts files and local caches.
 * @param servers `address` or `address:port`, instead of the machine's.
 */
export function createDns(servers?: readonly string[]): Dns {
  const ask = async <T>(signal: AbortSignal, question: (resolver: Resolver) => Promise<T[]>): Promise<DnsAnswer<T>> => {
    signal.throwIfAborted();
    // One for each question: cancelling ends every question of a resolver.
    const resolver = new Resolver({ timeout: TIMEOUT, tries: TRIES });
    if (servers) resolver.setServers(servers);
    const onAbort = (): void => resolver.cancel();
    const timer = setTimeout(onAbort, PATIENCE);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      const found = await question(resolver);
      return found.length > 0 ? { found } : { fault: 'NODATA' };
    } catch (error) {
      signal.throwIfAborted();
      return { fault: faultOf(error) };
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    }
  };
  return {
    records: async (host, signal) => {
      const [a, aaaa, chain] = await Promise.all([
        ask(signal, async (resolver) => resolver.resolve4(host)),
        ask(signal, async (resolver) => resolver.resolve6(host)),
        followAliases(host, async (name) => ask(signal, async (resolver) => resolver.resolveCname(name))),
      ]);
      return { host, ...chain, a, aaaa };
    },
    caa: async (host, signal) =>
      climb(host, async (name) => ask(signal, async (resolver) => resolver.resolveCaa(name))),
  };
}

async function followAliases(
  host: string,
  ask: (name: string) => Promise<DnsAnswer<string>>,
): Promise<Pick<HostRecords, 'aliases' | 'endless'>> {
  const aliases: string[] = [];
  for (let name = host; aliases.length < LONGEST_CHAIN;) {
    const next = (await ask(name)).found?.[0];
    if (next === undefined) return { aliases, endless: false };
    if (next === host || aliases.includes(next)) return { aliases: [...aliases, next], endless: true };
    aliases.push(next);
    name = next;
  }
  return { aliases, endless: true };
}

/** From the host upwards, to the first name that has any; a top-level domain's count too. */
async function climb(
  host: string,
  ask: (name: string) => Promise<DnsAnswer<CaaRecord>>,
): Promise<{ at: string; answer: DnsAnswer<CaaRecord> }> {
  const labels = host.split('.');
  for (let i = 0; i < labels.length; i++) {
    const at = labels.slice(i).join('.');
    const answer = await ask(at);
    // An authority may not issue where it gets no answer (RFC 8659 §3, RFC 6844 errata); absence is one.
    if (answer.found || !['NODATA', 'NXDOMAIN'].includes(answer.fault)) return { at, answer };
  }
  return { at: '', answer: { fault: 'NODATA' } };
}

const FAULTS: Readonly<Record<string, DnsFault>> = {
  ENOTFOUND: 'NXDOMAIN',
  ENODATA: 'NODATA',
  ESERVFAIL: 'SERVFAIL',
  EREFUSED: 'REFUSED',
  ENOTIMP: 'REFUSED',
  ETIMEOUT: 'SILENT',
  ECONNREFUSED: 'SILENT',
  ECANCELLED: 'SILENT',
};

function faultOf(error: unknown): DnsFault {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return FAULTS[code] ?? 'UNREADABLE';
}

export function addressesOf({ a, aaaa }: Pick<HostRecords, 'a' | 'aaaa'>): string[] {
  return [...(a.found ?? []), ...(aaaa.found ?? [])];
}
