import { BlockList, isIP } from 'node:net';

/** What else of the IANA special-purpose registries is no server on the internet, beside what Pomerium refuses (RFC 6890). */
const RESERVED = new BlockList();
for (const [network, prefix] of [
  ['100.64.0.0', 10],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['240.0.0.0', 4],
] as const) {
  RESERVED.addSubnet(network, prefix, 'ipv4');
}
for (const [network, prefix] of [
  ['100::', 64],
  ['2001::', 32],
  ['2001:db8::', 32],
  ['64:ff9b:1::', 48],
  ['fec0::', 10],
] as const) {
  RESERVED.addSubnet(network, prefix, 'ipv6');
}

/** Whether a literal address is shared, reserved, for documentation or for benchmarks. */
export function isReservedAddress(address: string): boolean {
  const bare = address.replace(/%.*$/, '');
  return RESERVED.check(bare, isIP(bare) === 6 ? 'ipv6' : 'ipv4');
}
