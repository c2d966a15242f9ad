import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Options } from '../pomerium/model.ts';
import type { Project } from '../project/index.ts';
import { ensureAuthority, ensureServerCertificate } from '../tls/index.ts';
import type { StackStatus } from './engine.ts';
import { certificateNames } from './routes.ts';

/** As src/tls renews it: 30 days. */
const RENEW_BEFORE = 30 * 86_400_000;

export interface GatewayCertificate {
  /** PEM of the authority. The certificate itself lies where CERTIFICATE_FILE says. */
  authority: string;
  status: NonNullable<StackStatus['certificate']>;
  /** Hosts of the configuration that the authority may not vouch for. */
  outside: string[];
  /** Told when something was issued or replaced. */
  notes: string[];
}

/** The gateway's certificate for every host of the configuration, by the project's own authority. */
export async function ensureGatewayCertificate(
  project: Project,
  options: Options,
  now: number,
): Promise<GatewayCertificate> {
  const { paths, settings } = project;
  const notes: string[] = [];
  const note = (line: string): void => void notes.push(line);
  const authority = await ensureAuthority(paths.authorityFolder, { domain: settings.domain, now, note });
  const names = certificateNames(options);
  const made = await ensureServerCertificate({ authority, dir: paths.certificateFolder, names, now });
  if (made.renewed) note(`certificate issued: ${made.reason ?? 'no certificate yet'}`);
  return {
    authority: authority.certPem,
    outside: made.outside,
    status: { issuer: 'mcpgw development authority', names, expiresAt: made.notAfter.toISOString() },
    notes,
  };
}

/** What the reader of `up` is told about a certificate. */
export function certificateNews(
  { outside, status }: GatewayCertificate,
  domain: string,
): { state: 'ready' | 'warning'; text: string } {
  if (outside.length > 0) {
    const text = `none for ${outside.join(', ')}: the project’s authority vouches for names under ${domain} alone`;
    return { state: 'warning', text };
  }
  return { state: 'ready', text: `${summariseNames(status.names)}, valid until ${status.expiresAt.slice(0, 10)}` };
}

/** Why the gateway's certificate would be issued anew; undefined: it is good. Touches nothing. */
export async function whyIssueCertificate(
  { paths }: Pick<Project, 'paths'>,
  options: Options,
  now: number,
): Promise<string | undefined> {
  const pem = await readFile(paths.certificate, 'utf8').catch(() => '');
  if (pem === '') return 'there is none yet';
  const certificate = new X509Certificate(pem);
  const lacking = certificateNames(options).filter((name) => certificate.checkHost(name) === undefined);
  if (lacking.length > 0) return `it does not name ${lacking.join(', ')}`;
  return certificate.validToDate.getTime() - now < RENEW_BEFORE ? 'it ends soon' : undefined;
}

/** `*.localhost` where every host has the same parent, else the hosts themselves. */
export function summariseNames(names: readonly string[]): string {
  const parents = new Set(names.map((name) => name.slice(name.indexOf('.') + 1)));
  const [parent] = parents;
  return parents.size === 1 && names.length > 1 ? `*.${parent}` : names.slice(0, 3).join(', ');
}
