import { createPrivateKey, X509Certificate } from 'node:crypto';
import { chmod, mkdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { writeFileAtomic } from '../atomic-file.ts';
import { permittedDomainsOf } from './name-constraints.ts';

const DAY = 86_400_000;
const LIFETIME = 3650 * DAY;
/** Certificates begin a little in the past: clocks of containers and virtual machines run behind. */
export const CLOCK_SKEW = 3_600_000;
/** An authority that ends sooner could not vouch for a full server certificate. */
const REMAKE_BEFORE = 398 * DAY;
const ORGANISATION = 'mcpgw development authority';

export interface Authority {
  certPem: string;
  keyPem: string;
  certFile: string;
}

interface AuthorityOptions {
  /** The project's domain: the only names, with `localhost`, that the authority may vouch for. Default `localhost`. */
  domain?: string;
  /** Milliseconds since 1970. */
  now: number;
  /** Told when a damaged or outlived authority is replaced: whoever trusts the old one has to trust the new one. */
  note?: (line: string) => void;
}

/** The certificate authority of a project, in `dir` (0700): the stored one, or a new one when there is none that works. */
export async function ensureAuthority(dir: string, options: AuthorityOptions): Promise<Authority> {
  const certFile = join(dir, 'ca.pem');
  const keyFile = join(dir, 'ca.key');
  const domain = options.domain ?? 'localhost';
  const [certPem, keyPem] = await Promise.all([readIfThere(certFile), readIfThere(keyFile)]);
  if (certPem !== undefined || keyPem !== undefined) {
    const fault = faultOf(certPem ?? '', keyPem ?? '', domain, options.now);
    if (fault === undefined) return { certPem: certPem ?? '', keyPem: keyPem ?? '', certFile };
    options.note?.(`certificate authority made anew: ${fault}; whoever trusted ${certFile} has to trust the new one`);
  }
  const { issueAuthority } = await import('./x509.ts');
  const made = await issueAuthority(authorityName(dir, domain), permittedDomains(domain), {
    notBefore: new Date(options.now - CLOCK_SKEW),
    notAfter: new Date(options.now + LIFETIME),
  });
  await mkdir(dir, { recursive: true, mode: 0o700 });
  await chmod(dir, 0o700);
  await writeFileAtomic(keyFile, made.keyPem, 0o600);
  await writeFileAtomic(certFile, made.certPem, 0o644);
  return { ...made, certFile };
}

/** What is wrong with a stored authority; undefined when it can be used. */
function faultOf(certPem: string, keyPem: string, domain: string, now: number): string | undefined {
  if (certPem === '') return 'ca.pem is missing';
  if (keyPem === '') return 'ca.key is missing';
  try {
    const cert = new X509Certificate(certPem);
    if (!cert.ca || !cert.verify(cert.publicKey)) return 'ca.pem is no authority';
    if (!cert.checkPrivateKey(createPrivateKey(keyPem))) return 'ca.key does not belong to ca.pem';
    if (cert.validToDate.getTime() - now < REMAKE_BEFORE) return `it ends on ${dayOf(cert.validToDate)}`;
    if (!permittedDomainsOf(cert.raw).includes(domain)) return `it is not for ${domain}`;
    return undefined;
  } catch {
    return 'its files are damaged';
  }
}

/** `2027-12-26` */
export function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}

/** So that a trust store's list tells the authorities of several projects apart; X.520 allows 64 characters. */
function authorityName(dir: string, domain: string): string {
  const project = basename(dirname(dirname(dir)));
  return `${ORGANISATION} (${domain})${project ? ` ${project}` : ''}`.slice(0, 64);
}

/** The domains under which an authority may vouch for names. */
function permittedDomains(domain: string): string[] {
  return [...new Set([domain, 'localhost'])];
}

/** A file's text; undefined when there is no such file. */
export async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
