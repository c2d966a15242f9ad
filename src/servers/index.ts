import type { Fetch } from '../net/fetch.ts';
import type { Log } from '../net/log.ts';
import { createGuard } from './guard.ts';
import { startHttpServer, type RunningServer } from './http-server.ts';
import { createMcpEndpoint, type McpEndpoint } from './mcp.ts';
import { withDefaults, type SqliteLimits } from './sqlite/limits.ts';
import { createQueryPool, type QueryPool } from './sqlite/pool.ts';
import { sqliteTools } from './sqlite/tools.ts';
import { whoamiTools } from './whoami/tools.ts';

export { SERVER_NAMES, serverSettings } from './settings.ts';
export type { ServeFlags } from './settings.ts';
export type { RunningServer } from './http-server.ts';
export type { SqliteLimits } from './sqlite/limits.ts';

export interface ServersOptions {
  servers: {
    whoami?: { issuers: readonly string[]; jwksUrl?: string; fetch: Fetch };
    sqlite?: { file: string; limits?: Partial<SqliteLimits> };
  };
  listen: { host: string; port: number };
  /** Names in Host beside loopback's: `name` or `name:port`. */
  allowedHosts: readonly string[];
  /** Browser origins beside loopback's: `https://app.example.com`. */
  allowedOrigins: readonly string[];
  log: Log;
}

/**
 * Runs the reference MCP servers at /whoami and /sqlite of one port, with /healthz beside them. Tools, arguments, results and
 * names are those of the public `pomerium/mcp-servers`. Rejects with node's own error when it cannot listen.
 */
export async function startServers({
  servers,
  listen,
  allowedHosts,
  allowedOrigins,
  log,
}: ServersOptions): Promise<RunningServer> {
  const endpoints = new Map<string, McpEndpoint>();
  let pool: QueryPool | undefined;
  if (servers.whoami) {
    const tools = whoamiTools(servers.whoami);
    endpoints.set('/whoami', createMcpEndpoint({ name: 'pomerium-whoami', version: '1.0.0', tools }, log));
  }
  if (servers.sqlite) {
    const limits = withDefaults(servers.sqlite.limits);
    pool = createQueryPool({ file: servers.sqlite.file, limits, log });
    endpoints.set(
      '/sqlite',
      createMcpEndpoint({ name: 'sqlite-readonly', version: '1.0.0', tools: sqliteTools(pool) }, log),
    );
  }
  const guard = createGuard({ listenHost: listen.host, allowedHosts, allowedOrigins });
  const running = await startHttpServer({ endpoints, listen, guard, log });
  return {
    address: running.address,
    close: async () => {
      await running.close();
      await pool?.close();
    },
  };
}
