import { isRecord, parseJson } from '../json.ts';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../atomic-file.ts';
import { CliError } from '../errors.ts';
import { systemError } from '../system-error.ts';
import type { ClientIdentity, StoredGrant } from './types.ts';

const VERSION = 1;

/** Tokens and registrations of one user of this machine, one file each, 0600 in folders of 0700. */
export interface TokenStore {
  /** Grants for a server and a development user (`''`: a person's own), newest first. */
  grants(server: string, user: string): Promise<StoredGrant[]>;
  save(grant: StoredGrant): Promise<void>;
  drop(grant: StoredGrant): Promise<void>;
  /** Registrations are kept by issuer and never shown to another one (MCP, authorization server binding). */
  registration(issuer: string): Promise<ClientIdentity | undefined>;
  saveRegistration(issuer: string, identity: ClientIdentity): Promise<void>;
  dropRegistration(issuer: string): Promise<void>;
  /** File that is locked while a grant for this server and user is renewed; its folder exists. */
  lockFile(server: string, user: string): Promise<string>;
}

export interface StoreOptions {
  /** The user's state folder. */
  folder: string;
  /** Tells servers apart that have the same URL one after the other, such as a gateway before and after its state was deleted. */
  realm?: string;
  note: (line: string) => void;
}

export function createTokenStore({ folder, note, realm = '' }: StoreOptions): TokenStore {
  const ownerKey = (server: string, user: string): string => digest(realm, server, user);
  const tokens = join(folder, 'tokens');
  const clients = join(folder, 'clients');
  const grantFile = (grant: StoredGrant): string =>
    join(
      tokens,
      `${ownerKey(grant.server, grant.user)}-${digest(grant.issuer, grant.resource ?? '', grant.client.clientId)}.json`,
    );
  const clientFile = (issuer: string): string => join(clients, `${digest(realm, issuer)}.json`);
  return {
    async grants(server, user) {
      const prefix = `${ownerKey(server, user)}-`;
      const names = (await readdir(tokens).catch(() => [])).filter(
        (name) => name.startsWith(prefix) && name.endsWith('.json'),
      );
      const read = await Promise.all(names.map((name) => readRecord(join(tokens, name), isGrant, note)));
      return read.filter((grant) => grant !== undefined).toSorted((a, b) => b.savedAt - a.savedAt);
    },
    async save(grant) {
      await writeRecord(tokens, grantFile(grant), grant);
    },
    async drop(grant) {
      await rm(grantFile(grant), { force: true });
    },
    async registration(issuer) {
      const found = await readRecord(clientFile(issuer), isRegistration, note);
      return found?.issuer === issuer ? found.identity : undefined;
    },
    async saveRegistration(issuer, identity) {
      await writeRecord(clients, clientFile(issuer), { version: VERSION, issuer, identity });
    },
    async dropRegistration(issuer) {
      await rm(clientFile(issuer), { force: true });
    },
    async lockFile(server, user) {
      await makeFolder(tokens);
      return join(tokens, `${ownerKey(server, user)}.lock`);
    },
  };
}

function digest(...parts: string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 22);
}

async function writeRecord(folder: string, file: string, record: unknown): Promise<void> {
  await makeFolder(folder);
  await writeFileAtomic(file, `${JSON.stringify(record, null, 2)}\n`, 0o600);
}

/** A home that may not be written, as in many containers, is no reason to do without tokens: another place can be named. */
async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    const known = systemError(error);
    if (known?.code !== 'NO_PERMISSION' && known?.code !== 'READ_ONLY') throw error;
    throw new CliError({
      code: known.code,
      message: `tokens cannot be kept in ${folder}`,
      why: known.message,
      fix: 'export MCPGW_STATE_DIR="$(mktemp -d)"    # or any other folder that you may write',
      cause: error,
    });
  }
}

/** Undefined when there is none; a damaged file is moved aside, since a new sign-in mends it. */
async function readRecord<T>(
  file: string,
  check: (value: unknown) => value is T,
  note: (line: string) => void,
): Promise<T | undefined> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const value = parseJson(text);
  if (isRecord(value) && typeof value['version'] === 'number' && value['version'] > VERSION)
    throw tooNew(file, value['version']);
  if (check(value)) return value;
  const aside = `${file}.damaged`;
  await rename(file, aside);
  note(`a stored sign-in was damaged; moved to ${aside}, signing in anew`);
  return undefined;
}

function tooNew(file: string, version: number): CliError {
  return new CliError({
    code: 'STORE_TOO_NEW',
    message: `${file} was written by a newer mcpgw (version ${version}; this one reads ${VERSION})`,
    fix: `npm install -g create-mcp-gateway@latest    # or remove the file: rm '${file}'`,
  });
}

function isGrant(value: unknown): value is StoredGrant {
  if (!isRecord(value) || value['version'] !== VERSION) return false;
  const texts = ['server', 'user', 'issuer', 'tokenEndpoint', 'accessToken', 'tokenType'];
  const optional = ['resource', 'refreshToken', 'scope'];
  return (
    texts.every((name) => typeof value[name] === 'string') &&
    optional.every((name) => value[name] === undefined || typeof value[name] === 'string') &&
    (value['expiresAt'] === undefined || typeof value['expiresAt'] === 'number') &&
    typeof value['savedAt'] === 'number' &&
    isIdentity(value['client'])
  );
}

function isRegistration(value: unknown): value is { issuer: string; identity: ClientIdentity } {
  return (
    isRecord(value) &&
    value['version'] === VERSION &&
    typeof value['issuer'] === 'string' &&
    isIdentity(value['identity'])
  );
}

function isIdentity(value: unknown): value is ClientIdentity {
  return (
    isRecord(value) &&
    ['clientId', 'redirectUri'].every((name) => typeof value[name] === 'string') &&
    ['none', 'client_secret_basic', 'client_secret_post'].includes(String(value['tokenEndpointAuthMethod'])) &&
    (value['clientSecret'] === undefined || typeof value['clientSecret'] === 'string')
  );
}
