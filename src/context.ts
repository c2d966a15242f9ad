import type { Readable, Writable } from 'node:stream';

/** What a prompt asks; `ask.ts` decides whether it is asked at all. */
export interface Prompt {
  /** `signal` ends the wait for an answer early, with its own reason. */
  input(
    question: { message: string; default?: string; validate?: (value: string) => true | string },
    signal?: AbortSignal,
  ): Promise<string>;
  /** An input that is not shown while it is typed. */
  password(question: { message: string; validate?: (value: string) => true | string }): Promise<string>;
  select<T extends string>(question: { message: string; choices: Choice<T>[]; default?: T }): Promise<T>;
  checkbox<T extends string>(question: { message: string; choices: Choice<T>[] }): Promise<T[]>;
  confirm(question: { message: string; default?: boolean }): Promise<boolean>;
}

export interface Choice<T extends string> {
  value: T;
  name: string;
  description?: string;
  checked?: boolean;
}

export interface OutputStream extends Writable {
  isTTY?: boolean;
  columns?: number;
}

/** The only door to the world: commands and what they call receive it and touch nothing else. */
export interface Ctx {
  /** Absolute path of the folder the command runs in. */
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
  stdin: Readable & { isTTY?: boolean };
  stdout: OutputStream;
  stderr: OutputStream;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Aborted on the first Ctrl+C, and by `--timeout`. */
  signal: AbortSignal;
  /** How to start this program again: `[execPath, ...args]` to put before a command's words. */
  program: readonly string[];
  /** True when questions may be asked: terminal on stdin and stderr, no CI, no --json, no --no-input. */
  interactive: boolean;
  json: boolean;
  verbose: boolean;
  prompt: Prompt;
  /** Opens a URL in the user's browser without a shell; false when no browser can be expected here. */
  openUrl(url: string): Promise<boolean>;
  /** Reports progress: one line a step on stderr. */
  progress: Progress;
  /** One line of talk on stderr. */
  note: (line: string) => void;
}

/** Long work, told as steps. A step that ends stays on the screen. */
export interface Progress {
  /** Starts a step; detail is shown only while it runs and only in a terminal. */
  step(name: string, detail?: string): Step;
}

export interface Step {
  detail(text: string): void;
  /** Ends the step well: `✓ name  text  12 ms`. */
  done(text: string): void;
  warn(text: string): void;
  /** Ends the step badly; the error itself is printed by main. */
  fail(text: string): void;
}
