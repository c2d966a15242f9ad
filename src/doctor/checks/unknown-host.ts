import { ok, warning, type Check } from '../check.ts';
import { baseUrl } from '../servers.ts';

/** Pomerium routes by the Host header; what stands before it must pass that on unchanged. */
export const unknownHost: Check = {
  id: 'GTW-04',
  area: 'gateway',
  title: 'a host that is no route is not served',
  on: ['configuration'],
  needs: ['GTW-01'],
  async run(patient, signal) {
    const send = await patient.fetch();
    const response = await send(`${await baseUrl(patient)}/`, { headers: { host: 'no-such-host.invalid' }, signal });
    await response.body?.cancel();
    if (response.status === 404 || response.status === 421) return ok(`${response.status}`);
    const fix = 'have the proxy before the gateway pass the Host header on as it came';
    return warning(`a foreign Host is answered ${response.status}, where 404 is due`, fix);
  },
};
