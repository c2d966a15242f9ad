import { failure, ok, type Check, type Finding } from '../check.ts';
import { statusOf, Unreachable } from '../probe.ts';
import { baseUrl } from '../servers.ts';

export const gatewayAnswers: Check = {
  id: 'GTW-01',
  area: 'gateway',
  title: 'the gateway answers with a trusted certificate',
  needs: ['FIL-03', 'PRT-01'],
  async run({ project, fetch, running }, signal) {
    const loaded = await project();
    const url = `${baseUrl(loaded)}/ping`;
    try {
      const status = await statusOf(await fetch(loaded), url, signal);
      return status === 200 ? ok(url) : failure(`${url} answered ${status}`, 'mcpgw restart');
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      return explain(error, (await running(loaded)) !== undefined);
    }
  },
};

function explain({ code, message }: Unreachable, isRunning: boolean): Finding {
  if (code === 'ECONNREFUSED' && isRunning) {
    return failure('the gateway runs on another address than its routes name', 'mcpgw up', [message]);
  }
  if (code === 'ECONNREFUSED') return failure('the gateway is not running', 'mcpgw up', [message]);
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return failure(`the gateway’s name does not resolve: ${message}`, 'edit the DNS of the domain');
  }
  const isUntrusted = /CERT|SIGNATURE|ISSUER|SELF_SIGNED/.test(code);
  if (!isUntrusted) return failure(message, 'mcpgw restart');
  return failure(
    `the served certificate is not trusted: ${message}`,
    'mcpgw restart    # serves the stored one, or a new one',
  );
}
