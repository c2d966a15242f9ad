import { randomBytes } from 'node:crypto';
import { open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CliError } from '../errors.ts';
import { systemError } from '../system-error.ts';

/** One text of a change that is made as a whole. */
export interface TextChange {
  /** Absolute. */
  file: string;
  /** As it was read; the file must still say so. Undefined: it must not be there. */
  before: string | undefined;
  /** Undefined: the file goes. */
  after: string | undefined;
  /** For a file with secrets; otherwise its mode stays. */
  mode?: number;
}

/**
 * Writes several files so that all of them change or none does: drafts are complete before the first file is touched, and a failure in
 * between brings back what was there. Throws FILE_CHANGED when somebody else has written to one meanwhile.
 */
export async function writeTogether(changes: readonly TextChange[]): Promise<void> {
  const wanted = changes.filter(({ before, after }) => before !== after);
  const drafts: Draft[] = [];
  try {
    for (const change of wanted) drafts.push(await makeDraft(change));
    for (const change of wanted) await assertUnchanged(change);
    await moveAll(drafts);
  } catch (error) {
    throw systemError(error) ?? error;
  } finally {
    const left = drafts.flatMap(({ draft, old }) => [draft, old]).filter((file) => file !== undefined);
    await Promise.all(left.map((file) => rm(file, { force: true })));
  }
}

interface Draft {
  /** Where it goes; a link's own target. */
  target: string;
  /** Absent for a file that goes. */
  draft?: string;
  /** A copy of what is there now; absent for a new file. */
  old?: string;
}

const USUAL_MODE = 0o644;

async function makeDraft({ file, before, after, mode }: TextChange): Promise<Draft> {
  const target = before === undefined ? file : await realpath(file);
  const kept = before === undefined ? USUAL_MODE : (await stat(target)).mode & 0o777;
  const prefix = join(dirname(target), `.${randomBytes(6).toString('hex')}`);
  const made: Draft = { target };
  try {
    if (after !== undefined) await write((made.draft = `${prefix}.new.tmp`), after, mode ?? kept);
    if (before !== undefined) await write((made.old = `${prefix}.old.tmp`), before, kept);
  } catch (error) {
    if (made.draft !== undefined) await rm(made.draft, { force: true });
    throw error;
  }
  return made;
}

async function write(file: string, content: string, mode: number): Promise<void> {
  const handle = await open(file, 'wx', mode);
  try {
    await handle.chmod(mode);
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function assertUnchanged({ file, before }: TextChange): Promise<void> {
  const now = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' && before === undefined) return undefined;
    throw error;
  });
  if (now === before) return;
  throw new CliError({
    code: 'FILE_CHANGED',
    message: `${basename(file)} was changed by somebody else in the meantime`,
    why: 'nothing was written',
    fix: 'run the command again',
  });
}

async function moveAll(drafts: readonly Draft[]): Promise<void> {
  const moved: Draft[] = [];
  try {
    for (const one of drafts) {
      await (one.draft === undefined ? rm(one.target) : rename(one.draft, one.target));
      moved.push(one);
    }
  } catch (error) {
    for (const { old, target } of moved.toReversed())
      await (old === undefined ? rm(target, { force: true }) : rename(old, target));
    throw error;
  }
}
