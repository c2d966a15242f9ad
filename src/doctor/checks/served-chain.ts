import { advise } from '../servers.ts';
import { failure, ok, skipped, type Check } from '../check.ts';
import { servedBy } from '../served.ts';
import { count } from '../words.ts';

/** What Pomerium shows where it has no certificate for a host (v0.33.1 pkg/cryptutil, "Pomerium PSK CA"). */
const CATCH_ALL = /CN=Pomerium PSK CA/;

const UNANSWERED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'no answer',
]);

export const servedChain: Check = {
  id: 'CRT-03',
  area: 'certificate',
  title: 'the served certificates come from a trusted authority',
  on: ['server'],
  needs: ['FIL-03', 'PRT-01'],
  async run(patient) {
    const looks = await servedBy(patient);
    if (looks.length === 0) return skipped('nothing is served over TLS');
    const evidence = looks.map(
      ({ host, certificate, fault }) => `${host}: ${certificate?.issuer.replaceAll('\n', ', ') ?? fault ?? ''}`,
    );
    // Whether anything answers at all is told by GTW-01.
    if (looks.every(({ fault }) => fault !== undefined && UNANSWERED.has(fault)))
      return skipped('nothing answers there');
    const silent = looks.find(({ fault }) => fault !== undefined);
    if (silent)
      return failure(
        `${silent.host} speaks no TLS: ${silent.fault ?? ''}`,
        advise(patient, 'mcpgw restart', 'serve TLS there'),
        evidence,
      );
    const none = looks.find(({ certificate }) => CATCH_ALL.test(certificate?.issuer ?? ''));
    if (none) {
      const fix = 'mcpgw doctor --only issuance    # why there is none';
      return failure(`the gateway has no certificate for ${none.host} and shows its catch-all`, fix, evidence);
    }
    const bad = looks.find(({ distrust }) => distrust !== undefined);
    if (bad) {
      const fix = advise(
        patient,
        'mcpgw restart    # serves the stored one, or a new one',
        'serve the whole chain of a public authority',
      );
      return failure(`${bad.host}: ${bad.distrust ?? ''}`, fix, evidence);
    }
    return ok(count(looks.length, 'host'), evidence);
  },
};
