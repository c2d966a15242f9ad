import { ok, skipped, warning, type Check } from '../check.ts';
import { callOnce } from '../call-once.ts';
import { firstWay } from '../reach.ts';

/** A proxy that compresses an event stream holds events back until its buffer is full. */
export const noBuffering: Check = {
  id: 'TOL-07',
  area: 'tools',
  title: 'nothing on the way compresses or caches answers',
  on: ['server'],
  needs: ['GTW-01', 'SGN-02'],
  async run(patient, signal) {
    const way = await firstWay(patient, signal);
    if (typeof way === 'string') return skipped(way);
    const { server } = way;
    const response = await callOnce(patient, way, signal, { 'accept-encoding': 'gzip, br' });
    await response.body?.cancel();
    const isStream = /^text\/event-stream/i.test(response.headers.get('content-type') ?? '');
    const encoding = response.headers.get('content-encoding');
    const age = response.headers.get('age');
    const evidence = ['content-type', 'content-encoding', 'cache-control', 'via', 'server'].map(
      (name) => `${name}: ${response.headers.get(name) ?? ''}`,
    );
    const fix = '# in the proxy before the gateway: no compression and no cache for MCP';
    if (age !== null) return warning(`the answer is ${age} s old: it comes from a cache`, fix, evidence);
    if (isStream && encoding) return warning(`event streams are compressed (${encoding})`, fix, evidence);
    return ok(server.name, evidence);
  },
};
