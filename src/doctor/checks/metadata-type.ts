import { askDocuments } from '../authorization-server.ts';
import { ok, skipped, warning, type Check } from '../check.ts';
import { advise } from '../servers.ts';

export const metadataType: Check = {
  id: 'MET-07',
  area: 'metadata',
  title: 'the metadata is sent as JSON',
  on: ['server'],
  needs: ['MET-02'],
  async run(patient, signal) {
    const [server] = await patient.servers();
    if (!server) return skipped('no MCP route asks for a sign-in');
    for (const { url, headers } of await askDocuments(patient, server, signal)) {
      const type = headers.get('content-type') ?? 'no type';
      if (!/^application\/([\w.-]+\+)?json\b/i.test(type))
        return warning(
          `${url} is sent as ${type}`,
          advise(patient, 'mcpgw restart', 'RFC 8414 §3.2: application/json'),
        );
    }
    return ok('application/json');
  },
};
