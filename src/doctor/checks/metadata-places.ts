import { failure, ok, skipped, warning, type Check } from '../check.ts';
import { discover, wellKnown } from '../authorization-server.ts';
import { getJson } from '../probe.ts';
import { advise } from '../servers.ts';

/** Clients that get no usable challenge look at the path’s own address, then at the root (MCP 2025-11-25, discovery). */
export const metadataPlaces: Check = {
  id: 'MET-03',
  area: 'metadata',
  title: 'the metadata is also at its well-known address',
  on: ['server'],
  needs: ['GTW-02'],
  async run(patient, signal) {
    const [send, [server]] = await Promise.all([patient.fetch(), patient.servers()]);
    if (!server) return skipped('no MCP route asks for a sign-in');
    const expected = wellKnown(server.url, 'oauth-protected-resource');
    const { resource } = await discover(patient, server);
    const there = await getJson(send, expected, signal).catch(() => undefined);
    signal.throwIfAborted();
    const fix = advise(patient, 'mcpgw restart', 'RFC 9728 §3: serve it there too');
    if (!there) return warning(`nothing at ${expected}`, fix);
    if (there['resource'] === resource['resource']) return ok(expected);
    return failure(`${expected} says another resource than the challenge’s metadata`, fix);
  },
};
