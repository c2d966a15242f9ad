import { isIP } from 'node:net';
import type { Report } from '../report.ts';
import type { GlobalKeys } from '../schema/global.ts';

/** Go's net.SplitHostPort, then a positive number: config/validate.go, ValidateAddress. Undefined: the address is good. */
function addressFault(address: string): string | undefined {
  const parts = /^(?:\[([^[\]]*)\]|([^:[\]]*)):([^:[\]]*)$/.exec(address);
  const port = parts?.[3];
  if (!port) return 'expected host:port';
  if (!/^[+-]?\d+$/.test(port)) return 'port must be a number';
  return Number(port) > 0 ? undefined : 'expected positive port number';
}

const ADDRESSES = [
  ['debug_address', 'config: invalid debug_address:'],
  ['metrics_address', 'config: invalid metrics_addr:'],
  ['health_check_addr', 'config : invalid health_check_addr :'],
] as const;

export function checkAddresses(keys: GlobalKeys, report: Report): void {
  for (const [key, start] of ADDRESSES) {
    const address = keys[key];
    const fault =
      address === undefined || (address === '' && key === 'metrics_address') ? undefined : addressFault(address);
    if (fault === undefined) continue;
    const fix = `write host and port, such as \`${key}: 127.0.0.1:28080\``;
    report.add({
      code: 'BAD_ADDRESS',
      path: [key],
      message: `\`${key}: ${address}\`: ${fault}`,
      fix,
      pomerium: report.checkFailure(`${start} ${fault}`),
    });
  }
  checkListenAddress(keys.address, report);
}

/** Pomerium starts with a wrong listen address and then serves nothing, since Envoy refuses it. */
function checkListenAddress(address: string | undefined, report: Report): void {
  if (!address) return;
  const host = /^(.*):\d+$/.exec(address)?.[1]?.replace(/^\[|\]$/g, '');
  if (host !== undefined && (host === '' || isIP(host) !== 0)) return;
  const why = 'Pomerium starts, but Envoy refuses the listener (`malformed IP address`), so nothing is served.';
  report.add({
    code: 'BAD_ADDRESS',
    path: ['address'],
    message: `\`address: ${address}\` is no IP address with a port`,
    why,
    fix: 'write `address: :443` or `address: 127.0.0.1:8443`',
  });
}
