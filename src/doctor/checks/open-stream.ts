import { setTimeout as sleep } from 'node:timers/promises';
import { authorizationOf } from '../call-once.ts';
import { failure, ok, skipped, type Check } from '../check.ts';
import { firstWay } from '../reach.ts';
import { advise } from '../servers.ts';

/** Milliseconds for which the stream has to stay open. */
const HELD = 1_000;

/** MCP, Streamable HTTP: a server may offer a stream of its own, or answer 405. */
export const openStream: Check = {
  id: 'TOL-06',
  area: 'tools',
  title: 'a stream stays open',
  on: ['server'],
  needs: ['GTW-01', 'SGN-02'],
  async run(patient, signal) {
    const way = await firstWay(patient, signal);
    if (typeof way === 'string') return skipped(way);
    const { server } = way;
    const closing = new AbortController();
    const send = await patient.fetch();
    const response = await send(server.url, {
      headers: { accept: 'text/event-stream', 'mcp-protocol-version': '2025-11-25', ...authorizationOf(way) },
      signal: AbortSignal.any([signal, closing.signal]),
    });
    try {
      if ([400, 404, 405, 406].includes(response.status))
        return ok(`${server.name} offers none (${response.status}), as it may`);
      if (response.status !== 200)
        return failure(`${server.name} answers ${response.status}`, advise(patient, 'mcpgw logs', '200 or 405'));
      if (await endsWithin(response, HELD)) {
        const fix = advise(patient, 'mcpgw logs gateway    # timeout: 0s on the route?', 'do not cut streams');
        return failure(`the stream of ${server.name} ends at once`, fix);
      }
      return ok(`${server.name}: held for ${HELD / 1000} s`);
    } finally {
      closing.abort();
      await response.body?.cancel().catch(() => undefined);
    }
  },
};

async function endsWithin(response: Response, limit: number): Promise<boolean> {
  const reader = response.body?.getReader();
  if (!reader) return true;
  const over = new AbortController();
  const held = sleep(limit, false, { signal: over.signal }).catch(() => false);
  const ended = (async (): Promise<boolean> => {
    for (;;) if ((await reader.read()).done) return true;
  })().catch(() => true);
  const result = await Promise.race([held, ended]);
  over.abort();
  reader.releaseLock();
  return result;
}
