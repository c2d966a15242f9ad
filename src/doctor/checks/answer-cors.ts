import { ok, skipped, type Check } from '../check.ts';
import { callOnce } from '../call-once.ts';
import { firstWay } from '../reach.ts';

/** Pomerium adds CORS to its own answers only (v0.33.1). No fault where no client runs in a page, so it is told and not counted. */
export const answerCors: Check = {
  id: 'TOL-09',
  area: 'tools',
  title: 'whether clients in a browser may read the answers',
  on: ['server'],
  needs: ['GTW-01', 'SGN-02'],
  async run(patient, signal) {
    const way = await firstWay(patient, signal);
    if (typeof way === 'string') return skipped(way);
    const response = await callOnce(patient, way, signal, { origin: 'https://client.example' });
    await response.body?.cancel();
    const { name } = way.server;
    if (response.headers.get('access-control-allow-origin') !== null) return ok(`${name}: they may`);
    return ok(`${name}: no, enable CORS in the server if one has to`);
  },
};
