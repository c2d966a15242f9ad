import { hash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';

/** Milliseconds between two looks, as Pomerium has it (v0.33.1 internal/fileutil/watcher.go): notices of the system miss mounted folders. */
const INTERVAL = 200;
/** Milliseconds without a change until it counts as over: several saves make one. */
const SETTLED = 60;
/** Milliseconds after which it is told although the files still change. */
const PATIENCE = 2_000;
/** Looks a second at single files that are worth their time. */
const FILES_PER_LOOK = 100;

interface Watched {
  /** Identity, size and times; changes with every write, rename or switch of a symbolic link. */
  signature: string;
  /** Of the text; empty: there is none. */
  digest: string;
}

export interface FileWatch {
  /** Replaces the files that are watched: by path the text that was read, or undefined where only the file on disk counts. */
  watch(files: ReadonlyMap<string, string | undefined>): void;
  close(): void;
}

/**
 * Tells when the texts of files become others, however they were written: in place, by a rename, by a symbolic link that leads elsewhere.
 * A file that goes or comes counts too. `onChange` is not called again before it has settled.
 */
export function watchFiles(onChange: () => Promise<void> | void): FileWatch {
  let files = new Map<string, Watched>();
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  /** When the first change was seen that has not been told. */
  let since: number | undefined;

  const look = async (): Promise<void> => {
    const moved = await findMoved(files);
    const now = performance.now();
    if (moved) since ??= now;
    if (since !== undefined && (!moved || now - since > PATIENCE) && !closed) {
      since = undefined;
      await onChange();
    }
    if (!closed) plan(since === undefined ? Math.max(INTERVAL, (files.size / FILES_PER_LOOK) * INTERVAL) : SETTLED);
  };
  const plan = (delay: number): void => {
    timer = setTimeout(() => void look(), delay);
  };
  plan(INTERVAL);

  return {
    watch(texts) {
      const next = [...texts].map(([file, text]): [string, Watched] => {
        const known = files.get(file);
        const digest = text === undefined ? known?.digest : digestOf(text);
        return [file, { signature: known?.signature ?? '', digest: digest ?? UNSEEN }];
      });
      files = new Map(next);
    },
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}

/** Not looked at yet: the first look tells nothing. */
const UNSEEN = 'unseen';

/** Whether the text of any file is another than at the last look. */
async function findMoved(files: ReadonlyMap<string, Watched>): Promise<boolean> {
  let moved = false;
  for (const [file, watched] of files) {
    const signature = await signatureOf(file);
    if (signature === watched.signature) continue;
    watched.signature = signature;
    const digest = await readFile(file, 'utf8').then(digestOf, () => '');
    moved ||= watched.digest !== UNSEEN && watched.digest !== digest;
    watched.digest = digest;
  }
  return moved;
}

async function signatureOf(file: string): Promise<string> {
  const found = await stat(file, { bigint: true }).catch(() => undefined);
  return found ? `${found.dev}:${found.ino}:${found.size}:${found.mtimeNs}:${found.ctimeNs}` : 'none';
}

/** An empty file is as good as none. */
function digestOf(text: string): string {
  return text === '' ? '' : hash('sha256', text);
}
