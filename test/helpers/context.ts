import { PassThrough } from 'node:stream';
import type { Ctx } from '../../src/context.ts';

export interface TestContextOptions {
  cwd?: string;
  env?: Record<string, string | undefined>;
  interactive?: boolean;
  json?: boolean;
  verbose?: boolean;
  /** What the prompts answer, in order; a prompt beyond the last one fails the test. */
  answers?: unknown[];
  signal?: AbortSignal;
  now?: () => number;
  stdin?: string;
  openUrl?: (url: string) => Promise<boolean>;
}

export interface TestContext extends Ctx {
  /** What was written so far. */
  readonly out: () => string;
  readonly err: () => string;
  /** Steps as `name: ✓ text`. */
  readonly steps: string[];
  readonly opened: string[];
}

/** A context whose every door ends in memory. */
export function testContext(options: TestContextOptions = {}): TestContext {
  const stdout = collect();
  const stderr = collect();
  const stdin = new PassThrough();
  stdin.end(options.stdin ?? '');
  const answers = [...(options.answers ?? [])];
  const steps: string[] = [];
  const opened: string[] = [];
  const answer = async <T>(): Promise<T> => {
    if (answers.length === 0) throw new Error('a prompt came up that the test did not expect');
    return answers.shift() as T;
  };
  return {
    cwd: options.cwd ?? process.cwd(),
    env: options.env ?? {},
    stdin,
    stdout: stdout.stream,
    stderr: stderr.stream,
    now: options.now ?? Date.now,
    signal: options.signal ?? new AbortController().signal,
    program: [process.execPath, 'src/start.ts'],
    interactive: options.interactive ?? false,
    json: options.json ?? false,
    verbose: options.verbose ?? false,
    prompt: { input: answer, password: answer, select: answer, checkbox: answer, confirm: answer },
    openUrl: async (url) => {
      opened.push(url);
      return options.openUrl ? options.openUrl(url) : false;
    },
    progress: {
      step: (name) => ({
        detail: () => undefined,
        done: (text) => void steps.push(`${name}: ✓ ${text}`),
        warn: (text) => void steps.push(`${name}: ! ${text}`),
        fail: (text) => void steps.push(`${name}: ✗ ${text}`),
      }),
    },
    note: (line) => void stderr.stream.write(`${line}\n`),
    out: stdout.text,
    err: stderr.text,
    steps,
    opened,
  };
}

function collect(): { stream: PassThrough; text: () => string } {
  const stream = new PassThrough();
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return { stream, text: () => Buffer.concat(chunks).toString('utf8') };
}
