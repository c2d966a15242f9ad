import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../../atomic-file.ts';
import { CliError } from '../../errors.ts';
import type { Env, PostgresPrograms } from './programs.ts';

export interface ClusterOptions {
  /** `.mcpgw/postgres` */
  folder: string;
  programs: PostgresPrograms;
  /** Of the role `pomerium`, which owns everything. */
  password: string;
  env: Env;
}

/** Milliseconds; initdb takes about a second. */
const PATIENCE = 60_000;
const PREFIX = 'new-';

/** The data folder of a project's own PostgreSQL: made when it is missing, with the password that .env has now. */
export async function ensureCluster(options: ClusterOptions): Promise<string> {
  const { folder, programs, password } = options;
  const data = clusterFolder(folder);
  const major = await majorOf(data);
  if (major === undefined) await createCluster(options);
  else if (major !== programs.major) throw otherRelease(major, programs);
  else if ((await passwordOf(folder)) !== password) {
    await runSql(options, data, `ALTER ROLE pomerium PASSWORD ${quote(password)}`);
    await writeFileAtomic(passwordFile(folder), password, 0o600);
  }
  return data;
}

/** Whether a project has a PostgreSQL of its own. */
export async function hasCluster(folder: string): Promise<boolean> {
  return (await majorOf(clusterFolder(folder))) !== undefined;
}

function clusterFolder(folder: string): string {
  return join(folder, 'data');
}

/** What the role's password is, so that a new one in .env is noticed. */
function passwordFile(folder: string): string {
  return join(folder, 'password');
}

async function passwordOf(folder: string): Promise<string> {
  return readFile(passwordFile(folder), 'utf8').catch(() => '');
}

async function majorOf(data: string): Promise<number | undefined> {
  const text = await readFile(join(data, 'PG_VERSION'), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : Number(text.trim().split('.')[0]);
}

/** Under another name first: a cluster that was interrupted in the making never becomes the data folder. */
async function createCluster(options: ClusterOptions): Promise<void> {
  const { folder, programs, password, env } = options;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const name of await readdir(folder)) {
    if (name.startsWith(PREFIX)) await rm(join(folder, name), { recursive: true, force: true });
  }
  const draft = join(folder, `${PREFIX}${randomBytes(4).toString('hex')}`);
  await writeFile(passwordFile(folder), password, { mode: 0o600 });
  const flags = ['--username=pomerium', `--pwfile=${passwordFile(folder)}`, '--auth=scram-sha-256'];
  const locale = ['--encoding=UTF8', '--locale=C', '--no-instructions'];
  await runProgram(join(programs.folder, 'initdb'), ['-D', draft, ...flags, ...locale], env);
  await runSql(options, draft, 'CREATE DATABASE pomerium');
  await rename(draft, clusterFolder(folder));
}

/** One statement in PostgreSQL's single-user mode, for which nobody has to run and no password is needed. */
async function runSql({ programs, env }: ClusterOptions, data: string, statement: string): Promise<void> {
  await runProgram(join(programs.folder, 'postgres'), ['--single', '-D', data, 'postgres'], env, `${statement};\n`);
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

async function runProgram(file: string, args: readonly string[], env: Env, input = ''): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const child = execFile(file, args, { env, timeout: PATIENCE }, (error, stdout, stderr) => {
    // Single-user mode ends with 0 whatever became of the statement.
    const failed = error !== null || /^.*(ERROR|FATAL|PANIC): /m.test(stderr);
    if (failed) reject(setupFailed(file, stderr || stdout || (error?.message ?? '')));
    else resolve();
  });
  child.stdin?.once('error', () => undefined);
  child.stdin?.end(input);
  await promise;
}

function setupFailed(file: string, said: string): CliError {
  const lines = said.trim().split('\n').slice(-5);
  return new CliError({
    code: 'POSTGRES_SETUP',
    message: `${file} could not set up the database in .mcpgw/postgres`,
    // A statement may hold the password.
    why: lines.filter((line) => !/PASSWORD|STATEMENT/i.test(line)).join('\n'),
    fix: 'mend that, then: mcpgw up',
  });
}

function otherRelease(major: number, programs: PostgresPrograms): CliError {
  return new CliError({
    code: 'POSTGRES_RELEASE',
    message: `the database in .mcpgw/postgres belongs to PostgreSQL ${major}, and ${programs.folder} is ${programs.major}`,
    why: 'data of one major release cannot be opened by another',
    fix: `put PostgreSQL ${major} first on the PATH,\nor begin anew, which signs everybody out: mcpgw down --volumes && mcpgw up`,
  });
}
