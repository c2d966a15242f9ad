import { readFile } from 'node:fs/promises';
import { createFetch, type Fetch } from '../../net/fetch.ts';
import type { Options } from '../../pomerium/model.ts';
import type { Project } from '../../project/index.ts';
import { PROBE_AGENT } from '../probe-agent.ts';
import { certificateNames, serverRoutes } from '../routes.ts';

const LOOPBACK = '127.0.0.1';

/** A fetch that reaches the project's published ports on this machine by the names that clients use, and says who it is. */
export async function probeFetch({ paths, settings }: Project, options: Options, timeout: number): Promise<Fetch> {
  const ca = await readFile(paths.authority, 'utf8').catch(() => undefined);
  const own = new Set(certificateNames(options));
  const isOwn = (name: string): boolean =>
    own.has(name) ||
    (settings.address === 'local' && (name === settings.domain || name.endsWith(`.${settings.domain}`)));
  const fetch = createFetch({
    timeout,
    resolve: (hostname, port) => (isOwn(hostname) ? { host: LOOPBACK, port } : undefined),
    ...(ca === undefined ? {} : { ca: [ca] }),
  });
  return async (input, init) => {
    const request = new Request(input, init);
    request.headers.set('user-agent', PROBE_AGENT);
    return fetch(request);
  };
}

/** What keeps the gateway from answering over TLS by its own names; undefined: nothing. */
export async function probeGateway(options: Options, fetch: Fetch): Promise<string | undefined> {
  const route = serverRoutes(options).find(({ from }) => !new URL(from).hostname.includes('*')) ?? options.routes[0];
  if (!route) return undefined;
  try {
    const response = await fetch(new URL('/ping', route.from));
    await response.body?.cancel();
    return response.status < 500 ? undefined : `answers ${response.status}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** What keeps the identity provider from answering; undefined: nothing. */
export async function probeIdp(issuer: string, fetch: Fetch): Promise<string | undefined> {
  try {
    const response = await fetch(`${issuer}/.well-known/openid-configuration`);
    await response.body?.cancel();
    return response.status === 200 ? undefined : `its discovery document answers ${response.status}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
