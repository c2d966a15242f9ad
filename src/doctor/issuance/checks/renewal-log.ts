import { failure, ok, skipped, warning } from '../../check.ts';
import { again, autocertCheck } from '../issuance-check.ts';

/** A renewal that hangs takes every later change of the configuration with it; the log says `loaded configuration` all the same. */
export const renewalLog = autocertCheck(
  { id: 'ISS-06', area: 'issuance', title: 'renewal does not hang' },
  async ({ patient, view }) => {
    const { hosts, stuckRenewal, lostHandOver, redirectFault } = await view.log();
    if (hosts.length === 0) return skipped('the log says nothing of it');
    if (stuckRenewal) {
      const where = stuckRenewal.staging
        ? '; it asks Let’s Encrypt’s staging service by now, whatever `autocert_ca` says'
        : '';
      const text = `a renewal hangs since ${stuckRenewal.attempts} attempts, and configuration changes with it${where}`;
      return failure(text, again(patient), [stuckRenewal.error]);
    }
    if (lostHandOver.length > 0) {
      const text = `the new certificate of ${lostHandOver.join(', ')} did not reach Envoy: the old one is served`;
      return warning(text, again(patient));
    }
    if (redirectFault)
      return warning(`port 80 could not be opened: ${redirectFault}`, "sudo ss -ltnp 'sport = :80'    # who holds it");
    return ok('it does not');
  },
);
