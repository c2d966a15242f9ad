import { mergeByTime } from '../logs/log-line.ts';
import type { LogReader, RecentOptions } from '../logs/log-reader.ts';
import type { LogSource } from '../logs/log-source.ts';
import type { Container } from './container.ts';
import type { DockerApi } from './docker-api.ts';
import { logLines } from './frames.ts';
import { fetchLog, toLogLine, type StampedLogLine } from './log-fetch.ts';

/** Milliseconds between looks for containers that came or were started again. */
const LOOK_AGAIN = 1_000;

export interface DockerLogOptions {
  api: () => Promise<DockerApi>;
  containers: () => Promise<Container[]>;
  /** Another name of a service: `gateway` for pomerium. */
  alias: (name: string) => string;
}

/** The logs as the Docker Engine keeps them, in the manner of the folder of the embedded engine. */
export function dockerLogs(options: DockerLogOptions): LogSource {
  return {
    services: async () => {
      const names = (await options.containers()).map(({ service }) => service);
      return names.some((name) => name === options.alias('gateway')) ? [...names, 'gateway'] : names;
    },
    open: (services) => new DockerLogReader(services.map(options.alias), options),
  };
}

class DockerLogReader implements LogReader {
  readonly #services: readonly string[];
  readonly #options: DockerLogOptions;
  readonly #abort = new AbortController();
  /** Stamp of the last line of each container. */
  readonly #marks = new Map<string, string>();
  readonly #followed = new Set<string>();
  #waiting: StampedLogLine[] = [];
  #lookedAt = 0;

  constructor(services: readonly string[], options: DockerLogOptions) {
    this.#services = services;
    this.#options = options;
  }

  async recent({ tail, since }: RecentOptions): Promise<StampedLogLine[]> {
    const api = await this.#options.api();
    const wanted = await this.#wanted();
    const query = {
      // At least one line of each, to know where following goes on.
      ...(since === undefined ? { tail: Math.max(1, tail) } : {}),
      ...(since === undefined ? {} : { since: seconds(since) }),
    };
    const lists = await Promise.all(wanted.map(async (container) => fetchLog(api, container, query)));
    for (const [i, { id }] of wanted.entries())
      this.#marks.set(id, lists[i]?.at(-1)?.stamp ?? (since ? stampOf(since) : ''));
    const merged = mergeByTime(lists) as StampedLogLine[];
    return tail === 0 ? [] : merged.slice(-tail);
  }

  async fresh(): Promise<StampedLogLine[]> {
    if (performance.now() - this.#lookedAt > LOOK_AGAIN) {
      this.#lookedAt = performance.now();
      const api = await this.#options.api();
      for (const container of await this.#wanted()) this.#follow(api, container);
    }
    const lines = mergeByTime([this.#waiting]) as StampedLogLine[];
    this.#waiting = [];
    return lines;
  }

  close(): void {
    this.#abort.abort();
  }

  async #wanted(): Promise<Container[]> {
    const all = await this.#options.containers();
    return all.filter(({ service }) => this.#services.length === 0 || this.#services.includes(service));
  }

  /** Takes lines as they come, until the container ends or nobody listens any more. */
  #follow(api: DockerApi, { id, service, state }: Container): void {
    if (state !== 'running' || this.#followed.has(id)) return;
    this.#followed.add(id);
    void this.#takeLines(api, id, service)
      // The engine went away, or the reader was closed: the next look tells.
      .catch(() => undefined)
      .finally(() => this.#followed.delete(id));
  }

  async #takeLines(api: DockerApi, id: string, service: string): Promise<void> {
    const mark = this.#marks.get(id) ?? '';
    const since = mark === '' ? {} : { since: seconds(mark) };
    const stream = await api.log(id, { follow: true, signal: this.#abort.signal, ...since });
    for await (const line of logLines(stream)) {
      const read = toLogLine(line, service);
      // `since` is at or after.
      if (read.stamp !== '' && read.stamp <= (this.#marks.get(id) ?? '')) continue;
      this.#marks.set(id, read.stamp);
      this.#waiting.push(read);
    }
  }
}

/** Milliseconds as nanoseconds, so that stamps can be compared as text. */
function stampOf(iso: string): string {
  return iso.replace(/(\.\d{3})Z$/, '$1000000Z');
}

/** Docker wants seconds; fractions are kept to the nanosecond. */
function seconds(iso: string): string {
  const fraction = /\.(\d+)Z$/.exec(iso)?.[1] ?? '0';
  return `${Math.floor(Date.parse(iso) / 1000)}.${fraction.padEnd(9, '0')}`;
}
