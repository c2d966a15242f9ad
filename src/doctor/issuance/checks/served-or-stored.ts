import { failure, ok, skipped, worstOf, type Finding } from '../../check.ts';
import type { TlsLook } from '../../tls-look.ts';
import { namesOf, presented } from '../certificates/judge.ts';
import { storedCertificates, type StoredCertificate } from '../certificates/stored.ts';
import { again, autocertCheck } from '../issuance-check.ts';

/** Health never speaks of certificates: 200 without one, with a wrong one, with an old one. */
export const servedOrStored = autocertCheck(
  { id: 'ISS-07', area: 'issuance', title: 'the stored certificate of each host is served' },
  async ({ patient, view }) => {
    const { store } = await view.situation();
    const looks = presented(await view.served());
    if (looks.length === 0) return skipped('nothing is served on port 443 of this machine');
    const stored = new Map<string, StoredCertificate[]>();
    if (store !== undefined) {
      for (const { host } of looks) stored.set(host, await storedCertificates(store, host).catch(() => []));
    }
    const evidence = looks.map(
      ({ host, certificate }) => `${host}: serial ${certificate.serialNumber}, until ${certificate.validTo}`,
    );
    return worstOf(
      looks.flatMap((one) => compare(one, stored.get(one.host) ?? [], again(patient), evidence) ?? []),
      () => ok(`${looks.length} of ${looks.length}`, evidence),
    );
  },
);

function compare(
  { host, certificate }: ReturnType<typeof presented>[number] & TlsLook,
  [newest]: readonly StoredCertificate[],
  again: string,
  evidence: string[],
): Finding | undefined {
  const [leaf] = newest?.chain ?? [];
  if (newest && !leaf) {
    return failure(
      `${newest.file} holds no certificate, and is never issued again`,
      `mv ${newest.file} ${newest.file}.old\n${again}`,
      evidence,
    );
  }
  if (certificate.checkHost(host) === undefined || certificate.issuer.includes('CN=Pomerium PSK CA')) {
    const what = certificate.issuer.includes('CN=Pomerium PSK CA')
      ? 'its catch-all'
      : `the certificate of ${namesOf(certificate)}`;
    const why = leaf ? 'though the store has the right one' : 'and the store has none';
    return failure(
      `${host} is shown ${what}, ${why}`,
      leaf ? again : 'mcpgw doctor --only issuance    # why there is none',
      evidence,
    );
  }
  if (!leaf || leaf.fingerprint256 === certificate.fingerprint256) return undefined;
  // A certificate of one's own beats autocert's.
  if (leaf.validToDate <= certificate.validToDate) return undefined;
  return failure(`${host} is shown an older certificate than the store has (${leaf.validTo})`, again, evidence);
}
