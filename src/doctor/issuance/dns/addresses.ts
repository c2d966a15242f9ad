import { BlockList, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';

/** IANA special-purpose address registries (RFC 6890): nobody outside reaches these. */
const NOT_PUBLIC = blockList([
  '0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24',
  '192.0.2.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/3',
  '::/128', '::1/128', '100::/64', '2001:db8::/32', 'fc00::/7', 'fe80::/10', 'ff00::/8',
]); // prettier-ignore

/** Networks that stand in front of others and end TLS themselves, as their operators publish them. */
const PROXIES: readonly { name: string; addresses: BlockList; aliases: readonly string[] }[] = [
  {
    name: 'Cloudflare',
    // https://www.cloudflare.com/ips/
    addresses: blockList([
      '173.245.48.0/20',
      '103.21.244.0/22',
      '103.22.200.0/22',
      '103.31.4.0/22',
      '141.101.64.0/18',
      '108.162.192.0/18',
      '190.93.240.0/20',
      '188.114.96.0/20',
      '197.234.240.0/22',
      '198.41.128.0/17',
      '162.158.0.0/15',
      '104.16.0.0/13',
      '104.24.0.0/14',
      '172.64.0.0/13',
      '131.0.72.0/22',
      '2400:cb00::/32',
      '2606:4700::/32',
      '2803:f800::/32',
      '2405:b500::/32',
      '2405:8100::/32',
      '2a06:98c0::/29',
      '2c0f:f248::/32',
    ]),
    aliases: ['cdn.cloudflare.net', 'cfargotunnel.com'],
  },
  {
    name: 'Fastly',
    // https://api.fastly.com/public-ip-list, the networks that customers' names lead to
    addresses: blockList(['151.101.0.0/16', '199.232.0.0/16', '146.75.0.0/17', '2a04:4e40::/32', '2a04:4e42::/32']),
    aliases: ['fastly.net', 'fastlylb.net'],
  },
  { name: 'Amazon CloudFront', addresses: blockList([]), aliases: ['cloudfront.net'] },
  { name: 'Akamai', addresses: blockList([]), aliases: ['edgekey.net', 'edgesuite.net', 'akamaiedge.net'] },
  { name: 'Azure Front Door', addresses: blockList([]), aliases: ['azurefd.net', 'azureedge.net', 't-msedge.net'] },
];

/** Whether the internet can reach an address, as far as its number tells. */
export function isPublic(address: string): boolean {
  return !contains(NOT_PUBLIC, address);
}

/** The proxy or CDN behind which a host stands, by its addresses and aliases; undefined when none is known. */
export function proxyOf(addresses: readonly string[], aliases: readonly string[]): string | undefined {
  return PROXIES.find(
    (proxy) =>
      addresses.some((address) => contains(proxy.addresses, address)) ||
      aliases.some((name) => proxy.aliases.some((suffix) => `.${name}`.endsWith(`.${suffix}`))),
  )?.name;
}

/** The addresses of this machine's interfaces, loopback's left out. */
export function machineAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((one) =>
    (one ?? []).filter(({ internal }) => !internal).map(({ address }) => address),
  );
}

/** The one way of writing an IPv6 address (RFC 5952); an IPv4 address as it is. */
export function canonical(address: string): string {
  const bare = address.replace(/%.*$/, '');
  return isIPv6(bare) ? new URL(`http://[${bare}]`).hostname.slice(1, -1) : bare;
}

function contains(list: BlockList, address: string): boolean {
  return list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    list.addSubnet(address, Number(prefix), isIPv6(address) ? 'ipv6' : 'ipv4');
  }
  return list;
}
