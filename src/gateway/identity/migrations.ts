/** The schema's history. Entry n brings a file from user_version n to n + 1; entries are never changed, only added. */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE clients (
    id TEXT PRIMARY KEY,
    metadata TEXT NOT NULL,
    secret TEXT,
    registered_at INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    claims TEXT NOT NULL,
    idp_id TEXT NOT NULL,
    id_token TEXT,
    idp_access_token TEXT,
    idp_refresh_token TEXT,
    issued_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX sessions_by_expiry ON sessions (expires_at);

  CREATE TABLE authorizations (
    id TEXT PRIMARY KEY,
    client_id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    code_challenge TEXT,
    code_challenge_method TEXT,
    expires_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX authorizations_by_expiry ON authorizations (expires_at);

  CREATE TABLE refresh_tokens (
    id TEXT PRIMARY KEY,
    client_id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    idp_id TEXT NOT NULL,
    idp_refresh_token TEXT,
    claims TEXT NOT NULL,
    revoked INTEGER NOT NULL DEFAULT 0,
    expires_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX refresh_tokens_by_expiry ON refresh_tokens (expires_at);
  CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id);
  `,
  `
  CREATE TABLE upstream_tokens (
    user_id TEXT NOT NULL,
    route_id TEXT NOT NULL,
    upstream_url TEXT NOT NULL,
    sealed TEXT NOT NULL,
    PRIMARY KEY (user_id, route_id, upstream_url)
  ) STRICT;

  CREATE TABLE pending_upstreams (
    user_id TEXT NOT NULL,
    downstream_host TEXT NOT NULL,
    state_hash TEXT NOT NULL,
    sealed TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, downstream_host)
  ) STRICT;
  CREATE INDEX pending_upstreams_by_state ON pending_upstreams (state_hash);
  CREATE INDEX pending_upstreams_by_expiry ON pending_upstreams (expires_at);

  CREATE TABLE upstream_clients (
    issuer TEXT NOT NULL,
    downstream_host TEXT NOT NULL,
    sealed TEXT NOT NULL,
    PRIMARY KEY (issuer, downstream_host)
  ) STRICT;
  `,
  `
  CREATE TABLE client_consents (
    user_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    host TEXT NOT NULL,
    scope TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, client_id, redirect_uri, host, scope)
  ) STRICT;
  CREATE INDEX client_consents_by_expiry ON client_consents (expires_at);

  CREATE TABLE token_families (
    refresh_token_id TEXT PRIMARY KEY,
    session_id TEXT NOT NULL,
    family TEXT NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX token_families_by_family ON token_families (family);
  CREATE INDEX token_families_by_expiry ON token_families (expires_at);
  `,
];
