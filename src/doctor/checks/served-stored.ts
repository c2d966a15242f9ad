import { failure, ok, skipped, type Check } from '../check.ts';
import { servedBy } from '../served.ts';
import { readCertificate } from '../stored-certificates.ts';

export const servedStored: Check = {
  id: 'CRT-06',
  area: 'certificate',
  title: 'what is served is what is stored',
  on: ['project'],
  needs: ['FIL-03', 'PRT-01'],
  async run(patient) {
    const { paths, settings } = await patient.project();
    if (settings.address === 'public') return skipped('its certificates are kept by autocert');
    const stored = await readCertificate(paths.certificate);
    if (stored === undefined || stored === 'damaged') return skipped('there is no stored certificate');
    const looks = await servedBy(patient);
    if (!looks.some(({ certificate }) => certificate)) return skipped('nothing is served over TLS');
    const other = looks.find(({ certificate }) => certificate && certificate.fingerprint256 !== stored.fingerprint256);
    if (!other) return ok(`valid until ${stored.validTo}`);
    return failure(`${other.host} shows another certificate than ${paths.certificate}`, 'mcpgw restart');
  },
};
