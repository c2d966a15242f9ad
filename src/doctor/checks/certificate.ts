import { hostsOf } from '../servers.ts';
import { failure, ok, skipped, warning, type Check } from '../check.ts';
import { readCertificate } from '../stored-certificates.ts';
import { count } from '../words.ts';

const DAY = 24 * 60 * 60 * 1000;
/** `up` renews 30 days ahead; fewer left means that nobody ran it, or that renewal fails. */
const RENEWED_BEFORE_DAYS = 29;
const REISSUE = 'mcpgw restart    # issues a new one';

export const certificate: Check = {
  id: 'CRT-01',
  area: 'certificate',
  title: 'certificate names every host, is in time',
  on: ['project'],
  needs: ['FIL-03'],
  async run({ project, now }) {
    const { paths, parsed, settings } = await project();
    if (settings.address === 'public') return skipped('a public gateway gets its certificates from Let’s Encrypt');
    const stored = await readCertificate(paths.certificate);
    if (stored === undefined) return skipped('made at the first mcpgw up');
    if (stored === 'damaged') return failure(`${paths.certificate} holds no certificate`, REISSUE);
    const hosts = hostsOf(parsed.options);
    const missing = hosts.filter((host) => stored.checkHost(host) === undefined);
    const outside = missing.filter((host) => !isInside(host, settings.domain));
    if (outside.length > 0) {
      const text = `the project’s authority vouches for ${settings.domain} and names under it, not for ${outside.join(', ')}`;
      return failure(text, `edit pomerium-config.yaml: take a host under ${settings.domain}`);
    }
    if (missing.length > 0) return failure(`the certificate lacks ${missing.join(', ')}`, REISSUE);
    if (Date.parse(stored.validFrom) > now()) {
      return failure(
        `the certificate begins on ${stored.validFrom}: this machine’s clock is wrong`,
        'date    # then set the clock',
      );
    }
    const days = Math.floor((Date.parse(stored.validTo) - now()) / DAY);
    if (days < 0) return failure(`the certificate ended on ${stored.validTo}`, REISSUE);
    const text = `${count(hosts.length, 'host')}, ${count(days, 'day')} left`;
    return days < RENEWED_BEFORE_DAYS ? warning(text, REISSUE, hosts) : ok(text, hosts);
  },
};

function isInside(host: string, domain: string): boolean {
  return [domain, 'localhost'].some((one) => host === one || host.endsWith(`.${one}`));
}
