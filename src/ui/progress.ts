import type { OutputStream, Progress, Step } from '../context.ts';
import type { Style } from './style.ts';
import { padEnd, truncate } from './table.ts';

const NAME_WIDTH = 16;
const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 80;
/** A step that ends sooner shows no running line: it would only flicker. */
const QUIET_MS = 300;
/** Shorter times are noise on a step's line. */
const SHOWN_MS = 10;

export interface ProgressOptions {
  stream: OutputStream;
  style: Style;
  now: () => number;
  /** False: not one line (for --json and --quiet). */
  shown: boolean;
}

/** Progress on a stream: a line for each finished step, and in a terminal a moving line for the running one. */
export function createProgress(options: ProgressOptions): Progress {
  return { step: (name, detail) => startStep(options, name, detail) };
}

function startStep({ stream, style, now, shown }: ProgressOptions, name: string, initial?: string): Step {
  const startedAt = now();
  let detail = initial ?? '';
  let drawn = false;
  let ended = false;
  const label = padEnd(name, NAME_WIDTH);

  const erase = (): void => {
    if (drawn) stream.write('\r\u001b[2K');
    drawn = false;
  };
  const draw = (): void => {
    const elapsed = now() - startedAt;
    if (elapsed < QUIET_MS) return;
    const frame = FRAMES[Math.floor(elapsed / FRAME_MS) % FRAMES.length] ?? '';
    const text = truncate(`${frame} ${label}${detail}  ${formatDuration(elapsed)}`, style.width - 1);
    stream.write(`\r\u001b[2K${style.dim(text)}`);
    drawn = true;
  };
  const timer = shown && stream.isTTY ? setInterval(draw, FRAME_MS) : undefined;
  timer?.unref();

  const end = (mark: string, text: string): void => {
    if (ended) return;
    ended = true;
    clearInterval(timer);
    if (!shown) return;
    erase();
    const elapsed = now() - startedAt;
    const time = elapsed >= SHOWN_MS ? `  ${style.dim(formatDuration(elapsed))}` : '';
    stream.write(`${mark} ${label}${text}${time}\n`);
  };
  return {
    detail: (text) => {
      detail = text;
    },
    done: (text) => end(style.ok('✓'), text),
    warn: (text) => end(style.warn('!'), text),
    fail: (text) => end(style.bad('✗'), text),
  };
}

/** `12 ms`, `1.8 s`, `2 min 5 s`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}
