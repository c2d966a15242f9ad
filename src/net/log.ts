/** One line of a service's log; written as JSON by whoever starts the service. */
export interface LogEntry {
  level: 'debug' | 'info' | 'warn' | 'error';
  message: string;
  [field: string]: unknown;
}

export type Log = (entry: LogEntry) => void;

export interface LineLog {
  readonly log: Log;
  /** Writes what waits, at once. */
  readonly flush: () => void;
}

/** Milliseconds that a line may wait, and how many may. */
const DELAY = 25;
const HELD_AT_MOST = 512;

/**
 * JSON lines, each with its `time`, made and written together: a write for each line would cost a request more than its policy does.
 * Entries must not be changed once they are logged. What waits when a process ends is written by `flush` alone.
 */
export function lineLog(write: (text: string) => void, now: () => number): LineLog {
  let waiting: { at: number; entry: LogEntry }[] = [];
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (waiting.length === 0) return;
    const lines = waiting;
    waiting = [];
    let text = '';
    for (const { at, entry } of lines) text += lineOf(at, entry);
    write(text);
  };
  return {
    log(entry) {
      waiting.push({ at: now(), entry });
      if (waiting.length >= HELD_AT_MOST) flush();
      else timer ??= setTimeout(flush, DELAY);
    },
    flush,
  };
}

let lastTime = Number.NaN;
let lastText = '';

function lineOf(at: number, entry: LogEntry): string {
  if (at !== lastTime) {
    lastTime = at;
    lastText = new Date(at).toISOString();
  }
  // Spliced in rather than spread: a copy of the entry would cost as much as its text.
  return `{"time":"${lastText}",${JSON.stringify(entry).slice(1)}\n`;
}
