import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { isReservedAddress } from '../strict/reserved-address.ts';

/**
 * Addresses that are nobody's on the internet: Pomerium v0.33.1 internal/mcp/ssrf.go, and besides what reaches the same
 * machines by another spelling (0.0.0.0/8, NAT64, 6to4). Documentation addresses count as public there, so here too.
 */
const INTERNAL = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['224.0.0.0', 4],
  ['255.255.255.255', 32],
] as const) {
  INTERNAL.addSubnet(network, prefix, 'ipv4');
}
for (const [network, prefix] of [
  ['::', 96],
  ['64:ff9b::', 96],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const) {
  INTERNAL.addSubnet(network, prefix, 'ipv6');
}

/** Whether a literal address lies inside a private, loopback, link-local, multicast or unspecified range. */
export function isInternalAddress(address: string): boolean {
  const bare = address.replace(/%.*$/, '');
  // An IPv4-mapped IPv6 address is checked by the IPv4 rules (node:net BlockList does so by itself).
  return INTERNAL.check(bare, isIP(bare) === 6 ? 'ipv6' : 'ipv4');
}

/**
 * The address to connect to for a host name, looked up once so that it cannot change between check and use.
 * Throws when there is none that may be reached.
 */
export async function findAddress(host: string, allowInternal: boolean, strict = false): Promise<string> {
  const candidates = isIP(host) === 0 ? (await lookup(host, { all: true })).map(({ address }) => address) : [host];
  const usable = candidates.find(
    (address) => allowInternal || !(isInternalAddress(address) || (strict && isReservedAddress(address))),
  );
  if (usable === undefined) throw new Error(`${host} has no public address (${candidates.join(', ')})`);
  return usable;
}
