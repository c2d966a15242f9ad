import { usage } from '../errors.ts';
import { nearest } from '../nearest.ts';
import type { Fetch } from '../net/fetch.ts';
import { listFrom, numberFrom, type Environment } from './environment.ts';
import { GITHUB_API_URL } from './github/api.ts';
import { GOOGLE_DRIVE_API_URL } from './google-drive/api.ts';
import type { ServersOptions } from './index.ts';
import { NOTION_API_URL } from './notion/api.ts';
import { postgresSettings } from './postgres/settings.ts';
import { providerSettings } from './provider/settings.ts';
import { databaseFile, sqliteLimits } from './sqlite/settings.ts';

export const SERVER_NAMES = ['whoami', 'sqlite', 'notion', 'github', 'google-drive', 'postgres'] as const;

export type ServerName = (typeof SERVER_NAMES)[number];

/** The flags of `mcpgw serve`; each is also an environment variable, as containers want it. */
export interface ServeFlags {
  /** Positional; none means all that have what they need. */
  servers?: readonly string[];
  host?: string;
  port?: number;
  sqliteFile?: string;
  postgresUrl?: string;
  whoamiIssuers?: readonly string[];
  jwksUrl?: string;
  allowedHosts?: readonly string[];
  allowedOrigins?: readonly string[];
}

export interface SettingsInput {
  flags: ServeFlags;
  env: Environment;
  /** Folder that relative paths start from. */
  cwd: string;
  /** For whoami's keys and the providers' APIs. */
  fetch: Fetch;
  /** Told what is left out or can never work, and why. */
  note: (line: string) => void;
}

/** What to start, from flags and environment; throws a CliError for what is wrong in them. */
export function serverSettings(input: SettingsInput): Omit<ServersOptions, 'log'> {
  const { flags, env } = input;
  return {
    servers: chosenServers(input),
    listen: { host: flags.host ?? (env['HOST'] || '127.0.0.1'), port: flags.port ?? numberFrom(env, 'PORT') ?? 8080 },
    allowedHosts: flags.allowedHosts ?? listFrom(env['ALLOWED_HOSTS']),
    allowedOrigins: flags.allowedOrigins ?? listFrom(env['ALLOWED_ORIGINS']),
  };
}

function chosenServers(input: SettingsInput): ServersOptions['servers'] {
  const { flags, env, cwd, fetch, note } = input;
  const named = (flags.servers ?? []).map(toServerName);
  const wants = (name: ServerName): boolean => named.length === 0 || named.includes(name);
  const servers: ServersOptions['servers'] = {};
  if (wants('whoami')) {
    servers.whoami = { ...whoamiSettings(flags, env), fetch };
    if (servers.whoami.issuers.length === 0)
      note('whoami will know nobody: no issuer; give --whoami-issuers or WHOAMI_ISSUERS');
  }
  if (wants('sqlite')) {
    const file = flags.sqliteFile ?? env['SQLITE_DB_FILE'];
    if (file) servers.sqlite = { file: databaseFile(cwd, file), limits: sqliteLimits(env) };
    else leaveOut(input, 'sqlite', 'a database to read', 'give --sqlite-file or SQLITE_DB_FILE');
  }
  if (wants('notion')) servers.notion = providerSettings(input, 'NOTION_API_URL', NOTION_API_URL);
  if (wants('github')) servers.github = providerSettings(input, 'GITHUB_API_URL', GITHUB_API_URL);
  if (wants('google-drive')) {
    servers['google-drive'] = providerSettings(input, 'GOOGLE_DRIVE_API_URL', GOOGLE_DRIVE_API_URL);
  }
  if (wants('postgres')) {
    const url = flags.postgresUrl ?? env['POSTGRES_URL'];
    if (url) servers.postgres = postgresSettings(url, env);
    else leaveOut(input, 'postgres', 'a database to read', 'give POSTGRES_URL or --postgres-url');
  }
  return servers;
}

/** A server that lacks what it needs: an error when it was asked for by name. */
function leaveOut({ flags, note }: SettingsInput, name: ServerName, need: string, how: string): void {
  if (!flags.servers?.includes(name)) return note(`${name} is left out: no database; ${how}`);
  const examples: Partial<Record<ServerName, string>> = {
    sqlite: 'mcpgw serve sqlite --sqlite-file shop.sqlite',
    postgres: 'POSTGRES_URL=postgresql://reader:password@localhost:5432/shop mcpgw serve postgres',
  };
  throw usage(`${name} needs ${need}`, examples[name] ?? how);
}

function toServerName(word: string): ServerName {
  const known = SERVER_NAMES.find((name) => name === word);
  if (known) return known;
  const close = nearest(word, SERVER_NAMES);
  throw usage(
    `there is no server \`${word}\`; there are ${SERVER_NAMES.slice(0, -1).join(', ')} and ${SERVER_NAMES.at(-1)}`,
    `mcpgw serve ${close ?? 'whoami'}`,
  );
}

function whoamiSettings(flags: ServeFlags, env: Environment): { issuers: readonly string[]; jwksUrl?: string } {
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
