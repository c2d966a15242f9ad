import { CliError } from '../errors.ts';

/**
 * Host and port of a listen address such as `:8443` or `0.0.0.0:443`. Without a host it is this machine alone: a development gateway
 * is not for the network unless somebody says so.
 */
export function parseListenAddress(address: string): { host: string; port: number } {
  const [, ipv6, name = '', digits] = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(address) ?? [];
  const port = Number(digits);
  if (digits !== undefined && port <= 65_535) return { host: ipv6 ?? (name || '127.0.0.1'), port };
  throw new CliError({
    code: 'BAD_ADDRESS',
    message: `\`${address}\` is no address to listen on`,
    fix: 'write host:port, such as 127.0.0.1:8443, or :8443 for this machine alone',
  });
}
