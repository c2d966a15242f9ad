import { X509Certificate } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { issueAuthority, issueServerCertificate } from '../../src/tls/x509.ts';
import { temporaryFolder } from '../helpers/program.ts';
import { dnsOf, recorded, type Place } from '../unit/doctor-issuance/world.ts';
import type { InPublicWorld, Shown } from './fault.ts';

const HOST = 'one.example.org';

const DAY = 24 * 60 * 60 * 1000;
const NOW = Date.now();

/** A certificate of 90 days, `age` days old, as PEM. */
async function issue(issuer: string, name: string, age: number): Promise<string> {
  const validity = { notBefore: new Date(NOW - age * DAY), notAfter: new Date(NOW + (90 - age) * DAY) };
  const authority = await issueAuthority(issuer, ['example.org'], {
    ...validity,
    notBefore: new Date(NOW - 400 * DAY),
  });
  return (await issueServerCertificate(authority, { dns: [name], ip: [] }, validity)).certPem;
}

/** A world of a public gateway in which all is well but for what is planted. */
export async function worldOf(planted: InPublicWorld): Promise<Place> {
  const { logged, until, times = 1, now, records, holder } = planted;
  const lines = logged === undefined ? [] : recorded(logged);
  const told = lines.filter(({ fields }) => until === undefined || String(fields?.['time']) < until);
  return {
    log: Array.from({ length: times }, () => told).flat(),
    hosts: [logged === undefined ? HOST : 'one.acme.test'],
    patient: { now: () => now ?? NOW },
    doors: {
      ...(records ? dnsOf({ [HOST]: records }) : {}),
      ...(holder === undefined
        ? {}
        : { holder: async (port) => (port === 443 ? { pid: 4711, command: holder } : undefined) }),
    },
    ...(planted.shows ? await showing(planted.shows, planted.stored) : {}),
  };
}

/** A host that shows this certificate, and what its store has. */
async function showing(shown: Shown, stored: InPublicWorld['stored']): Promise<Place> {
  const { issuer, name = HOST, age = 1, distrust } = shown;
  const certPem = await issue(issuer, name, age);
  const look = { certificate: new X509Certificate(certPem), ...(distrust === undefined ? {} : { distrust }) };
  const kept = stored === 'newer' ? await issue(issuer, HOST, 1) : 'rubbish';
  return {
    doors: { presents: async (host, port) => ({ host, port, ...look }) },
    ...(stored === undefined ? {} : { config: `autocert_dir: ${await storeWith(kept)}` }),
  };
}

async function storeWith(text: string): Promise<string> {
  const store = await temporaryFolder('store');
  const folder = join(store, 'certificates/acme-v02.api.letsencrypt.org-directory', HOST);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${HOST}.crt`), text);
  return store;
}
