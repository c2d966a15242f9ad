import { createServer, type Server } from 'node:http';
import { parseListenAddress } from '../../../../src/stack/listen-address.ts';

/** Check name -> what is wrong; undefined: all is well. */
export type Checks = Record<string, string | undefined>;

/** `pomerium health`: 0 when every check of the running gateway passes. */
export async function checkHealth(address: string, excluded: readonly string[], verbose: boolean): Promise<0 | 1> {
  try {
    const response = await fetch(`http://${address}/status`, { signal: AbortSignal.timeout(2_000) });
    const { checks } = (await response.json()) as { checks: Record<string, { status: string; error?: string }> };
    if (verbose) process.stdout.write(`${JSON.stringify(checks, null, 2)}\n`);
    const failed = Object.entries(checks).filter(
      ([name, { error }]) => error !== undefined && !excluded.includes(name),
    );
    for (const [name, { error }] of failed) process.stderr.write(`check '${name}' failed: ${error}\n`);
    return failed.length === 0 ? 0 : 1;
  } catch (error) {
    process.stderr.write(`${JSON.stringify({ level: 'fatal', error: String(error) })}\n`);
    return 1;
  }
}

/** Pomerium's probe server: /status, /startupz, /readyz, /healthz. */
export function startProbes(address: string, checks: () => Checks): Server {
  const { host, port } = parseListenAddress(address);
  const server = createServer((request, response) => {
    const all = Object.entries(checks());
    const failed = all.some(([, error]) => error !== undefined);
    const known = ['/status', '/startupz', '/readyz', '/healthz'].includes(request.url ?? '');
    const status = !known ? 404 : failed && request.url !== '/status' ? 503 : 200;
    const report = all.map(([name, error]) => [name, { status: error === undefined ? 'running' : 'error', error }]);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ checks: Object.fromEntries(report) }));
  });
  return server.listen(port, host);
}
