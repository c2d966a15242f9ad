import type { Log } from '../net/log.ts';
import type { Problem } from '../pomerium/model.ts';
import { watchFiles } from '../watch-files.ts';
import { place } from './config-error.ts';

/** What came of reading a configuration and putting it in force. */
export interface Attempt {
  /** Every file that was looked at, with its text as read; undefined: whatever stands there now. */
  files: ReadonlyMap<string, string | undefined>;
  /** The runtime flag `config_hot_reload`; undefined when the configuration could not be read. */
  isHot: boolean | undefined;
  /** Why it is not in force, as fields of a log line; undefined: it is. */
  failure?: Failure;
}

/** `error`: in Pomerium's words where it would refuse too. */
export type Failure = Readonly<Record<string, string>> & { readonly error: string };

export interface HotReload {
  /** Reads everything again, whether or not anything changed. */
  reload(): Promise<void>;
  close(): void;
}

/**
 * Keeps a running gateway in step with its files. `attempt` puts a configuration in force as a whole or leaves the old one; it is never
 * called twice at once. The lines are those of Pomerium v0.33.1 config/config_source.go, which calls a configuration loaded either way.
 */
export function hotReload(log: Log, first: Attempt, attempt: () => Promise<Attempt>): HotReload {
  let isHot = first.isHot ?? true;
  let last: Attempt = first;
  let running: Promise<void> = Promise.resolve();

  const run = async (message: string): Promise<void> => {
    log({ level: 'info', message });
    const result = await attempt().catch((error: unknown): Attempt => ({ ...last, failure: errorFailure(error) }));
    if (result.failure) {
      const note = 'the configuration before it stays in force';
      log({ level: 'error', message: 'config: error updating config', ...result.failure, note });
    }
    log({ level: 'info', message: 'config: loaded configuration' });
    follow(result);
  };
  const next = (message: string): Promise<void> => {
    running = running.then(() => run(message));
    return running;
  };
  const watch = watchFiles(() => next('config: file updated, reconfiguring...'));
  const follow = (result: Attempt): void => {
    last = { files: result.files, isHot: undefined };
    isHot = result.isHot ?? isHot;
    watch.watch(isHot ? result.files : new Map());
  };
  if (!isHot) log({ level: 'info', message: 'hot reload disabled' });
  follow(first);
  return { reload: () => next('config: received SIGHUP, reloading config'), close: () => watch.close() };
}

/** The first problem that keeps a configuration from being used. */
export function problemFailure(problems: readonly Problem[], file: string): Failure | undefined {
  const first = problems.find(({ severity }) => severity === 'error');
  if (!first) return undefined;
  const here = place(first, file);
  return {
    error: first.pomerium ?? here,
    ...(first.pomerium === undefined ? {} : { problem: here }),
    ...(first.fix === undefined ? {} : { fix: first.fix }),
  };
}

export function errorFailure(error: unknown): Failure {
  return { error: error instanceof Error ? error.message : String(error) };
}
