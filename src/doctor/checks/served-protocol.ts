import { ok, skipped, warning, type Check } from '../check.ts';
import { advise } from '../servers.ts';
import { servedBy } from '../served.ts';

/** RFC 8996 retired everything older. */
const GOOD = ['TLSv1.3', 'TLSv1.2'];

export const servedProtocol: Check = {
  id: 'CRT-07',
  area: 'certificate',
  title: 'TLS 1.2 or later',
  on: ['server'],
  needs: ['FIL-03', 'PRT-01'],
  async run(patient) {
    const looks = (await servedBy(patient)).filter(({ protocol }) => protocol);
    const old = looks.find(({ protocol = '' }) => !GOOD.includes(protocol));
    if (old)
      return warning(
        `${old.host} speaks ${old.protocol ?? ''}`,
        advise(patient, 'mcpgw restart', 'allow TLS 1.2 and 1.3 only'),
      );
    const [first] = looks;
    return first ? ok(`${first.protocol ?? ''}, ${first.alpn ?? 'http/1.1'}`) : skipped('nothing is served over TLS');
  },
};
