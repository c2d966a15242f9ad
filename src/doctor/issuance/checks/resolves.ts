import { failure, ok, worstOf } from '../../check.ts';
import type { DnsAnswer, HostRecords } from '../dns/records.ts';
import { worldCheck } from '../issuance-check.ts';

/** An authority looks both kinds up and takes no fault in either (Let's Encrypt, "DNS problem: SERVFAIL looking up AAAA"). */
export const resolves = worldCheck(
  { id: 'DNS-01', area: 'dns', title: 'every host has an address' },
  async ({ view, signal }) => {
    const records = await view.records(signal);
    const evidence = records.map((one) => `${one.host}: ${describe(one.a)}; ${describe(one.aaaa)}`);
    return worstOf(
      records.flatMap((one) => {
        const fault = faultOf(one);
        return fault ? [failure(fault.text, fault.fix, evidence)] : [];
      }),
      () => ok(records.map(({ host }) => host).join(', '), evidence),
    );
  },
);

function faultOf({ host, a, aaaa }: HostRecords): { text: string; fix: string } | undefined {
  const faults = [a.fault, aaaa.fault];
  const set = `dig +trace A ${host}    # set an A record at your DNS provider`;
  if (faults.includes('SILENT')) {
    return {
      text: `DNS does not answer when asked for ${host}`,
      fix: `dig ${host}    # is it this machine’s resolver?`,
    };
  }
  if (faults.includes('SERVFAIL') || faults.includes('UNREADABLE')) {
    return {
      text: `the name servers of ${host} fail (SERVFAIL)`,
      fix: `delv ${host}    # a broken delegation or DNSSEC`,
    };
  }
  if (faults.includes('REFUSED')) {
    return { text: `the resolver refuses to look ${host} up`, fix: 'cat /etc/resolv.conf    # is it the right one?' };
  }
  if (a.found || aaaa.found) return undefined;
  if (faults.includes('NXDOMAIN')) return { text: `${host} does not exist in DNS (NXDOMAIN)`, fix: set };
  return { text: `${host} has no address in DNS, neither A nor AAAA`, fix: set };
}

function describe(answer: DnsAnswer<string>): string {
  return answer.found ? answer.found.join(' ') : answer.fault;
}
