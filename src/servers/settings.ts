import { resolve } from 'node:path';
import { CliError, usage } from '../errors.ts';
import { nearest } from '../nearest.ts';
import type { Fetch } from '../net/fetch.ts';
import type { ServersOptions } from './index.ts';
import { checkDatabase } from './sqlite/database.ts';
import type { SqliteLimits } from './sqlite/limits.ts';

export const SERVER_NAMES = ['whoami', 'sqlite'] as const;

type ServerName = (typeof SERVER_NAMES)[number];
type Env = Readonly<Record<string, string | undefined>>;

/** The flags of `mcpgw serve`; each is also an environment variable, as containers want it. */
export interface ServeFlags {
  /** Positional; none means all that have what they need. */
  servers?: readonly string[];
  host?: string;
  port?: number;
  sqliteFile?: string;
  whoamiIssuers?: readonly string[];
  jwksUrl?: string;
  allowedHosts?: readonly string[];
  allowedOrigins?: readonly string[];
}

export interface SettingsInput {
  flags: ServeFlags;
  env: Env;
  /** Folder that relative paths start from. */
  cwd: string;
  /** For whoami's keys. */
  fetch: Fetch;
  /** Told what is left out or can never work, and why. */
  note: (line: string) => void;
}

/** What to start, from flags and environment; throws a CliError for what is wrong in them. */
export function serverSettings({ flags, env, cwd, fetch, note }: SettingsInput): Omit<ServersOptions, 'log'> {
  const named = flags.servers ?? [];
  const wanted = named.length > 0 ? named.map(toServerName) : SERVER_NAMES;
  const servers: ServersOptions['servers'] = {};
  if (wanted.includes('whoami')) {
    servers.whoami = { ...whoamiSettings(flags, env), fetch };
    if (servers.whoami.issuers.length === 0)
      note('whoami will know nobody: no issuer; give --whoami-issuers or WHOAMI_ISSUERS');
  }
  if (wanted.includes('sqlite')) {
    const file = flags.sqliteFile ?? env['SQLITE_DB_FILE'];
    if (file) servers.sqlite = { file: databaseFile(cwd, file), limits: limitsFrom(env) };
    else if (named.length > 0)
      throw usage('sqlite needs a database to read', 'mcpgw serve sqlite --sqlite-file shop.sqlite');
    else note('sqlite is left out: no database; give --sqlite-file or SQLITE_DB_FILE');
  }
  return {
    servers,
    listen: { host: flags.host ?? (env['HOST'] || '127.0.0.1'), port: flags.port ?? numberFrom(env, 'PORT') ?? 8080 },
    allowedHosts: flags.allowedHosts ?? listFrom(env['ALLOWED_HOSTS']),
    allowedOrigins: flags.allowedOrigins ?? listFrom(env['ALLOWED_ORIGINS']),
  };
}

function toServerName(word: string): ServerName {
  const known = SERVER_NAMES.find((name) => name === word);
  if (known) return known;
  const close = nearest(word, SERVER_NAMES);
  throw usage(
    `there is no server \`${word}\`; there are ${SERVER_NAMES.join(' and ')}`,
    `mcpgw serve ${close ?? SERVER_NAMES.join(' ')}`,
  );
}

function whoamiSettings(flags: ServeFlags, env: Env): { issuers: readonly string[]; jwksUrl?: string } {
  const issuers = flags.whoamiIssuers ?? listFrom(env['WHOAMI_ISSUERS']);
  const jwksUrl = flags.jwksUrl ?? (env['JWKS_URL'] || undefined);
  for (const issuer of issuers) {
    if (!URL.canParse(issuer.includes('://') ? issuer : `https://${issuer}`)) {
      throw usage(`\`${issuer}\` is no host of a gateway`, 'mcpgw serve whoami --whoami-issuers whoami.example.com');
    }
  }
  if (jwksUrl !== undefined && !URL.canParse(jwksUrl)) {
    throw usage(
      `\`${jwksUrl}\` is no URL`,
      'mcpgw serve whoami --jwks-url https://whoami.example.com/.well-known/pomerium/jwks.json',
    );
  }
  return { issuers, jwksUrl };
}

function databaseFile(cwd: string, file: string): string {
  // SQLite's own URI form, `file:/path?mode=ro`, is taken as it stands: the public server takes it too.
  const path = file.startsWith('file:') ? file : resolve(cwd, file);
  const why = checkDatabase(path);
  if (why === undefined) return path;
  const fix = 'mcpgw serve sqlite --sqlite-file <an existing SQLite database>';
  throw new CliError({ code: 'DATABASE_UNUSABLE', message: `sqlite cannot use ${path}`, why, fix });
}

function limitsFrom(env: Env): Partial<SqliteLimits> {
  const seconds = numberFrom(env, 'SQLITE_TIMEOUT');
  const mebibytes = numberFrom(env, 'SQLITE_MAX_MEMORY');
  const limits: Partial<SqliteLimits> = {
    timeout: seconds && seconds * 1000,
    rows: numberFrom(env, 'SQLITE_MAX_ROWS'),
    bytes: numberFrom(env, 'SQLITE_MAX_BYTES'),
    memory: mebibytes && mebibytes * 1024 * 1024,
    processes: numberFrom(env, 'SQLITE_PROCESSES'),
  };
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined));
}

function numberFrom(env: Env, name: string): number | undefined {
  const text = env[name];
  if (!text) return undefined;
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw usage(`${name} is \`${text}\`, which is no whole number above 0`, `unset ${name}, or set it to a number`);
}

function listFrom(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
