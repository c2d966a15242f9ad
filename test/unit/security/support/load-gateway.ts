import { issueTestCertificate } from '../../gateway/support/certificate.ts';
import { config } from '../../gateway/support/proxy-bed.ts';
import { startTestGateway } from '../../gateway/support/start.ts';

/*
 * Two gateways in a process of their own, one with TLS and one without, whose memory and handles a test asks for by message. To be run
 * with --expose-gc; the upstream's port is the argument.
 */

export interface Footprint {
  /** Bytes after garbage collection. */
  heap: number;
  external: number;
  rss: number;
  sockets: number;
  timers: number;
  streams: number;
}

const certificate = await issueTestCertificate('localhost', ['mcp.localhost', 'plain.localhost']);
const upstreams = { 'upstream:80': Number(process.argv[2]) };
const start = (yaml: string) => startTestGateway({ yaml, certificate, upstreams });
const gateways = [await start(config()), await start(`insecure_server: true\n${config()}`)] as const;

function footprint(): Footprint {
  // Once for what is dead, once for what that kept alive.
  for (let i = 0; i < 3; i++) global.gc?.();
  // What was logged is the test's, not the gateway's.
  const resources = process.getActiveResourcesInfo();
  const { heapUsed: heap, external, rss } = process.memoryUsage();
  return {
    heap,
    external,
    rss,
    sockets: resources.filter((name) => name === 'TCPSocketWrap' || name === 'TLSSocketWrap').length,
    timers: resources.filter((name) => name === 'Timeout').length,
    streams: gateways.reduce((sum, gateway) => sum + gateway.stats().openStreams, 0),
  };
}

process.on('message', (message) => {
  for (const { log } of gateways) log.length = 0;
  if (message === 'footprint') process.send?.(footprint());
  else if (message === 'close') {
    const startedAt = performance.now();
    void Promise.all(gateways.map((gateway) => gateway.close())).then(() =>
      process.send?.({ took: performance.now() - startedAt }),
    );
  }
});
process.send?.({ secure: gateways[0].port, plain: gateways[1].port, ca: certificate.ca });
