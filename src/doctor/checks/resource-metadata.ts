import type { Fetch } from '../../net/fetch.ts';
import { failure, ok, type Check, type Finding } from '../check.ts';
import { askAnonymously, getJson } from '../probe.ts';
import { advise, placeOf, plainUrl, type Server } from '../servers.ts';
import { show } from '../words.ts';

/** Pomerium makes these documents from the Host header it is sent (v0.33.1 internal/mcp/handler_metadata.go). */
const FIX = 'mcpgw restart\n# if it stays so: something between changes the Host header';

/** Clients compare `resource` with the URL they were given, character by character (RFC 9728 §3.3). */
export const resourceMetadata: Check = {
  id: 'MET-01',
  area: 'metadata',
  title: 'protected resource metadata agrees to the character',
  on: ['server'],
  needs: ['GTW-02'],
  async run(patient, signal) {
    const send = await patient.fetch();
    const servers = await patient.servers();
    const findings = await Promise.all(
      servers.map(async (server) =>
        compare(server, send, advise(patient, FIX, 'resource has to be the URL that clients use'), signal),
      ),
    );
    return (
      findings.find(({ kind }) => kind === 'failure') ??
      ok('resource is the URL that clients use', servers.map(plainUrl))
    );
  },
};

async function compare(server: Server, send: Fetch, mend: string, signal: AbortSignal): Promise<Finding> {
  const expected = plainUrl(server);
  const { resourceMetadata: url } = await askAnonymously(send, server.url, signal);
  if (url === undefined || !URL.canParse(url) || new URL(url).origin !== server.url.origin) {
    return failure(`${expected}: the challenge names ${show(url)} as its metadata`, mend);
  }
  const { resource, authorization_servers: issuers } = await getJson(send, url, signal);
  const evidence = [
    url,
    `resource: ${show(resource)}`,
    `authorization_servers: ${show(issuers)}`,
    `clients use: ${expected}`,
  ];
  // Pomerium cleans the path in its challenge, and the slash is lost (v0.33.1 authorize/check_response.go).
  if (server.route && `${String(resource)}/` === expected) {
    const fix = `edit pomerium-config.yaml${placeOf(server)}: mcp.server.path without the slash at its end\nmcpgw up`;
    return failure(`resource is ${show(resource)}, and clients use ${expected}`, fix, evidence);
  }
  if (resource !== expected) {
    return failure(`resource is ${show(resource)}, and clients use ${expected}`, mend, evidence);
  }
  if (!Array.isArray(issuers) || !issuers.includes(server.url.origin)) {
    return failure(`authorization_servers is ${show(issuers)}, and lacks ${server.url.origin}`, FIX, evidence);
  }
  return ok(expected);
}
