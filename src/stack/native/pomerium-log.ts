import { parseRecord } from '../../json.ts';
import type { Log } from '../../net/log.ts';

/** What Pomerium's log says about itself, beside being kept. */
export interface PomeriumLog {
  log: Log;
  /** Its last words before an end of its own: the reason of a fatal error. */
  readonly lastWords: string | undefined;
  /** Why it does not take the configuration over; undefined when it did. */
  readonly refusal: string | undefined;
  /** Resolves when the log says that a changed configuration was read, at the latest after `patience` milliseconds. */
  untilReread(patience: number): Promise<void>;
}

/** Pomerium v0.33.1 writes both lines on its way through a changed file; the refusal follows within milliseconds. */
const REREAD = 'config: file updated, reconfiguring...';
const REFUSED = 'config: error updating config';
/** Milliseconds between reading a file and refusing it; config/config_source.go has nothing to say about success. */
const SECOND_THOUGHTS = 250;

/** Takes the lines of a process apart: Pomerium and Envoy write one JSON object each. */
export function createPomeriumLog(log: Log): PomeriumLog {
  let lastWords: string | undefined;
  let refusal: string | undefined;
  const waiting = new Set<() => void>();
  const take = (fields: Record<string, unknown>): void => {
    const error = fields['error'];
    const { message } = fields;
    const reason = [error, message].find((text) => typeof text === 'string' && text !== '');
    if (fields['level'] === 'fatal' && typeof reason === 'string') lastWords = reason;
    if (message === REFUSED) refusal = typeof error === 'string' ? error : REFUSED;
    if (message !== REREAD) return;
    refusal = undefined;
    for (const resolve of waiting) resolve();
    waiting.clear();
  };
  return {
    log: (entry) => {
      const fields = entry['stream'] === undefined ? undefined : parseObject(entry.message);
      if (fields) take(fields);
      // Pomerium's own time and level stand in its line.
      log(fields ? { level: 'info', message: '', ...fields } : entry);
    },
    get lastWords() {
      return lastWords;
    },
    get refusal() {
      return refusal;
    },
    untilReread: async (patience) => {
      const reread = new Promise<void>((resolve) => void waiting.add(resolve));
      await Promise.race([reread, sleep(patience)]);
      await sleep(SECOND_THOUGHTS);
    },
  };
}

function parseObject(line: unknown): Record<string, unknown> | undefined {
  return typeof line === 'string' && line.startsWith('{') ? parseRecord(line) : undefined;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms).unref());
}
