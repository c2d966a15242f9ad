import { askDocuments } from '../authorization-server.ts';
import { ok, skipped, warning, type Check } from '../check.ts';
import { advise } from '../servers.ts';

const ORIGIN = 'https://client.example';

/** Clients that are web pages, such as the Inspector, read the metadata from another origin. */
export const metadataCors: Check = {
  id: 'MET-04',
  area: 'metadata',
  title: 'clients in a browser may read the metadata',
  on: ['server'],
  needs: ['MET-02'],
  async run(patient, signal) {
    const [server] = await patient.servers();
    if (!server) return skipped('no MCP route asks for a sign-in');
    const documents = await askDocuments(patient, server, signal, { origin: ORIGIN });
    for (const { url, headers } of documents) {
      const allowed = headers.get('access-control-allow-origin');
      if (allowed !== '*' && allowed !== ORIGIN)
        return warning(
          `${url} allows no foreign origin`,
          advise(patient, 'mcpgw restart', 'send Access-Control-Allow-Origin'),
        );
    }
    return ok(
      'both documents',
      documents.map(({ url }) => url),
    );
  },
};
