import { failure, ok, skipped, warning, worstOf, type Finding } from '../../check.ts';
import { caaNames, judgeCaa } from '../dns/caa.ts';
import type { Dns } from '../dns/records.ts';
import { worldCheck } from '../issuance-check.ts';

type Answer = Awaited<ReturnType<Dns['caa']>>;

export const caa = worldCheck(
  { id: 'DNS-08', area: 'dns', title: 'CAA records permit the authority', needs: ['DNS-01'] },
  async ({ patient, view, signal }, { dns }) => {
    const { authority, autocert } = await view.situation();
    if (patient.target.kind === 'url') return skipped('which authority it uses is not known');
    if (!autocert) return skipped('autocert is off');
    const names = caaNames(authority);
    if (!names) return ok('of no concern to a private authority');
    const hosts = await view.hosts();
    const answers = await Promise.all(hosts.map(async (host) => ({ host, ...(await dns.caa(host, signal)) })));
    const evidence = answers.map(
      ({ host, at, answer }) => `${host}: ${describe(answer)}${answer.found ? ` (at ${at})` : ''}`,
    );
    return worstOf(
      answers.flatMap((one) => judge(one, names, evidence) ?? []),
      () => ok(answers.some(({ answer }) => answer.found) ? `${names[0] ?? ''} may issue` : 'there are none', evidence),
    );
  },
);

function judge(
  { host, at, answer }: Answer & { host: string },
  names: readonly string[],
  evidence: string[],
): Finding | undefined {
  const [name = ''] = names;
  const allow = `# at your DNS provider: ${at} CAA 0 issue "${name}"`;
  if (!answer.found) {
    if (answer.fault === 'NODATA') return undefined;
    // No answer is a refusal: the authority cannot know what it would have said (RFC 8659 §3).
    return failure(
      `DNS does not say whether ${host} has CAA records (${answer.fault})`,
      `dig CAA ${at}    # ask its name servers`,
      evidence,
    );
  }
  const verdict = judgeCaa(answer.found, names);
  switch (verdict.kind) {
    case 'permitted':
      return undefined;
    case 'refused': {
      const who = verdict.issuers.length > 0 ? `only ${verdict.issuers.join(', ')}` : 'nobody';
      return failure(`CAA at ${at} lets ${who} issue for ${host}, not ${name}`, allow, evidence);
    }
    case 'other method':
      return failure(
        `CAA at ${at} permits ${name} by ${verdict.methods.join(', ')} only, which the gateway cannot do`,
        allow,
        evidence,
      );
    default:
      return warning(
        `CAA at ${at} permits ${name} for one account only: ${verdict.account}`,
        `${allow}    # or see that it is the gateway’s`,
        evidence,
      );
  }
}

function describe(answer: Answer['answer']): string {
  if (!answer.found) return answer.fault === 'NODATA' ? 'none' : answer.fault;
  return answer.found.map((record) => JSON.stringify(record)).join(' ');
}
