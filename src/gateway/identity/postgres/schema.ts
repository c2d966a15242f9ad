import type { Queries } from './pg.ts';

/** Entry n brings a database from version n to n + 1; entries are never changed, only added. */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE mcpgw.clients (
    id text PRIMARY KEY,
    metadata text NOT NULL,
    secret text,
    registered_at bigint NOT NULL
  );

  CREATE TABLE mcpgw.sessions (
    id text PRIMARY KEY,
    user_id text NOT NULL,
    email text NOT NULL,
    name text NOT NULL,
    claims text NOT NULL,
    idp_id text NOT NULL,
    id_token text,
    idp_access_token text,
    idp_refresh_token text,
    issued_at bigint NOT NULL,
    expires_at bigint NOT NULL
  );
  CREATE INDEX sessions_by_expiry ON mcpgw.sessions (expires_at);

  CREATE TABLE mcpgw.authorizations (
    id text PRIMARY KEY,
    client_id text NOT NULL,
    session_id text NOT NULL,
    redirect_uri text NOT NULL,
    code_challenge text,
    code_challenge_method text,
    expires_at bigint NOT NULL
  );
  CREATE INDEX authorizations_by_expiry ON mcpgw.authorizations (expires_at);

  CREATE TABLE mcpgw.refresh_tokens (
    id text PRIMARY KEY,
    client_id text NOT NULL,
    session_id text NOT NULL,
    idp_id text NOT NULL,
    idp_refresh_token text,
    claims text NOT NULL,
    revoked integer NOT NULL DEFAULT 0,
    expires_at bigint NOT NULL
  );
  CREATE INDEX refresh_tokens_by_expiry ON mcpgw.refresh_tokens (expires_at);
  CREATE INDEX refresh_tokens_by_session ON mcpgw.refresh_tokens (session_id);
  `,
  `
  CREATE TABLE mcpgw.upstream_tokens (
    user_id text NOT NULL,
    route_id text NOT NULL,
    upstream_url text NOT NULL,
    sealed text NOT NULL,
    PRIMARY KEY (user_id, route_id, upstream_url)
  );

  CREATE TABLE mcpgw.pending_upstreams (
    user_id text NOT NULL,
    downstream_host text NOT NULL,
    state_hash text NOT NULL,
    sealed text NOT NULL,
    expires_at bigint NOT NULL,
    PRIMARY KEY (user_id, downstream_host)
  );
  CREATE INDEX pending_upstreams_by_state ON mcpgw.pending_upstreams (state_hash);
  CREATE INDEX pending_upstreams_by_expiry ON mcpgw.pending_upstreams (expires_at);

  CREATE TABLE mcpgw.upstream_clients (
    issuer text NOT NULL,
    downstream_host text NOT NULL,
    sealed text NOT NULL,
    PRIMARY KEY (issuer, downstream_host)
  );
  `,
  `
  CREATE TABLE mcpgw.client_consents (
    user_id text NOT NULL,
    client_id text NOT NULL,
    redirect_uri text NOT NULL,
    host text NOT NULL,
    scope text NOT NULL,
    expires_at bigint NOT NULL,
    PRIMARY KEY (user_id, client_id, redirect_uri, host, scope)
  );
  CREATE INDEX client_consents_by_expiry ON mcpgw.client_consents (expires_at);

  CREATE TABLE mcpgw.token_families (
    refresh_token_id text PRIMARY KEY,
    session_id text NOT NULL,
    family text NOT NULL,
    expires_at bigint NOT NULL
  );
  CREATE INDEX token_families_by_family ON mcpgw.token_families (family);
  CREATE INDEX token_families_by_expiry ON mcpgw.token_families (expires_at);
  `,
];

/** What a newer version keeps there is not to be read or written by this one. */
export class SchemaTooNew extends Error {}

/** Any number will do, as long as it is always the same. */
const MIGRATION_LOCK = 1_835_234_151;

/**
 * Brings the database to the current version. The tables have a schema of their own, so that Pomerium can use the same database. Throws
 * SchemaTooNew.
 */
export async function migrate(connection: Queries): Promise<void> {
  if ((await versionOf(connection)) === MIGRATIONS.length) return;
  await connection.query('BEGIN');
  try {
    // Two processes may start at once: whoever comes second finds the work done.
    await connection.query('SELECT pg_advisory_xact_lock(?)', [MIGRATION_LOCK]);
    const found = await versionOf(connection);
    if (found > MIGRATIONS.length) {
      throw new SchemaTooNew(
        `the database has schema ${found}, and this version of mcpgw knows schemas up to ${MIGRATIONS.length}:` +
          ' run the newer version that wrote it, or name another database in databroker_storage_connection_string',
      );
    }
    if (found === 0) {
      await connection.query('CREATE SCHEMA IF NOT EXISTS mcpgw');
      await connection.query('CREATE TABLE mcpgw.schema_version (version integer NOT NULL)');
      await connection.query('INSERT INTO mcpgw.schema_version VALUES (0)');
    }
    for (const script of MIGRATIONS.slice(found)) await connection.query(script);
    await connection.query('UPDATE mcpgw.schema_version SET version = ?', [MIGRATIONS.length]);
    await connection.query('COMMIT');
  } catch (error) {
    await connection.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

async function versionOf(connection: Queries): Promise<number> {
  const { rows: tables } = await connection.query("SELECT to_regclass('mcpgw.schema_version') IS NOT NULL AS there");
  if (tables[0]?.['there'] !== true) return 0;
  const { rows } = await connection.query('SELECT version FROM mcpgw.schema_version');
  return Number(rows[0]?.['version'] ?? 0);
}
