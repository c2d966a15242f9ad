import { failure, ok, type Check, type Finding, type Patient } from '../check.ts';
import { statusOf, Unreachable } from '../probe.ts';
import { advise, baseUrl } from '../servers.ts';

export const gatewayAnswers: Check = {
  id: 'GTW-01',
  area: 'gateway',
  title: 'the gateway answers with a trusted certificate',
  on: ['server'],
  needs: ['FIL-03', 'PRT-01'],
  async run(patient, signal) {
    const { target, fetch } = patient;
    // /ping is Pomerium's own; of a stranger any answer will do.
    const url = target.kind === 'url' ? target.url.href : `${await baseUrl(patient)}/ping`;
    try {
      const status = await statusOf(await fetch(), url, signal);
      if (target.kind === 'url')
        return status < 500
          ? ok(`${url} answers ${status}`)
          : failure(`${url} answered ${status}`, advise(patient, '', 'the server is down'));
      return status === 200
        ? ok(url)
        : failure(`${url} answered ${status}`, advise(patient, 'mcpgw restart', 'restart it'));
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      return explain(error, patient, target.kind === 'project' && (await patient.running()) !== undefined);
    }
  },
};

function explain({ code, message }: Unreachable, patient: Patient, isRunning: boolean): Finding {
  const mend = (ours: string, theirs: string): string => advise(patient, ours, theirs);
  if (code === 'ECONNREFUSED' && isRunning) {
    return failure('the gateway runs on another address than its routes name', 'mcpgw up', [message]);
  }
  if (code === 'ECONNREFUSED') return failure('the gateway is not running', mend('mcpgw up', 'start it'), [message]);
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return failure(`the gateway’s name does not resolve: ${message}`, 'edit the DNS of the domain');
  }
  const isUntrusted = /CERT|SIGNATURE|ISSUER|SELF_SIGNED/.test(code);
  if (!isUntrusted) return failure(message, mend('mcpgw restart', 'look why it does not answer'));
  return failure(
    `the served certificate is not trusted: ${message}`,
    mend('mcpgw restart    # serves the stored one, or a new one', 'serve a certificate of a public authority'),
  );
}
