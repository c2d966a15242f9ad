import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { startServer, type RecordedServer } from './recorded-upstream.ts';

/** How much faster than in the recordings time goes. */
export const HASTE = 100;

/** The upstream of the recorded event streams: `?n=36&ms=1000` sends 36 events, one each 1,000 (recorded) milliseconds. */
export async function startEventUpstream(): Promise<RecordedServer & { left: Promise<void> }> {
  const { promise: left, resolve } = Promise.withResolvers<void>();
  const server = await startServer((request, response) => {
    const query = new URL(request.url ?? '', 'http://upstream').searchParams;
    const [count, gap] = [Number(query.get('n')), Number(query.get('ms')) / HASTE];
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
    response.flushHeaders();
    const gone = once(response, 'close').then(() => resolve());
    void (async () => {
      for (let i = 1; i <= count && !response.destroyed; i++) {
        await Promise.race([sleep(gap), gone]);
        response.write(`id: ${i}\ndata: {"n":${i}}\n\n`);
      }
      response.end();
    })();
  });
  return { ...server, left };
}
