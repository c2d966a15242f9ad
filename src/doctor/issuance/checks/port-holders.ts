import { failure, ok, skipped, warning, type Patient } from '../../check.ts';
import type { PortHolder } from '../../../net/ports.ts';
import { autocertCheck } from '../issuance-check.ts';

type Holder = PortHolder | 'unknown' | undefined;

/** What listens for Pomerium, as a process is called: itself, its Envoy, Docker's forwarder. */
const GATEWAYS = /\b(pomerium|envoy|docker-proxy|rootlesskit|slirp4netns|pasta|mcpgw)\b/;

/** An authority connects to 80 and 443, whatever else the gateway uses. */
export const portHolders = autocertCheck(
  { id: 'ISS-01', area: 'issuance', title: 'ports 80 and 443 are the gateway’s' },
  async ({ patient, view }, { ports, holder }) => {
    if (patient.platform !== 'linux') return skipped('known on Linux only');
    const [http, https] = await Promise.all([holder(ports['http-01']), holder(ports['tls-alpn-01'])]);
    const evidence = [`${ports['tls-alpn-01']}: ${describe(https)}`, `${ports['http-01']}: ${describe(http)}`];
    const pid = await pidOf(patient);
    const isForeign = (one: Holder): one is PortHolder =>
      typeof one === 'object' && one.pid !== pid && !GATEWAYS.test(one.command);
    if (isForeign(https)) {
      return failure(
        `port ${ports['tls-alpn-01']} is held by ${describe(https)}`,
        `kill ${https.pid}    # the gateway needs it`,
        evidence,
      );
    }
    const { answersHttp } = await view.situation();
    if (answersHttp && isForeign(http)) {
      const fix = `kill ${http.pid}    # or drop \`http_redirect_addr\`: port 443 alone suffices`;
      return warning(`port ${ports['http-01']} is held by ${describe(http)}`, fix, evidence);
    }
    return ok(evidence.join('; '), evidence);
  },
);

async function pidOf({ target, running }: Patient): Promise<number | undefined> {
  return target.kind === 'project' ? (await running().catch(() => undefined))?.pid : undefined;
}

function describe(holder: Holder): string {
  if (holder === undefined) return 'free';
  if (holder === 'unknown') return 'held by another user’s process or a container';
  const { pid, command } = holder;
  const container = /-container-ip (\S+)/.exec(command)?.[1];
  if (container) return `the container at ${container} (docker-proxy, pid ${pid})`;
  return `${command} (pid ${pid})`;
}
