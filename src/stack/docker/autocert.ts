import { CliError, EXIT } from '../../errors.ts';
import type { LogLine } from '../logs/log-line.ts';

/** Pomerium v0.33.1, internal/autocert: its lines have `message`, those of certmagic below it `msg`. */
export interface Issuance {
  obtained: string[];
  failed: { host: string; problem: string }[];
  pending: string[];
}

/** How far Pomerium has come with its certificates, from its log. */
export function readIssuance(lines: readonly LogLine[]): Issuance {
  const obtained = new Set<string>();
  const failed = new Map<string, string>();
  const begun = new Set<string>();
  for (const { fields = {} } of lines) {
    const message = fields['message'] ?? fields['msg'];
    const domain = text(fields['domain']) || text(fields['identifier']);
    if (message === 'obtaining certificate' && domain) begun.add(domain);
    if (message === 'autocert: added certificate') for (const name of names(fields['names'])) obtained.add(name);
    if (message === 'could not get certificate from issuer' && domain) failed.set(domain, text(fields['error']));
  }
  return {
    obtained: [...obtained],
    failed: [...failed].filter(([host]) => !obtained.has(host)).map(([host, problem]) => ({ host, problem })),
    pending: [...begun].filter((host) => !obtained.has(host) && !failed.has(host)),
  };
}

/** Told when the gateway does not serve a certificate of its own names yet; undefined when the log says nothing of it. */
export function certificatePending(lines: readonly LogLine[]): CliError | undefined {
  const { failed, pending } = readIssuance(lines);
  if (failed.length === 0 && pending.length === 0) return undefined;
  const hosts = [...failed.map(({ host }) => host), ...pending];
  return new CliError({
    code: 'CERTIFICATE_PENDING',
    message: `no certificate has been issued yet for ${hosts.join(', ')}`,
    why:
      failed.length > 0
        ? failed.map(({ host, problem }) => `${host}: ${problem.slice(0, 300)}`).join('\n')
        : 'Pomerium is still asking for it',
    fix:
      failed.length > 0
        ? 'point the names at this machine and open ports 80 and 443; then mcpgw restart pomerium (it does not try again by itself)'
        : 'mcpgw logs pomerium -f',
    exit: EXIT.unhealthy,
  });
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function names(value: unknown): string[] {
  if (Array.isArray(value)) return value.map(String);
  return typeof value === 'string' ? [value] : [];
}
