import { dockerReady } from '../../../docker/engine.ts';
import { startPostgres, type PostgresServer } from '../../../docker/postgres.ts';
import type { PostgresLimits } from '../../../../src/servers/index.ts';
import { callTool, startTestServers, type TestServers, type ToolReply } from '../helpers.ts';

/** A server for a whole file, or why there is none. */
export async function findPostgres(): Promise<{ server?: PostgresServer; reason?: string }> {
  const ready = await dockerReady();
  return ready.ok ? { server: await startPostgres() } : { reason: ready.reason };
}

export interface ServedPostgres {
  servers: TestServers;
  /** The database, as its owner: a superuser. */
  owner: string;
  sql: (statement: string) => Promise<string>;
  query: (query: string) => Promise<ToolReply>;
  tool: (name: string, args?: Record<string, unknown>, signal?: AbortSignal) => Promise<ToolReply>;
}

const SCHEMA = `
  CREATE TABLE notes (id int PRIMARY KEY, text varchar(20) NOT NULL DEFAULT 'x');
  INSERT INTO notes VALUES (1, 'one'), (2, 'two'), (3, 'three');
  CREATE SCHEMA shop;
  CREATE TABLE shop.orders (id bigint, note int REFERENCES public.notes, PRIMARY KEY (id));
  COMMENT ON TABLE shop.orders IS 'What was bought';
  CREATE VIEW loud AS SELECT upper(text) AS text FROM notes;
  CREATE TABLE hidden (secret text);
  CREATE SEQUENCE counter;
`;

interface Prepared {
  /** For our server. */
  url: string;
  owner: string;
  sql: (statement: string) => Promise<string>;
}

/** A database of its own; `url` is its owner's, or that of a role that may only read. */
export async function prepare(postgres: PostgresServer, role: 'owner' | 'reader' = 'owner'): Promise<Prepared> {
  const owner = await postgres.createDatabase();
  const sql = async (statement: string): Promise<string> => postgres.sql(owner, statement);
  await sql(SCHEMA);
  const url = new URL(owner);
  if (role === 'reader') {
    const name = `reader_${url.pathname.slice(1)}`;
    await sql(`CREATE ROLE ${name} LOGIN PASSWORD 'pw'; GRANT SELECT ON notes, loud TO ${name};
      GRANT USAGE ON SCHEMA shop TO ${name}; GRANT SELECT ON shop.orders TO ${name}`);
    url.username = name;
    url.password = 'pw';
  }
  return { url: url.href, owner, sql };
}

/** A database of its own behind our server, until the test ends. */
export async function servePostgres(
  postgres: PostgresServer,
  limits: Partial<PostgresLimits> = {},
  role: 'owner' | 'reader' = 'owner',
): Promise<ServedPostgres> {
  const { url, owner, sql } = await prepare(postgres, role);
  const servers = await startTestServers({ postgres: { connectionString: url, limits } });
  const tool: ServedPostgres['tool'] = async (name, args = {}, signal) =>
    callTool(`${servers.url}/postgres`, name, args, signal ? { signal } : {});
  return { servers, owner, sql, tool, query: async (query) => tool('query', { query }) };
}

export function rows({ texts, isError }: ToolReply): unknown {
  if (isError) throw new Error(texts[0]);
  return JSON.parse(texts[0] ?? '');
}
