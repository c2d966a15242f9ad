import { failure, ok, skipped, warning, type Check } from '../check.ts';
import { advise } from '../servers.ts';
import { servedBy } from '../served.ts';
import { count } from '../words.ts';

const DAY = 86_400_000;
/** Renewal is due in the last third of 90 days; later than this it is stuck. */
const SOON = 14;

export const servedExpiry: Check = {
  id: 'CRT-05',
  area: 'certificate',
  title: 'the served certificates are in time',
  on: ['server'],
  needs: ['FIL-03', 'PRT-01'],
  async run(patient) {
    const looks = (await servedBy(patient)).flatMap(({ host, certificate }) =>
      certificate ? [{ host, certificate }] : [],
    );
    const lives = looks.map(({ host, certificate }) => ({
      host,
      days: Math.floor((certificate.validToDate.getTime() - patient.now()) / DAY),
      isEarly: certificate.validFromDate.getTime() > patient.now(),
    }));
    const [first] = lives.toSorted((a, b) => a.days - b.days);
    if (!first) return skipped('nothing is served over TLS');
    const early = lives.find(({ isEarly }) => isEarly);
    if (early)
      return failure(`${early.host}: the certificate has not begun; a clock is wrong`, 'date    # then set the clock');
    const fix = advise(patient, 'mcpgw restart    # or, with autocert: mcpgw doctor --only issuance', 'renew it');
    if (first.days < 0) return failure(`${first.host}: ended ${count(-first.days, 'day')} ago`, fix);
    const text = `${first.host}: ${count(first.days, 'day')} left`;
    return first.days < SOON ? warning(text, fix) : ok(text);
  },
};
