import type { Log } from '../net/log.ts';
import { createEndpoints, type ChosenServers } from './endpoints.ts';
import { createGuard } from './guard.ts';
import { startHttpServer, type RunningServer } from './http-server.ts';

export { SERVER_NAMES, serverSettings } from './settings.ts';
export type { ServeFlags } from './settings.ts';
export type { RunningServer } from './http-server.ts';
export type { PostgresLimits } from './postgres/limits.ts';
export type { SqliteLimits } from './sqlite/limits.ts';

export interface ServersOptions {
  servers: ChosenServers;
  listen: { host: string; port: number };
  /** Names in Host beside loopback's: `name` or `name:port`. */
  allowedHosts: readonly string[];
  /** Browser origins beside loopback's: `https://app.example.com`. */
  allowedOrigins: readonly string[];
  log: Log;
}

/**
 * Runs the reference MCP servers of one port, each at its name (/whoami, /sqlite, ...), with /healthz beside them. Rejects with node's
 * own error when it cannot listen.
 */
export async function startServers(options: ServersOptions): Promise<RunningServer> {
  const { servers, listen, allowedHosts, allowedOrigins, log } = options;
  const endpoints = createEndpoints(servers, log);
  const guard = createGuard({ listenHost: listen.host, allowedHosts, allowedOrigins });
  const close = async (): Promise<void> => endpoints.close();
  const running = await startHttpServer({ endpoints: endpoints.byPath, listen, guard, log }).catch(async (error) => {
    await close();
    throw error;
  });
  return {
    address: running.address,
    close: async () => {
      await running.close();
      await close();
    },
  };
}
