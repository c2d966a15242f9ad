import { failure, ok, skipped, type Check } from '../check.ts';
import { advise } from '../servers.ts';
import { count } from '../words.ts';

/** No server has issued this one. */
const MADE_UP = 'mcpgw-doctor-made-this-up';

export const unknownToken: Check = {
  id: 'TOK-03',
  area: 'token',
  title: 'a token that nobody issued is refused',
  on: ['server'],
  needs: ['GTW-02'],
  async run(patient, signal) {
    const [send, servers] = await Promise.all([patient.fetch(), patient.servers()]);
    if (servers.length === 0) return skipped('no MCP route asks for a sign-in');
    for (const { name, url } of servers) {
      const response = await send(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          authorization: `Bearer ${MADE_UP}`,
        },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' }),
        signal,
      });
      await response.body?.cancel();
      if (response.status === 401 || response.status === 403) continue;
      const fix = advise(patient, 'mcpgw restart', 'RFC 6750 §3.1: answer 401');
      return failure(`${name} answers ${response.status} to a made-up token, where 401 is due`, fix);
    }
    return ok(`${count(servers.length, 'server')}: 401`);
  },
};
