import { randomBytes } from 'node:crypto';
import { constants, copyFile, link, lstat, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CliError } from '../errors.ts';
import { systemError } from '../system-error.ts';
import { isProject } from './find.ts';

/** A file to be placed: a text, or something that is made by its own function at a given path. */
export type NewFile = { path: string; mode: number } & (
  | { content: string }
  | { make: (file: string) => Promise<void> }
);

export type Target =
  | { kind: 'missing' | 'empty' | 'project' }
  | { kind: 'occupied'; entries: string[] }
  | { kind: 'file' };

/** What a fresh repository or an editor leaves in a folder before there is anything in it. */
const HARMLESS = /^(\.git|\.idea|\.vscode|\.DS_Store|Thumbs\.db|LICENSE(\.\w+)?|\.mcpgw-[0-9a-f]+\.tmp)$/;

/** What stands at the path of a new project. */
export async function inspectTarget(folder: string): Promise<Target> {
  const stats = await lstat(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    if (error.code === 'ENOTDIR') return 'file' as const;
    throw systemError(error) ?? error;
  });
  if (stats === undefined) return { kind: 'missing' };
  if (stats === 'file') return { kind: 'file' };
  const entries = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOTDIR') return undefined;
    throw systemError(error) ?? error;
  });
  if (entries === undefined) return { kind: 'file' };
  if (await isProject(folder)) return { kind: 'project' };
  const others = entries.filter((entry) => !HARMLESS.test(entry));
  return others.length === 0 ? { kind: 'empty' } : { kind: 'occupied', entries: others.sort() };
}

/** Milliseconds. */
const LEFTOVER_AGE = 60_000;

/**
 * Places files so that a reader finds all of them or none: they are prepared beside their place and moved at the end, and
 * never over a file that is there. A new folder appears in one step.
 */
export async function placeFiles(folder: string, files: readonly NewFile[], signal: AbortSignal): Promise<void> {
  const isNew = (await lstat(folder).catch(() => undefined)) === undefined;
  const place = isNew ? dirname(folder) : folder;
  const prefix = isNew ? `.${basename(folder)}.` : '.mcpgw-';
  const staging = join(place, `${prefix}${randomBytes(4).toString('hex')}.tmp`);
  try {
    await mkdir(place, { recursive: true });
    await removeLeftovers(place, prefix);
    await mkdir(staging);
    for (const file of files) await prepare(staging, file);
    signal.throwIfAborted();
    if (isNew) await moveFolder(staging, folder);
    else await moveFiles(staging, folder, files);
  } catch (error) {
    throw systemError(error) ?? error;
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** A run that was killed leaves its folder, with secrets in it. A young one may belong to a run that is still at work. */
async function removeLeftovers(place: string, prefix: string): Promise<void> {
  const names = await readdir(place).catch(() => []);
  for (const name of names) {
    if (!name.startsWith(prefix) || !/^[0-9a-f]{8}\.tmp$/.test(name.slice(prefix.length))) continue;
    const { mtimeMs } = await lstat(join(place, name)).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > LEFTOVER_AGE) await rm(join(place, name), { recursive: true, force: true });
  }
}

async function prepare(staging: string, file: NewFile): Promise<void> {
  const path = join(staging, file.path);
  await mkdir(dirname(path), { recursive: true });
  if ('make' in file) return file.make(path);
  const handle = await open(path, 'wx', file.mode);
  try {
    await handle.writeFile(file.content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function moveFolder(staging: string, folder: string): Promise<void> {
  try {
    await rename(staging, folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'ENOTDIR') throw takenMeanwhile(folder);
    throw error;
  }
}

/** The compose file goes last: it is what makes the folder a project. */
async function moveFiles(staging: string, folder: string, files: readonly NewFile[]): Promise<void> {
  const isCompose = (file: NewFile): number => Number(file.path === 'docker-compose.yaml');
  const placed: string[] = [];
  try {
    for (const { path } of [...files].sort((a, b) => isCompose(a) - isCompose(b))) {
      const target = join(folder, path);
      await mkdir(dirname(target), { recursive: true });
      await moveExclusively(join(staging, path), target);
      placed.push(target);
    }
  } catch (error) {
    await Promise.all(placed.map((file) => rm(file, { force: true })));
    throw (error as NodeJS.ErrnoException).code === 'EEXIST' ? takenMeanwhile(folder) : error;
  }
}

async function moveExclusively(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    // File systems without hard links: exFAT, some shares of virtual machines.
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(code)) throw error;
    await copyFile(from, to, constants.COPYFILE_EXCL);
  }
}

function takenMeanwhile(folder: string): CliError {
  return new CliError({
    code: 'FOLDER_TAKEN',
    message: `${folder} was filled by somebody else in the meantime`,
    why: 'another create was faster; nothing of it was touched',
    fix: `ls -la ${folder}`,
  });
}
