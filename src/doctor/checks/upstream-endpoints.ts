import { failure, ok, skipped, type Check } from '../check.ts';
import { statusOf, Unreachable } from '../probe.ts';
import { NO_UPSTREAM, upstreamsOf } from '../upstreams.ts';
import { count } from '../words.ts';

export const upstreamEndpoints: Check = {
  id: 'UPS-01',
  area: 'upstream',
  title: 'the endpoints of upstream providers answer',
  on: ['configuration'],
  needs: ['FIL-03'],
  async run(patient, signal) {
    const upstreams = await upstreamsOf(patient);
    if (upstreams.length === 0) return skipped(NO_UPSTREAM);
    const send = await patient.fetch();
    let asked = 0;
    for (const { server, oauth } of upstreams) {
      for (const url of [oauth.endpoint?.auth_url, oauth.endpoint?.token_url]) {
        if (url === undefined) continue;
        asked += 1;
        try {
          const status = await statusOf(send, url, signal);
          if (status >= 500 || status === 404)
            return failure(`${server.name}: ${url} answers ${status}`, 'edit upstream_oauth2.endpoint of the route');
        } catch (error) {
          if (!(error instanceof Unreachable)) throw error;
          return failure(
            `${server.name}: ${error.message}`,
            'edit upstream_oauth2.endpoint of the route    # or let this machine reach it',
          );
        }
      }
    }
    return asked === 0 ? skipped('no endpoint is written down: they are discovered') : ok(count(asked, 'endpoint'));
  },
};
