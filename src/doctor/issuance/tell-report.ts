import { failure, ok, warning, worstOf, type Finding } from '../check.ts';
import type { CannotAnswer } from './dry-run/challenge.ts';
import type { DryRunReport, Outcome, Trial } from './dry-run/report.ts';
import { explainProblem, explainUnreachable, utc, type Explained } from './words.ts';

/** Milliseconds between two clocks from which certificates and tokens go wrong. */
const CLOCKS_APART = 5 * 60 * 1000;

export interface Telling {
  /** Milliseconds since 1970. */
  now: number;
  /** How to let the gateway try again. */
  again: string;
  /** The directory was named, or is the gateway's own: that it cannot be reached is a fault then. */
  isChosen: boolean;
}

/** A dry run in words. */
export function tellReport(report: DryRunReport, telling: Telling): Finding {
  const { directory } = report;
  if (report.kind === 'unreachable') {
    const { text, fix } = explainUnreachable(directory, report.code);
    const said = `the authority was not asked: ${text}`;
    return telling.isChosen
      ? failure(said, fix, [report.message])
      : warning(said, `${fix}\n# or leave it out: --no-acme`, [report.message]);
  }
  if (report.kind === 'refused') {
    const retryAt = report.retryAt === undefined ? {} : { retryAt: report.retryAt };
    const { text, fix } = explainProblem(report.problem, { host: 'this machine', directory, again: '', ...retryAt });
    return warning(`the dry run was refused: ${text}`, fix.trim(), [report.problem.detail]);
  }
  const evidence = [
    `asked ${directory}; no certificate was made, the account is closed`,
    ...report.trials.map(describe),
    ...report.leftOver.map((what) => `not taken back: ${what}`),
  ];
  const hosts = [...new Set(report.trials.map(({ host }) => host))];
  const findings = hosts.flatMap(
    (host) =>
      judge(
        report.trials.filter((trial) => trial.host === host),
        { directory, ...telling },
        evidence,
      ) ?? [],
  );
  return worstOf([...findings, ...clock(report.serverTime, telling.now, evidence)], () =>
    ok(`${new URL(directory).hostname} validated ${hosts.join(', ')}`, evidence),
  );
}

/** One challenge suffices for a certificate, so one that fails beside one that does not is no failure. */
function judge(trials: Trial[], where: Telling & { directory: string }, evidence: string[]): Finding | undefined {
  const isValid = trials.some(({ outcome }) => outcome.kind === 'valid');
  const told = trials.flatMap((trial) => {
    const explained = explain(trial, where);
    return explained ? [{ trial, ...explained }] : [];
  });
  const bad = told.find(({ trial }) => trial.outcome.kind !== 'not tried') ?? told[0];
  if (!bad) return undefined;
  const { host, type, outcome } = bad.trial;
  const text = `${host}: ${bad.text}`;
  if (outcome.kind === 'not tried') return isValid ? undefined : warning(text, bad.fix, evidence);
  if (isValid) return warning(`${text}; ${type} fails, the other challenge does not`, bad.fix, evidence);
  if (outcome.kind === 'refused' && outcome.problem.type === 'rateLimited') return warning(text, bad.fix, evidence);
  return failure(text, bad.fix, evidence);
}

function explain({ host, port, outcome }: Trial, where: Telling & { directory: string }): Explained | undefined {
  switch (outcome.kind) {
    case 'valid':
      return undefined;
    case 'invalid':
      return explainProblem(outcome.problem, { host, port, ...where });
    case 'refused':
      return explainProblem(outcome.problem, {
        host,
        ...where,
        ...(outcome.retryAt === undefined ? {} : { retryAt: outcome.retryAt }),
      });
    default:
      return { text: `not tried on port ${port}: ${outcome.text}`, fix: whatToDo(outcome.reason, port) };
  }
}

function whatToDo(reason: CannotAnswer['reason'] | 'not offered' | 'no time', port: number): string {
  const known: Readonly<Record<string, string>> = {
    held: `sudo ss -ltnp 'sport = :${port}'    # stop it, or let the gateway run so that it answers`,
    'not permitted': 'sudo mcpgw doctor --only issuance',
    'store not writable':
      'sudo mcpgw doctor --only issuance    # the gateway answers from its certificate store, which only its user may write',
    busy: 'mcpgw logs pomerium -f    # then run doctor again',
  };
  return known[reason] ?? 'mcpgw doctor --only issuance    # again, later';
}

function describe({ host, type, port, outcome }: Trial): string {
  return `${host} ${type} on port ${port}: ${describeOutcome(outcome)}`;
}

function describeOutcome(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'valid':
      return `valid, answered by ${outcome.means === 'store' ? 'the running gateway' : 'doctor'}`;
    case 'invalid':
      return `${outcome.problem.type}, ${outcome.problem.detail}`;
    case 'refused':
      return `no order, ${outcome.problem.type}, ${outcome.problem.detail}${outcome.retryAt === undefined ? '' : ` (not before ${utc(outcome.retryAt)})`}`;
    default:
      return `not tried, ${outcome.text}`;
  }
}

function clock(serverTime: number | undefined, now: number, evidence: string[]): Finding[] {
  const apart = serverTime === undefined ? 0 : Math.abs(serverTime - now);
  if (apart < CLOCKS_APART) return [];
  return [
    warning(
      `this machine’s clock and the authority’s are ${Math.round(apart / 60_000)} minutes apart`,
      'timedatectl set-ntp true',
      evidence,
    ),
  ];
}
