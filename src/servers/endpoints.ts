import type { Log } from '../net/log.ts';
import { githubTools } from './github/tools.ts';
import type { GithubOptions } from './github/api.ts';
import type { GoogleDriveOptions } from './google-drive/api.ts';
import { googleDriveTools } from './google-drive/tools.ts';
import { createMcpEndpoint, type McpEndpoint, type McpServerSpec } from './mcp.ts';
import type { NotionOptions } from './notion/api.ts';
import { notionTools } from './notion/tools.ts';
import { withDefaults as postgresDefaults } from './postgres/limits.ts';
import { openDatabase } from './postgres/pg.ts';
import { checkRole } from './postgres/role-check.ts';
import type { PostgresSettings } from './postgres/settings.ts';
import { postgresTools } from './postgres/tools.ts';
import { withDefaults as sqliteDefaults, type SqliteLimits } from './sqlite/limits.ts';
import { createQueryPool } from './sqlite/pool.ts';
import { sqliteTools } from './sqlite/tools.ts';
import { whoamiTools } from './whoami/tools.ts';

/** Which servers run, each with what it needs. */
export interface ChosenServers {
  whoami?: Parameters<typeof whoamiTools>[0];
  sqlite?: { file: string; limits?: Partial<SqliteLimits> };
  notion?: NotionOptions;
  github?: GithubOptions;
  'google-drive'?: GoogleDriveOptions;
  postgres?: PostgresSettings;
}

export interface Endpoints {
  /** Path -> what answers there. */
  byPath: ReadonlyMap<string, McpEndpoint>;
  /** Ends what the tools use: processes, connections. */
  close(): Promise<void>;
}

/** Names and versions of the first three are those of the public servers. */
export function createEndpoints(servers: ChosenServers, log: Log): Endpoints {
  const byPath = new Map<string, McpEndpoint>();
  const closing: (() => Promise<void>)[] = [];
  const add = (path: string, spec: McpServerSpec): void => void byPath.set(path, createMcpEndpoint(spec, log));
  const { whoami, sqlite, notion, github, 'google-drive': drive, postgres } = servers;
  if (whoami) add('/whoami', { name: 'pomerium-whoami', version: '1.0.0', tools: whoamiTools(whoami) });
  if (sqlite) {
    const pool = createQueryPool({ file: sqlite.file, limits: sqliteDefaults(sqlite.limits), log });
    add('/sqlite', { name: 'sqlite-readonly', version: '1.0.0', tools: sqliteTools(pool) });
    closing.push(async () => pool.close());
  }
  if (notion) add('/notion', { name: 'Notion', version: '0.0.1', tools: notionTools(notion), challenges: true });
  if (github)
    add('/github', { name: 'github-readonly', version: '1.0.0', tools: githubTools(github), challenges: true });
  if (drive) {
    const tools = googleDriveTools(drive);
    add('/google-drive', { name: 'google-drive-readonly', version: '1.0.0', tools, challenges: true });
  }
  if (postgres) {
    const limits = postgresDefaults(postgres.limits);
    const database = openDatabase(postgres.connectionString, limits);
    add('/postgres', { name: 'postgres-readonly', version: '1.0.0', tools: postgresTools(database, limits) });
    const stopping = new AbortController();
    void checkRole(database, log, stopping.signal);
    closing.push(async () => {
      stopping.abort();
      await database.close();
    });
  }
  return { byPath, close: async () => void (await Promise.all(closing.map(async (close) => close()))) };
}
