import { discover } from '../authorization-server.ts';
import { failure, ok, skipped, type Check } from '../check.ts';
import { advise } from '../servers.ts';

/** A registration that is none (RFC 7591 §3.2.2): a working endpoint refuses it, and nothing is left behind. */
export const registrationEndpoint: Check = {
  id: 'REG-02',
  area: 'registration',
  title: 'the registration endpoint answers',
  on: ['server'],
  needs: ['MET-02'],
  async run(patient, signal) {
    const [send, [server]] = await Promise.all([patient.fetch(), patient.servers()]);
    if (!server) return skipped('no MCP route asks for a sign-in');
    const endpoint = (await discover(patient, server)).metadata['registration_endpoint'];
    if (typeof endpoint !== 'string' || !URL.canParse(endpoint)) return skipped('no registration endpoint is offered');
    const response = await send(endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
      signal,
    });
    await response.body?.cancel();
    if (response.status >= 400 && response.status < 500 && ![404, 405].includes(response.status))
      return ok(`${endpoint} refuses an empty registration with ${response.status}`);
    if (response.ok) return ok(`${endpoint} answers ${response.status}`);
    const fix = advise(patient, 'mcpgw logs gateway', 'RFC 7591 §3: take registrations there');
    return failure(`${endpoint} answers ${response.status}, so no client can register`, fix);
  },
};
