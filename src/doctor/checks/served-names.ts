import { failure, ok, skipped, type Check } from '../check.ts';
import { advise } from '../servers.ts';
import { servedBy } from '../served.ts';
import { count } from '../words.ts';

/** A gateway that lacks one host’s certificate shows another’s. */
export const servedNames: Check = {
  id: 'CRT-04',
  area: 'certificate',
  title: 'the served certificates name their hosts',
  on: ['server'],
  needs: ['FIL-03', 'PRT-01'],
  async run(patient) {
    const looks = (await servedBy(patient)).filter(({ certificate }) => certificate);
    if (looks.length === 0) return skipped('nothing is served over TLS');
    const evidence = looks.map(({ host, certificate }) => `${host}: ${certificate?.subjectAltName ?? 'no names'}`);
    const wrong = looks.find(({ host, certificate }) => certificate?.checkHost(host) === undefined);
    if (!wrong) return ok(count(looks.length, 'host'), evidence);
    const names = wrong.certificate?.subjectAltName ?? 'nothing';
    return failure(
      `${wrong.host} is shown a certificate for ${names}`,
      advise(patient, 'mcpgw restart    # issues one that names every host', 'get a certificate for this host'),
      evidence,
    );
  },
};
