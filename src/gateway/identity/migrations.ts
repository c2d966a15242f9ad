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
];
