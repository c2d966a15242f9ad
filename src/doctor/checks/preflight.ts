import { ok, skipped, warning, type Check } from '../check.ts';
import { advise } from '../servers.ts';

const ORIGIN = 'https://client.example';

export const preflight: Check = {
  id: 'MET-05',
  area: 'metadata',
  title: 'clients in a browser may call the server',
  on: ['server'],
  needs: ['GTW-02'],
  async run(patient, signal) {
    const [send, [server]] = await Promise.all([patient.fetch(), patient.servers()]);
    if (!server) return skipped('no MCP route asks for a sign-in');
    const response = await send(server.url, {
      method: 'OPTIONS',
      headers: {
        origin: ORIGIN,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization, content-type, mcp-protocol-version',
      },
      signal,
    });
    await response.body?.cancel();
    const allowed = response.headers.get('access-control-allow-origin');
    if (response.ok && (allowed === '*' || allowed === ORIGIN)) return ok(`${response.status}`);
    const fix = advise(patient, 'mcpgw restart', 'answer the preflight, and allow Authorization');
    return warning(`the preflight is answered ${response.status}, so the Inspector cannot call it from its page`, fix);
  },
};
