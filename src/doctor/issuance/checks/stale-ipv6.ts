import { failure, ok, skipped, warning } from '../../check.ts';
import { canonical, proxyOf } from '../dns/addresses.ts';
import { worldCheck } from '../issuance-check.ts';

/** An authority and clients try IPv6 first; an AAAA record of a former machine fails them all. */
export const staleIpv6 = worldCheck(
  { id: 'DNS-06', area: 'dns', title: 'no AAAA record leads elsewhere', needs: ['DNS-01'] },
  async ({ patient, view, signal }) => {
    if (patient.target.kind === 'url') return skipped('only a URL was given');
    const [records, own] = await Promise.all([view.records(signal), view.own(signal)]);
    const isHere = (address: string): boolean => own.known.includes(canonical(address));
    const foreign = records.flatMap(({ host, a, aaaa, aliases }) => {
      const found = aaaa.found ?? [];
      if (found.length === 0 || found.some(isHere) || proxyOf(found, aliases) !== undefined) return [];
      return [{ host, found: found.join(', '), ipv4IsHere: (a.found ?? []).some(isHere) }];
    });
    const [first] = foreign;
    if (!first) return ok(records.some(({ aaaa }) => aaaa.found) ? 'they lead here' : 'there are none');
    const fix = `# at your DNS provider: delete the AAAA record of ${first.host}, or correct it`;
    const evidence = foreign.map(({ host, found }) => `${host}: ${found}`);
    // The A record leads here, so no load balancer explains it.
    if (first.ipv4IsHere)
      return failure(`${first.host} has an AAAA record of another machine: ${first.found}`, fix, evidence);
    if (own.hasIpv6) return warning(`${first.host} leads to ${first.found}, which is not this machine`, fix, evidence);
    return warning(`${first.host} has an AAAA record, ${first.found}, and this machine no IPv6 address`, fix, evidence);
  },
);
