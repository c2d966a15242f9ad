import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect } from 'vitest';
import { startServers, type RunningServer, type SqliteLimits } from '../../../src/servers/index.ts';
import { callTool, databaseOf, startTestServers, type ToolReply } from './helpers.ts';

const SCHEMA = `
  CREATE TABLE notes(id INTEGER PRIMARY KEY, text TEXT);
  INSERT INTO notes VALUES (1, 'one'), (2, 'two'), (3, 'three');
  CREATE VIEW loud AS SELECT upper(text) AS text FROM notes;
`;

/** Runs until it is stopped. */
export const ENDLESS =
  'SELECT count(*) FROM (WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c)';

export interface ServedDatabase {
  file: string;
  query: (sql: string) => Promise<ToolReply>;
  tool: (name: string, args?: Record<string, unknown>) => Promise<ToolReply>;
}

/** A database of its own, served until the test ends. */
export async function serve(limits: Partial<SqliteLimits> = {}, sql = SCHEMA): Promise<ServedDatabase> {
  const file = await databaseOf(sql);
  const { url } = await startTestServers({ sqlite: { file, limits } });
  return served(file, url);
}

/** One database for all tests of a file that only read: a query process is not started for each. */
export function sharedDatabase(): () => ServedDatabase {
  let folder: string;
  let server: RunningServer;
  let database: ServedDatabase;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mcpgw-sqlite-'));
    const file = join(folder, 'shared.sqlite');
    const made = new DatabaseSync(file);
    made.exec(SCHEMA);
    made.close();
    server = await startServers({
      servers: { sqlite: { file } },
      listen: { host: '127.0.0.1', port: 0 },
      allowedHosts: [],
      allowedOrigins: [],
      log: () => undefined,
    });
    database = served(file, `http://127.0.0.1:${server.address.port}`);
  });
  afterAll(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });
  return () => database;
}

function served(file: string, url: string): ServedDatabase {
  const tool: ServedDatabase['tool'] = async (name, args = {}) => callTool(`${url}/sqlite`, name, args);
  return { file, tool, query: async (query) => tool('read_query', { query }) };
}

export function rows({ texts, isError }: ToolReply): unknown {
  expect(isError, texts[0]).toBe(false);
  return JSON.parse(texts[0] ?? '');
}
