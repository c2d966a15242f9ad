import { appendFile, mkdir, rename, stat } from 'node:fs/promises';
import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Log } from '../../net/log.ts';

/** What a service keeps: `x.log`, `x.log.1`, `x.log.2`. */
export const LOG_LIMITS = { size: 5_000_000, files: 3 } as const;

/** Lines that wait for the disk; beyond it lines are dropped and counted rather than kept in memory. */
const MAX_PENDING = 4_000_000;
const FLUSH_MS = 25;

export interface LogLimits {
  /** Bytes of one file. */
  size: number;
  files: number;
}

/** A service's log: JSON lines, one an entry, written in batches so that no caller waits for the disk. */
export class RotatingLog {
  readonly #file: string;
  readonly #limits: LogLimits;
  #pending: string[] = [];
  #pendingSize = 0;
  #lost = 0;
  #size: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(file: string, limits: LogLimits = LOG_LIMITS) {
    this.#file = file;
    this.#limits = limits;
    mkdirSync(dirname(file), { recursive: true });
  }

  readonly log: Log = (entry) => {
    if (this.#pendingSize > MAX_PENDING) {
      this.#lost += 1;
      return;
    }
    const line = toLine(entry);
    this.#pending.push(line);
    this.#pendingSize += line.length;
    this.#timer ??= setTimeout(() => this.#flush(), FLUSH_MS);
  };

  /** Writes what is pending, at once: for the last words of a process. */
  flushNow(): void {
    appendFileSync(this.#file, this.#take(), { mode: 0o600 });
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#flush();
    await this.#writing;
  }

  #flush(): void {
    this.#timer = undefined;
    this.#writing = this.#writing.then(async () => this.#write());
  }

  async #write(): Promise<void> {
    const lines = this.#pending.length;
    const text = this.#take();
    if (text === '') return;
    const bytes = Buffer.byteLength(text);
    try {
      this.#size ??= await sizeOf(this.#file);
      if (this.#size > 0 && this.#size + bytes > this.#limits.size) {
        await rotate(this.#file, this.#limits.files);
        this.#size = 0;
      }
      await appendFile(this.#file, text, { mode: 0o600 });
      this.#size += bytes;
    } catch {
      // A full disk or a folder that is gone must not take the service down with it.
      this.#lost += lines;
      this.#size = undefined;
      // Only the folder itself: a project that was deleted must not come back.
      await mkdir(dirname(this.#file)).catch(() => undefined);
    }
  }

  #take(): string {
    if (this.#lost > 0) {
      const message = `lines lost because the log could not be written: ${this.#lost}`;
      this.#pending.push(toLine({ level: 'warn', message }));
      this.#lost = 0;
    }
    const text = this.#pending.join('');
    this.#pending = [];
    this.#pendingSize = 0;
    return text;
  }
}

function toLine(entry: Parameters<Log>[0]): string {
  return `${JSON.stringify({ time: new Date().toISOString(), ...entry })}\n`;
}

async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    (found) => found.size,
    () => 0,
  );
}

/** Moves `x.log` to `x.log.1` and so on; the oldest is overwritten. */
async function rotate(file: string, files: number): Promise<void> {
  for (let i = files - 1; i >= 1; i--) {
    await rename(i === 1 ? file : `${file}.${i - 1}`, `${file}.${i}`).catch(() => undefined);
  }
}
