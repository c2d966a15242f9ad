import { ok, skipped, warning } from '../../check.ts';
import { canonical } from '../dns/addresses.ts';
import { addressesOf } from '../dns/records.ts';
import { worldCheck } from '../issuance-check.ts';

export const hostsAgree = worldCheck(
  { id: 'DNS-07', area: 'dns', title: 'all hosts lead to the same place', needs: ['DNS-01'] },
  async ({ view, signal }) => {
    const records = await view.records(signal);
    if (records.length < 2) return skipped('there is one host');
    const places = records.map((one) => ({
      host: one.host,
      addresses: addressesOf(one).map(canonical).toSorted().join(', '),
    }));
    // What most of them say is taken for right.
    const votes = Object.groupBy(places, ({ addresses }) => addresses);
    const [usual = ''] = Object.keys(votes).toSorted((a, b) => (votes[b]?.length ?? 0) - (votes[a]?.length ?? 0));
    const other = places.find(({ addresses }) => addresses !== usual);
    if (!other) return ok(usual);
    return warning(
      `${other.host} leads to ${other.addresses}, the others to ${usual}`,
      `# at your DNS provider: give ${other.host} the same records as the others`,
      places.map(({ host, addresses }) => `${host}: ${addresses}`),
    );
  },
);
