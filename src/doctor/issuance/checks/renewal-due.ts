import { failure, ok, skipped, warning, worstOf, type Finding } from '../../check.ts';
import { presented, renewalState } from '../certificates/judge.ts';
import { again, autocertCheck } from '../issuance-check.ts';

const DAY = 24 * 60 * 60 * 1000;

export const renewalDue = autocertCheck(
  { id: 'ISS-09', area: 'issuance', title: 'certificates are renewed in time' },
  async ({ patient, view }) => {
    const looks = presented(await view.served()).filter(
      ({ certificate }) => !certificate.issuer.includes('CN=Pomerium PSK CA'),
    );
    if (looks.length === 0) return skipped('no certificate of an authority is served on port 443 of this machine');
    const now = patient.now();
    const left = (end: Date): number => Math.floor((end.getTime() - now) / DAY);
    const evidence = looks.map(
      ({ host, certificate }) => `${host}: ${left(certificate.validToDate)} days left, until ${certificate.validTo}`,
    );
    const findings = looks.flatMap(({ host, certificate }): Finding[] => {
      const days = left(certificate.validToDate);
      switch (renewalState(certificate, now)) {
        case 'ended':
          return [failure(`the certificate of ${host} ended on ${certificate.validTo}`, again(patient), evidence)];
        case 'not begun':
          return [
            failure(
              `the certificate of ${host} begins on ${certificate.validFrom}: this machine’s clock is wrong`,
              'timedatectl set-ntp true',
              evidence,
            ),
          ];
        case 'stuck':
          return [
            failure(
              `the renewal of ${host} is overdue, ${days} days are left`,
              `mcpgw logs pomerium    # why\n${again(patient)}`,
              evidence,
            ),
          ];
        case 'due':
          return [
            warning(
              `the renewal of ${host} is due, ${days} days are left`,
              'mcpgw logs pomerium -f    # it comes within minutes, or says why not',
              evidence,
            ),
          ];
        default:
          return [];
      }
    });
    return worstOf(findings, () =>
      ok(`${Math.min(...looks.map(({ certificate }) => left(certificate.validToDate)))} days left`, evidence),
    );
  },
);
