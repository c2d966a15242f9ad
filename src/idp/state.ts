import { generateKeyPairSync } from 'node:crypto';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { CliError } from '../errors.ts';
import { shellWord } from '../shell-word.ts';
import type { Payload } from './oidc.ts';

/** Version of the tables below, kept in SQLite's user_version. */
const VERSION = 1;
/** "midp": marks the file as ours, so that another program's database is not taken for a damaged one. */
const APPLICATION_ID = 0x6d_69_64_70;

const TABLES = `
  CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE record (
    model TEXT NOT NULL, id TEXT NOT NULL, payload TEXT NOT NULL,
    grant_id TEXT, uid TEXT, consumed INTEGER, expires INTEGER,
    PRIMARY KEY (model, id)
  ) WITHOUT ROWID;
  CREATE INDEX record_grant ON record (grant_id) WHERE grant_id IS NOT NULL;
  CREATE INDEX record_uid ON record (uid) WHERE uid IS NOT NULL;
  CREATE INDEX record_expires ON record (expires) WHERE expires IS NOT NULL;
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${VERSION};`;

/** Keys, sessions, grants and tokens on disk. Times are seconds since 1970. */
export interface State {
  find(model: string, id: string): Payload | undefined;
  findByUid(model: string, uid: string): Payload | undefined;
  upsert(model: string, id: string, payload: Payload, expires?: number): void;
  /** Marks a record as used; false when somebody else was first. */
  consume(model: string, id: string, at: number): boolean;
  destroy(model: string, id: string): void;
  revokeGrant(model: string, grantId: string): void;
  deleteExpired(now: number): void;
  /** The private signing key as a JWK, made on the first call ever. */
  signingKey(): Record<string, unknown>;
  close(): void;
}

/** Opens the file, or makes it with mode 0600. Throws CliError when it is damaged, newer, or another program's. */
export function openState(file: string): State {
  const db = openDatabase(file);
  const find = db.prepare('SELECT payload, consumed FROM record WHERE model = ? AND id = ?');
  const findByUid = db.prepare('SELECT payload, consumed FROM record WHERE model = ? AND uid = ?');
  const upsert = db.prepare(
    `INSERT INTO record (model, id, payload, grant_id, uid, expires) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET payload = excluded.payload, grant_id = excluded.grant_id, uid = excluded.uid, expires = excluded.expires`,
  );
  const consume = db.prepare('UPDATE record SET consumed = ? WHERE model = ? AND id = ? AND consumed IS NULL');
  const destroy = db.prepare('DELETE FROM record WHERE model = ? AND id = ?');
  const revoke = db.prepare('DELETE FROM record WHERE model = ? AND grant_id = ?');
  const expire = db.prepare('DELETE FROM record WHERE expires < ?');
  return {
    find: (model, id) => toPayload(find.get(model, id)),
    findByUid: (model, uid) => toPayload(findByUid.get(model, uid)),
    upsert: (model, id, payload, expires) =>
      void upsert.run(
        model,
        id,
        JSON.stringify(payload),
        payload.grantId ?? null,
        payload.uid ?? null,
        expires ?? null,
      ),
    consume: (model, id, at) => consume.run(at, model, id).changes === 1,
    destroy: (model, id) => void destroy.run(model, id),
    revokeGrant: (model, grantId) => void revoke.run(model, grantId),
    deleteExpired: (now) => void expire.run(now),
    signingKey: () => {
      const known = db.prepare("SELECT value FROM setting WHERE name = 'signing-key'").get();
      if (known) return JSON.parse(String(known['value'])) as Record<string, unknown>;
      const key = {
        ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }),
        use: 'sig',
      };
      db.prepare("INSERT INTO setting (name, value) VALUES ('signing-key', ?)").run(JSON.stringify(key));
      return key;
    },
    close: () => db.close(),
  };
}

function toPayload(row: Record<string, unknown> | undefined): Payload | undefined {
  if (!row) return undefined;
  const payload = JSON.parse(String(row['payload'])) as Payload;
  return typeof row['consumed'] === 'number' ? { ...payload, consumed: row['consumed'] } : payload;
}

function openDatabase(file: string): DatabaseSync {
  if (file !== ':memory:') createFile(file);
  const db = new DatabaseSync(file, { timeout: 2000 });
  try {
    prepareTables(db, file);
    return db;
  } catch (error) {
    db.close();
    if (error instanceof CliError || !isDamage(error)) throw error;
    throw unusable('IDP_STATE_CORRUPT', file, 'it is damaged, or no SQLite database', error);
  }
}

function createFile(file: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    // SQLite would make it readable for everybody; it holds a private key.
    closeSync(openSync(file, 'a', 0o600));
  } catch (error) {
    throw new CliError({
      code: 'IDP_STATE_UNUSABLE',
      message: `the identity provider’s state ${file} cannot be opened`,
      why: error instanceof Error ? error.message : String(error),
      fix: `ls -ld ${shellWord(dirname(file))}    # then name a file in a folder that can be written`,
      cause: error,
    });
  }
}

function prepareTables(db: DatabaseSync, file: string): void {
  const pragma = (name: string): number => Number(Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0]);
  const version = pragma('user_version');
  const tables = Number(Object.values(db.prepare('SELECT count(*) FROM sqlite_schema').get() ?? {})[0]);
  if (tables > 0 && pragma('application_id') !== APPLICATION_ID) {
    throw unusable('IDP_STATE_FOREIGN', file, 'it is the database of another program');
  }
  if (version > VERSION) {
    throw unusable(
      'IDP_STATE_NEWER',
      file,
      `a newer mcpgw wrote it (its version is ${version}, this one reads ${VERSION}); that one can still use it`,
    );
  }
  // A sign-in survives kill -9 in either mode; with WAL it costs no wait for the disk.
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
  if (tables === 0) db.exec(`BEGIN; ${TABLES} COMMIT;`);
  // Damage deeper in the file would show only at somebody's sign-in.
  if (db.prepare('PRAGMA quick_check(1)').get()?.['quick_check'] !== 'ok') {
    throw unusable('IDP_STATE_CORRUPT', file, 'it is damaged');
  }
}

function isDamage(error: unknown): boolean {
  const SQLITE_CORRUPT = 11;
  const SQLITE_NOTADB = 26;
  const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0;
  return code === SQLITE_CORRUPT || code === SQLITE_NOTADB;
}

function unusable(code: string, file: string, why: string, cause?: unknown): CliError {
  return new CliError({
    code,
    message: `the identity provider’s state ${file} cannot be used`,
    why,
    fix: `mv ${shellWord(file)} ${shellWord(`${file}.bad`)}    # then start again; everybody signs in anew`,
    cause,
  });
}
