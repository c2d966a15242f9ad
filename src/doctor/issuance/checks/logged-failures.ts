import { failure, ok, skipped, warning, type Finding } from '../../check.ts';
import { again, autocertCheck } from '../issuance-check.ts';
import type { Cause, CauseWithoutType } from '../log/cause.ts';
import type { HostIssuance } from '../log/issuance-log.ts';
import { explainProblem, type Explained } from '../words.ts';

export const loggedFailures = autocertCheck(
  { id: 'ISS-04', area: 'issuance', title: 'the gateway’s log tells of no failed issuance' },
  async ({ patient, view }) => {
    const { hosts } = await view.log();
    if (hosts.length === 0) return skipped('the log says nothing of it');
    const { authority } = await view.situation();
    const evidence = hosts.map(describe);
    const explain = (one: HostIssuance): Explained | undefined =>
      one.cause && explainCause(one.cause, { host: one.host, directory: authority, again: again(patient) });
    const failed = hosts.find(({ state }) => state === 'failed');
    if (failed) {
      const { text, fix } = explain(failed) ?? { text: 'it did not come about', fix: 'mcpgw logs pomerium' };
      return failure(`no certificate for ${failed.host}: ${text}`, fix, evidence);
    }
    const pending = hosts.find(({ state }) => state === 'pending');
    if (pending) return waiting(pending, explain(pending), evidence);
    const half = hosts.find(({ failedChallenges }) => failedChallenges.length > 0);
    if (half) {
      const [challenge] = half.failedChallenges;
      const port = challenge?.type === 'http-01' ? 80 : 443;
      return warning(
        `${half.host} got its certificate, though ${challenge?.type ?? 'a challenge'} failed`,
        `# open port ${port} too: each failed challenge counts against the authority’s limit`,
        evidence,
      );
    }
    return ok(`${hosts.length} obtained`, evidence);
  },
);

function waiting({ host }: HostIssuance, explained: Explained | undefined, evidence: string[]): Finding {
  if (explained) return failure(`still no certificate for ${host}: ${explained.text}`, explained.fix, evidence);
  return warning(`${host} is still waiting for its certificate`, 'mcpgw logs pomerium -f', evidence);
}

function describe({ host, state, attempts, failedChallenges, cause }: HostIssuance): string {
  const challenges = failedChallenges.map(({ type, problem }) => `${type} ${problem.type}`);
  const why =
    cause === undefined
      ? ''
      : `: ${cause.kind === 'problem' ? `${cause.problem.type}, ${cause.problem.detail}` : cause.text}`;
  const tries = `${attempts} attempt${attempts === 1 ? '' : 's'}`;
  return `${host} ${state}, ${[tries, ...challenges].join(', ')}${why}`;
}

interface Where {
  host: string;
  directory: string;
  again: string;
}

function explainCause(cause: Cause, where: Where): Explained {
  return cause.kind === 'problem' ? explainProblem(cause.problem, where) : BY_KIND[cause.kind](where, cause.text);
}

const restartStore =
  (text: string, fix: string) =>
  ({ again: retry }: Where): Explained => ({ text, fix: `${fix}\n${retry}` });

const BY_KIND: Readonly<Record<CauseWithoutType, (where: Where, text: string) => Explained>> = {
  'storage not writable': restartStore(
    'the certificate store cannot be written',
    '# give the folder behind /data/autocert to the gateway’s user, as in: chown -R 65532:65532',
  ),
  'storage read-only': restartStore(
    'the certificate store is mounted read-only',
    '# take `:ro` off its mount in docker-compose.yaml',
  ),
  'storage full': restartStore('the disk of the certificate store is full', 'df -hi'),
  'storage broken': ({ host, again: retry }, text) => ({
    text: `what the store holds for it cannot be used (${text})`,
    fix: `# move the folder certificates/<authority>/${host} of the store away: it is never issued again over it\n${retry}`,
  }),
  'local name': ({ host }) => ({
    text: `no public authority issues for ${host}`,
    fix: 'edit pomerium-config.yaml: a public name, an own certificate, or a private `autocert_ca`',
  }),
  'no right to the port': restartStore(
    'Pomerium may not listen on the port',
    'sudo sysctl -w net.ipv4.ip_unprivileged_port_start=80',
  ),
  'port held': restartStore('another program holds the port', 'sudo ss -ltnp    # who'),
  'authority unknown': restartStore(
    'Pomerium finds no address of the authority',
    '# look at DNS where Pomerium runs, and at `autocert_ca`',
  ),
  'authority refuses connections': restartStore(
    'Pomerium cannot connect to the authority',
    '# let it out to port 443, and look at `autocert_ca`',
  ),
  'authority silent': restartStore(
    'the authority does not answer Pomerium; each host holds the start up by 91 s',
    '# let Pomerium out to port 443',
  ),
  'authority untrusted': restartStore(
    'Pomerium does not trust the authority’s server',
    '# set SSL_CERT_FILE in its environment: `autocert_trusted_ca` and `autocert_trusted_ca_file` have no effect in v0.33.1',
  ),
  'authority insecure': restartStore(
    '`autocert_ca` is not https',
    'edit pomerium-config.yaml: `autocert_ca: https://…`',
  ),
  'no ACME there': restartStore(
    '`autocert_ca` is no ACME directory',
    'edit pomerium-config.yaml: `autocert_ca` has to be the URL of the directory',
  ),
  other: ({ again: retry }, text) => ({ text, fix: `mcpgw logs pomerium\n${retry}` }),
};
