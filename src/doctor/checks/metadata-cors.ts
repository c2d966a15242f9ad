import { discover } from '../authorization-server.ts';
import { ok, skipped, warning, type Check } from '../check.ts';
import { advise } from '../servers.ts';

/** Clients that are web pages, such as the Inspector, read the metadata from another origin. */
export const metadataCors: Check = {
  id: 'MET-04',
  area: 'metadata',
  title: 'clients in a browser may read the metadata',
  on: ['server'],
  needs: ['MET-02'],
  async run(patient, signal) {
    const [send, [server]] = await Promise.all([patient.fetch(), patient.servers()]);
    if (!server) return skipped('no MCP route asks for a sign-in');
    const { resourceUrl, metadataUrl } = await discover(patient, server);
    for (const url of [resourceUrl, metadataUrl]) {
      const response = await send(url, { headers: { origin: ORIGIN }, signal });
      await response.body?.cancel();
      const allowed = response.headers.get('access-control-allow-origin');
      if (allowed !== '*' && allowed !== ORIGIN)
        return warning(
          `${url} allows no foreign origin`,
          advise(patient, 'mcpgw restart', 'send Access-Control-Allow-Origin'),
        );
    }
    return ok('both documents', [resourceUrl, metadataUrl]);
  },
};

const ORIGIN = 'https://client.example';
