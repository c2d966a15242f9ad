import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CliError } from '../../errors.ts';
import type { Project } from '../../project/index.ts';
import { hasCluster } from './postgres-cluster.ts';
import { findPostgres, type Env, type PostgresPrograms } from './programs.ts';

/** Where Pomerium keeps sessions, clients and tokens. */
export type Store =
  /** A database of the user's own, by DATABROKER_STORAGE_CONNECTION_STRING in .env. */
  | { kind: 'given'; environment: Record<string, string> }
  /** A PostgreSQL that belongs to this project. */
  | { kind: 'postgres'; folder: string; programs: PostgresPrograms; password: string }
  /** Pomerium's own files; `why` there is no PostgreSQL. */
  | { kind: 'file'; environment: Record<string, string>; why: string };

/** Chooses the store. What a project began with stays: with another one everybody would have to sign in again. */
export async function chooseStore({ paths, secrets }: Pick<Project, 'paths' | 'secrets'>, env: Env): Promise<Store> {
  const given = secrets['DATABROKER_STORAGE_CONNECTION_STRING'];
  if (given)
    return { kind: 'given', environment: environmentOf(given.startsWith('file:') ? 'file' : 'postgres', given) };
  const folder = postgresFolder(paths.state);
  const programs = await findPostgres(env);
  const isRoot = process.getuid?.() === 0;
  if (programs && !isRoot) return { kind: 'postgres', folder, programs, password: passwordOf(secrets) };
  const why = isRoot ? 'PostgreSQL does not run as root' : 'there is no PostgreSQL on the PATH';
  if (await hasCluster(folder)) throw postgresGone(why);
  return { kind: 'file', environment: environmentOf('file', pathToFileURL(join(paths.state, 'pomerium')).href), why };
}

export function postgresFolder(state: string): string {
  return join(state, 'postgres');
}

/** How Pomerium reaches a store, by the variables that it reads itself. */
export function environmentOf(type: 'postgres' | 'file', connection: string): Record<string, string> {
  return { DATABROKER_STORAGE_TYPE: type, DATABROKER_STORAGE_CONNECTION_STRING: connection };
}

function passwordOf(secrets: Readonly<Record<string, string>>): string {
  const password = secrets['POSTGRES_PASSWORD'];
  if (password) return password;
  throw new CliError({
    code: 'VARIABLE_MISSING',
    message: 'POSTGRES_PASSWORD has no value in .env',
    fix: 'mcpgw create . --yes, which adds what is missing',
  });
}

function postgresGone(why: string): CliError {
  return new CliError({
    code: 'POSTGRES_NOT_FOUND',
    message: `this project keeps its sessions in .mcpgw/postgres, and ${why}`,
    fix: 'put PostgreSQL’s programs on the PATH and run as an ordinary user,\nor begin anew, which signs everybody out: mcpgw down --volumes && mcpgw up',
  });
}
