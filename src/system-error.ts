import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { CliError } from './errors.ts';
import { shellWord } from './shell-word.ts';

interface Advice {
  code: string;
  what(path: string): string;
  fix(path: string): string;
}

const FREE_SPACE = 'df -h    # shows where the space went; free some, then run the command again';

/** What the operating system says, turned into what a user can do about it. */
const ADVICE: Record<string, Advice> = {
  ENOSPC: { code: 'DISK_FULL', what: (path) => `the disk is full; could not write ${path}`, fix: () => FREE_SPACE },
  EDQUOT: {
    code: 'DISK_FULL',
    what: (path) => `the disk quota is used up; could not write ${path}`,
    fix: () => FREE_SPACE,
  },
  EACCES: { code: 'NO_PERMISSION', what: (path) => `no permission for ${existing(path)}`, fix: lookAt },
  EPERM: { code: 'NO_PERMISSION', what: (path) => `${existing(path)} may not be changed`, fix: lookAt },
  EROFS: {
    code: 'READ_ONLY',
    what: (path) => `${existing(path)} is on a read-only file system`,
    fix: () => 'take a folder on a writable file system',
  },
  EEXIST: { code: 'NOT_A_FOLDER', what: (path) => `${path} is in the way: a folder is needed there`, fix: moveAway },
  ENOTDIR: {
    code: 'NOT_A_FOLDER',
    what: (path) => `${existing(path)} is in the way: a folder is needed there`,
    fix: (path) => moveAway(existing(path)),
  },
  EISDIR: { code: 'NOT_A_FILE', what: (path) => `${path} is in the way: a file is needed there`, fix: moveAway },
  EMFILE: {
    code: 'TOO_MANY_FILES',
    what: () => 'too many files are open',
    fix: () => 'ulimit -n 4096    # then run the command again',
  },
};

/** SQLite's primary result codes that say the same as an error of the system: https://www.sqlite.org/rescode.html */
const SQLITE: Record<number, string> = { 8: 'EROFS', 13: 'ENOSPC' };

/** A system error that is known; undefined for everything else. */
export function systemError(error: unknown): CliError | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code = '', path, errcode } = error as NodeJS.ErrnoException & { errcode?: number };
  const advice = ADVICE[code === 'ERR_SQLITE_ERROR' ? (SQLITE[(errcode ?? 0) & 0xff] ?? '') : code];
  // What is in the way has a name, or it is no matter of a path.
  if (!advice || (path === undefined && advice.code.startsWith('NOT_A_'))) return undefined;
  const shown = path ?? 'a file';
  return new CliError({ code: advice.code, message: advice.what(shown), fix: advice.fix(shown), cause: error });
}

function lookAt(path: string): string {
  return `ls -ld ${shellWord(existing(path))}    # then change its owner, or take another folder`;
}

function moveAway(path: string): string {
  return `mv ${shellWord(path)} ${shellWord(`${path}.old`)}`;
}

/** What could not be made is told by the folder that it was to stand in: that is what can be looked at. */
function existing(path: string): string {
  let at = path;
  while (!existsSync(at) && dirname(at) !== at && at !== '.') at = dirname(at);
  return existsSync(at) && at !== '.' ? at : path;
}
