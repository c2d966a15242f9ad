import { failure, ok, warning } from '../../check.ts';
import { autocertCheck } from '../issuance-check.ts';
import { explainProblem } from '../words.ts';

/** Let's Encrypt, "Failed Validations": five for an account and a host within an hour (letsencrypt.org/docs/rate-limits). */
const FAILED_VALIDATIONS = 5;

export const rateLimits = autocertCheck(
  { id: 'ISS-05', area: 'issuance', title: 'no rate limit is reached' },
  async ({ patient, view }) => {
    const { rateLimits: limits, hosts } = await view.log();
    if (hosts.length === 0) return ok('the log tells of none');
    const over = limits.filter(({ retryAt }) => retryAt === undefined || retryAt > patient.now());
    const [first] = over;
    if (first) {
      const { authority: directory } = await view.situation();
      const { host, detail, retryAt } = first;
      const circumstance = { host, directory, again: '', ...(retryAt === undefined ? {} : { retryAt }) };
      const { text, fix } = explainProblem({ type: 'rateLimited', detail }, circumstance);
      return failure(
        text,
        fix,
        over.map((limit) => `${limit.host}: ${limit.detail}`),
      );
    }
    const counts = hosts.map(({ host, failedChallenges }) => ({ host, failed: failedChallenges.length }));
    const [worst] = counts.toSorted((a, b) => b.failed - a.failed);
    const evidence = counts.map(({ host, failed }) => `${host}: ${failed} failed validations in the log`);
    if (worst && worst.failed >= FAILED_VALIDATIONS) {
      const text = `${worst.host} failed ${worst.failed} validations; Let’s Encrypt takes ${FAILED_VALIDATIONS} an hour`;
      return warning(
        text,
        '# mend the cause and wait an hour before the next start; try with `autocert_use_staging: true`',
        evidence,
      );
    }
    return ok(worst && worst.failed > 0 ? `${worst.failed} failed validations` : 'no failed validation', evidence);
  },
);
