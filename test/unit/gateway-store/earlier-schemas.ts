/*
 * The schemas of every version with a row or more in each table, as those versions left them behind: written out once more, so that a change of
 * a migration that was published is met.
 */

const FAR = 99_999_999_999_999;

/** Tables by version; `prefix` and the types are what SQLite and PostgreSQL do not share. */
function tables(prefix: string, integer: string, strict: string): string[] {
  return [
    `
    CREATE TABLE ${prefix}clients (id text PRIMARY KEY, metadata text NOT NULL, secret text, registered_at ${integer} NOT NULL)${strict};
    CREATE TABLE ${prefix}sessions (id text PRIMARY KEY, user_id text NOT NULL, email text NOT NULL, name text NOT NULL,
      claims text NOT NULL, idp_id text NOT NULL, id_token text, idp_access_token text, idp_refresh_token text,
      issued_at ${integer} NOT NULL, expires_at ${integer} NOT NULL)${strict};
    CREATE INDEX sessions_by_expiry ON ${prefix}sessions (expires_at);
    CREATE TABLE ${prefix}authorizations (id text PRIMARY KEY, client_id text NOT NULL, session_id text NOT NULL,
      redirect_uri text NOT NULL, code_challenge text, code_challenge_method text, expires_at ${integer} NOT NULL)${strict};
    CREATE INDEX authorizations_by_expiry ON ${prefix}authorizations (expires_at);
    CREATE TABLE ${prefix}refresh_tokens (id text PRIMARY KEY, client_id text NOT NULL, session_id text NOT NULL,
      idp_id text NOT NULL, idp_refresh_token text, claims text NOT NULL, revoked integer NOT NULL DEFAULT 0,
      expires_at ${integer} NOT NULL)${strict};
    CREATE INDEX refresh_tokens_by_expiry ON ${prefix}refresh_tokens (expires_at);
    CREATE INDEX refresh_tokens_by_session ON ${prefix}refresh_tokens (session_id);
    INSERT INTO ${prefix}clients VALUES ('c1', '{"redirect_uris":["http://127.0.0.1/cb"]}', 's3cret', 1);
    INSERT INTO ${prefix}sessions VALUES ('s1', 'alice', 'alice@company.com', 'Alice', '{"groups":["staff"]}', 'idp', 'it', NULL, 'rt', 1, ${FAR});
    INSERT INTO ${prefix}authorizations VALUES ('a1', 'c1', 's1', 'http://127.0.0.1/cb', NULL, NULL, ${FAR});
    INSERT INTO ${prefix}refresh_tokens VALUES ('t1', 'c1', 's1', 'idp', 'rt', '{}', 0, ${FAR});
    INSERT INTO ${prefix}refresh_tokens VALUES ('t0', 'c1', 's1', 'idp', NULL, '{}', 1, ${FAR});
    `,
    `
    CREATE TABLE ${prefix}upstream_tokens (user_id text NOT NULL, route_id text NOT NULL, upstream_url text NOT NULL,
      sealed text NOT NULL, PRIMARY KEY (user_id, route_id, upstream_url))${strict};
    CREATE TABLE ${prefix}pending_upstreams (user_id text NOT NULL, downstream_host text NOT NULL, state_hash text NOT NULL,
      sealed text NOT NULL, expires_at ${integer} NOT NULL, PRIMARY KEY (user_id, downstream_host))${strict};
    CREATE INDEX pending_upstreams_by_state ON ${prefix}pending_upstreams (state_hash);
    CREATE INDEX pending_upstreams_by_expiry ON ${prefix}pending_upstreams (expires_at);
    CREATE TABLE ${prefix}upstream_clients (issuer text NOT NULL, downstream_host text NOT NULL, sealed text NOT NULL,
      PRIMARY KEY (issuer, downstream_host))${strict};
    INSERT INTO ${prefix}upstream_tokens VALUES ('alice', 'r1', 'https://up.test', 'c2VhbGVk');
    INSERT INTO ${prefix}pending_upstreams VALUES ('alice', 'a.test', 'h1', 'cA==', ${FAR});
    INSERT INTO ${prefix}upstream_clients VALUES ('https://as.test', 'a.test', 'Yw==');
    `,
    `
    CREATE TABLE ${prefix}client_consents (user_id text NOT NULL, client_id text NOT NULL, redirect_uri text NOT NULL,
      host text NOT NULL, scope text NOT NULL, expires_at ${integer} NOT NULL,
      PRIMARY KEY (user_id, client_id, redirect_uri, host, scope))${strict};
    CREATE INDEX client_consents_by_expiry ON ${prefix}client_consents (expires_at);
    CREATE TABLE ${prefix}token_families (refresh_token_id text PRIMARY KEY, session_id text NOT NULL, family text NOT NULL,
      expires_at ${integer} NOT NULL)${strict};
    CREATE INDEX token_families_by_family ON ${prefix}token_families (family);
    CREATE INDEX token_families_by_expiry ON ${prefix}token_families (expires_at);
    INSERT INTO ${prefix}client_consents VALUES ('alice', 'c1', 'http://127.0.0.1/cb', 'a.test', 'openid', ${FAR});
    INSERT INTO ${prefix}token_families VALUES ('t1', 's1', 'a0', ${FAR});
    `,
  ];
}

/** Every version that has been, the current one last. 0: a database that nobody has used. */
export const VERSIONS = [0, 1, 2, 3];
export const CURRENT = VERSIONS.at(-1) ?? 0;

export function sqliteSchema(version: number): string {
  return `${tables('', 'integer', ' STRICT').slice(0, version).join('')}; PRAGMA user_version = ${version}`;
}

export function postgresSchema(version: number): string {
  if (version === 0) return 'SELECT 1';
  const made = tables('mcpgw.', 'bigint', '').slice(0, version).join('');
  return `CREATE SCHEMA mcpgw; CREATE TABLE mcpgw.schema_version (version integer NOT NULL);
    INSERT INTO mcpgw.schema_version VALUES (${version}); ${made}`;
}
