import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { writeFileAtomic } from '../atomic-file.ts';
import { CLOCK_SKEW, dayOf, readIfThere, type Authority } from './authority.ts';
import { permittedDomainsOf } from './name-constraints.ts';

const DAY = 86_400_000;
/** Browsers refuse more than 397 days from own authorities too; the start lies one clock skew in the past. */
const LIFETIME = 396 * DAY;
const RENEW_BEFORE = 30 * DAY;
/** So that `https://localhost:8443` and the bare addresses open without a warning as well. */
const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '::1'];

export interface ServerCertificate {
  certFile: string;
  keyFile: string;
  certPem: string;
  keyPem: string;
  notAfter: Date;
  /** True when it was issued by this call. */
  renewed: boolean;
  /** Why it was issued: `no certificate yet`, `names added: x.localhost`; undefined when the stored one is kept. */
  reason?: string;
  /** Names that the authority cannot vouch for. They are left out: with one of them, clients would refuse the others too. */
  outside: string[];
}

interface ServerCertificateOptions {
  authority: Pick<Authority, 'certPem' | 'keyPem'>;
  dir: string;
  /** Every host by name: a wildcard directly under `localhost` is refused by Node, curl and Python. */
  names: readonly string[];
  /** Milliseconds since 1970. */
  now: number;
}

/** The server certificate in `dir`, beside a copy of the authority's; issued anew when names, authority or dates ask for it. */
export async function ensureServerCertificate(options: ServerCertificateOptions): Promise<ServerCertificate> {
  const { authority, dir, now } = options;
  const certFile = join(dir, 'gateway.crt');
  const keyFile = join(dir, 'gateway.key');
  const wanted = [...new Set([...options.names.map((name) => name.toLowerCase()), ...LOOPBACK_NAMES])].sort();
  const isInside = insideOf(authority.certPem);
  const names = wanted.filter(isInside);
  const outside = wanted.filter((name) => !isInside(name));
  const [certPem = '', keyPem = '', copy = ''] = await Promise.all(
    [certFile, keyFile, join(dir, 'ca.pem')].map((file) => readIfThere(file)),
  );
  await mkdir(dir, { recursive: true, mode: 0o755 });
  // The folder that containers see holds the authority's certificate, never its key.
  if (copy !== authority.certPem) await writeFileAtomic(join(dir, 'ca.pem'), authority.certPem);
  const reason = reasonToIssue(certPem, keyPem, authority.certPem, names, now);
  if (reason === undefined) {
    const notAfter = new X509Certificate(certPem).validToDate;
    return { certFile, keyFile, certPem, keyPem, notAfter, renewed: false, outside };
  }
  const { issueServerCertificate } = await import('./x509.ts');
  const made = await issueServerCertificate(
    authority,
    { dns: names.filter((name) => isIP(name) === 0), ip: names.filter((name) => isIP(name) !== 0) },
    { notBefore: new Date(now - CLOCK_SKEW), notAfter: new Date(now + LIFETIME) },
  );
  await writeFileAtomic(keyFile, made.keyPem, 0o600);
  await writeFileAtomic(certFile, made.certPem);
  const notAfter = new X509Certificate(made.certPem).validToDate;
  return { certFile, keyFile, ...made, notAfter, renewed: true, reason, outside };
}

/** What the authority's name constraints permit: its domains, and this machine's addresses. */
function insideOf(authorityPem: string): (name: string) => boolean {
  const domains = permittedDomainsOf(new X509Certificate(authorityPem).raw);
  return (name) => isIP(name) !== 0 || domains.some((one) => name === one || name.endsWith(`.${one}`));
}

/** Why the stored certificate cannot be served; undefined when it can. */
function reasonToIssue(
  certPem: string,
  keyPem: string,
  authorityPem: string,
  names: readonly string[],
  now: number,
): string | undefined {
  if (certPem === '' || keyPem === '') return 'no certificate yet';
  try {
    const cert = new X509Certificate(certPem);
    const authority = new X509Certificate(authorityPem);
    if (!cert.checkPrivateKey(createPrivateKey(keyPem))) return 'the key did not belong to the certificate';
    if (!cert.checkIssued(authority) || !cert.verify(authority.publicKey)) return 'the certificate authority changed';
    const remaining = cert.validToDate.getTime() - now;
    if (remaining < 0) return `it ended on ${dayOf(cert.validToDate)}`;
    if (remaining < RENEW_BEFORE) return `it would have ended on ${dayOf(cert.validToDate)}`;
    return differenceOfNames(namesOf(cert), names);
  } catch {
    return 'its files were damaged';
  }
}

function differenceOfNames(has: readonly string[], wanted: readonly string[]): string | undefined {
  const added = wanted.filter((name) => !has.includes(name));
  const dropped = has.filter((name) => !wanted.includes(name));
  if (added.length > 0) return `names added: ${added.join(', ')}`;
  return dropped.length > 0 ? `names dropped: ${dropped.join(', ')}` : undefined;
}

function namesOf(cert: X509Certificate): string[] {
  const entries = (cert.subjectAltName ?? '').split(', ');
  const names = entries.map((entry) => entry.replace(/^(DNS|IP Address):/, ''));
  return names.map((name) => (name === '0:0:0:0:0:0:0:1' ? '::1' : name)).sort();
}
