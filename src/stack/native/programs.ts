import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, readdir, realpath } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { CliError } from '../../errors.ts';

export type Env = Readonly<Record<string, string | undefined>>;

/** Milliseconds that a program has to tell its version. */
const PATIENCE = 5_000;
/** Where Debian and Homebrew keep PostgreSQL's server programs, off the PATH: a folder for each release. */
const POSTGRES_FOLDERS = ['/usr/lib/postgresql', '/opt/homebrew/opt', '/usr/local/opt'];
/** The first release whose MCP gateway this program's configurations are written for. */
const OLDEST_POMERIUM = [0, 33];

export interface PomeriumProgram {
  file: string;
  /** `v0.33.1`; absent when it does not tell. */
  version?: string;
}

/** Folder with `postgres` and `initdb` of one release. */
export interface PostgresPrograms {
  folder: string;
  /** `17` */
  major: number;
}

/** The user's Pomerium; throws POMERIUM_NOT_FOUND. */
export async function requirePomerium(env: Env): Promise<PomeriumProgram> {
  const file = await findOnPath('pomerium', env);
  if (file === undefined) {
    throw new CliError({
      code: 'POMERIUM_NOT_FOUND',
      message: 'there is no `pomerium` on the PATH, and this project names the native engine',
      fix: 'put the binary of https://github.com/pomerium/pomerium/releases/tag/v0.33.1 on the PATH,\nor write `engine: embedded` under x-mcpgw in docker-compose.yaml',
    });
  }
  const version = /v?(\d+\.\d+\.\d+)/.exec(await outputOf(file, ['--version'], env))?.[1];
  return { file, ...(version === undefined ? {} : { version: `v${version}` }) };
}

/** What a release cannot do for this project; undefined when it can. */
export function doubtAbout({ version }: PomeriumProgram): string | undefined {
  const [major = 0, minor = 0] = (version ?? '').replace(/^v/, '').split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_POMERIUM;
  const isOld = version !== undefined && (major < oldestMajor || (major === oldestMajor && minor < oldestMinor));
  return isOld ? `pomerium ${version} is older than v0.33, which these files are written for` : undefined;
}

/** The server programs of PostgreSQL: those on the PATH, else the newest release where packages put them. */
export async function findPostgres(env: Env): Promise<PostgresPrograms | undefined> {
  const onPath = await findOnPath('postgres', env);
  const folders = onPath === undefined ? [] : [dirname(await realpath(onPath))];
  for (const folder of [...folders, ...(await packagedFolders())]) {
    if (!(await isExecutable(join(folder, 'initdb')))) continue;
    const version = /(\d+)[.\w]*\s*$|\) (\d+)/m.exec(await outputOf(join(folder, 'postgres'), ['--version'], env));
    const major = Number(version?.[2] ?? version?.[1]);
    if (major > 0) return { folder, major };
  }
  return undefined;
}

async function packagedFolders(): Promise<string[]> {
  const lists = await Promise.all(
    POSTGRES_FOLDERS.map(async (parent) => {
      const names = await readdir(parent).catch(() => []);
      return names
        .map((name) => ({
          release: Number(/^(?:postgresql@)?(\d+)$/.exec(name)?.[1]),
          folder: join(parent, name, 'bin'),
        }))
        .filter(({ release }) => release > 0);
    }),
  );
  return lists
    .flat()
    .sort((a, b) => b.release - a.release)
    .map(({ folder }) => folder);
}

async function findOnPath(program: string, env: Env): Promise<string | undefined> {
  for (const folder of (env['PATH'] ?? '').split(delimiter)) {
    if (folder !== '' && (await isExecutable(join(folder, program)))) return join(folder, program);
  }
  return undefined;
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

function outputOf(file: string, args: readonly string[], env: Env): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  execFile(file, args, { env, timeout: PATIENCE }, (_error, stdout, stderr) => resolve(`${stdout}${stderr}`));
  return promise;
}
