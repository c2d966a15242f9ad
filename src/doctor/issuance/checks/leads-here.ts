import { ok, skipped, warning } from '../../check.ts';
import { canonical, proxyOf } from '../dns/addresses.ts';
import { addressesOf } from '../dns/records.ts';
import { worldCheck } from '../issuance-check.ts';

/** A warning: a load balancer or a floating address may stand between; only an observer outside can tell. */
export const leadsHere = worldCheck(
  { id: 'DNS-05', area: 'dns', title: 'the hosts lead to this machine', needs: ['DNS-01'] },
  async ({ patient, view, signal }) => {
    if (patient.target.kind === 'url') return skipped('only a URL was given');
    const [records, own] = await Promise.all([view.records(signal), view.own(signal)]);
    const ipv4 = own.known.filter((address) => !address.includes(':'));
    const evidence = [
      `this machine: ${own.known.join(' ') || 'no public address of its own'}`,
      ...records.map((one) => `${one.host}: ${addressesOf(one).join(' ')}`),
    ];
    if (ipv4.length === 0 && !own.hasIpv6) {
      return ok('this machine does not know its public address; the dry run tells (ISS-10)', evidence);
    }
    const elsewhere = records.find(
      (one) =>
        proxyOf(addressesOf(one), one.aliases) === undefined &&
        addressesOf(one)
          .map(canonical)
          .every((address) => !own.known.includes(address)),
    );
    if (!elsewhere) return ok(own.known.join(', '), evidence);
    return warning(
      `${elsewhere.host} leads to ${addressesOf(elsewhere).join(', ')}, this machine is ${own.known.join(', ')}`,
      `# unless a load balancer stands between: at your DNS provider, ${elsewhere.host} A ${ipv4[0] ?? own.known[0] ?? ''}`,
      evidence,
    );
  },
);
