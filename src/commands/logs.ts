import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ctx } from '../context.ts';
import { CliError, usage } from '../errors.ts';
import { nearest } from '../nearest.ts';
import { openEngine, requireProjectOrTraces } from '../stack/index.ts';
import type { LogLine } from '../stack/logs/log-line.ts';
import type { LogReader } from '../stack/logs/log-reader.ts';
import type { LogSource } from '../stack/logs/log-source.ts';
import { styleFor } from '../ui/colour.ts';
import { LogFormatter } from '../ui/screens/logs.ts';

export interface LogsOptions {
  services?: string[];
  follow?: boolean;
  since?: string;
  tail?: number;
  /** Only who called what. */
  access?: boolean;
}

const DEFAULT_TAIL = 200;
const POLL_MS = 150;
/** Lines in the files for one on the screen, at most about: a sign-in and its probes are told in few. */
const LINES_EACH = 20;
/** Looks after which a request that has not ended is told as open. */
const PATIENCE = 10;

/** Prints the logs, merged by time. The lines are the result, so they go to stdout as they come. */
export async function run(ctx: Ctx, options: LogsOptions): Promise<void> {
  const since = options.since === undefined ? undefined : parseSince(options.since, ctx.now());
  const engine = await openEngine(await requireProjectOrTraces(ctx.cwd), undefined, ctx);
  const services = options.services ?? [];
  const source = engine.logs();
  if (!options.follow) await assertKnown(services, source);
  const reader = source.open(services);
  const printer = createPrinter(ctx, options.access === true);
  const tail = options.tail ?? (since === undefined ? DEFAULT_TAIL : Infinity);
  // Several lines may become one, and probes none: the newest are counted as they are shown.
  const read = ctx.json ? tail : tail * LINES_EACH;
  try {
    await printer.print(await reader.recent({ tail: read, ...(since === undefined ? {} : { since }) }), tail);
    await printer.printOpen();
    if ((await source.services()).length === 0) ctx.note('nothing has run here yet; mcpgw up starts it');
    if (options.follow) await follow(ctx, reader, printer);
  } finally {
    reader.close();
  }
}

async function follow(ctx: Ctx, reader: LogReader, printer: Printer): Promise<void> {
  for (let quiet = 0; !ctx.signal.aborted; quiet += 1) {
    // Ctrl+C is the way to end this; it is no failure.
    await sleep(POLL_MS, undefined, { signal: ctx.signal }).catch(() => undefined);
    const lines = await reader.fresh();
    if (lines.length > 0) quiet = 0;
    await printer.print(lines);
    if (quiet === PATIENCE) await printer.printOpen();
  }
}

interface Printer {
  /** At most `tail` lines of text, the newest. */
  print(lines: readonly LogLine[], tail?: number): Promise<void>;
  printOpen(): Promise<void>;
}

function createPrinter(ctx: Ctx, accessOnly: boolean): Printer {
  const formatter = new LogFormatter(styleFor(ctx.stdout, ctx.env), accessOnly);
  const write = async (texts: readonly string[]): Promise<void> => {
    if (texts.length === 0) return;
    // A slow reader is waited for; nothing piles up here.
    if (!ctx.stdout.write(`${texts.join('\n')}\n`))
      await once(ctx.stdout, 'drain', { signal: ctx.signal }).catch(() => undefined);
  };
  return {
    print: async (lines, tail = Infinity) => {
      if (ctx.json)
        return write(lines.map(({ raw, fields, time }) => (fields ? raw : JSON.stringify({ time, message: raw }))));
      const texts = lines.flatMap((line) => formatter.format(line) ?? []);
      return write(texts.slice(Math.max(0, texts.length - tail)));
    },
    printOpen: async () => write(ctx.json ? [] : formatter.waiting()),
  };
}

async function assertKnown(services: readonly string[], source: LogSource): Promise<void> {
  if (services.length === 0) return;
  const known = await source.services();
  const unknown = services.find((service) => !known.includes(service));
  if (unknown === undefined) return;
  const close = nearest(unknown, known);
  throw new CliError({
    code: 'NO_SUCH_LOG',
    message: `there is no log of \`${unknown}\``,
    why: known.length > 0 ? `there are logs of ${known.toSorted().join(', ')}` : 'nothing has run here yet',
    fix: known.length > 0 ? `mcpgw logs ${close ?? known[0] ?? ''}` : 'mcpgw up',
  });
}

const UNITS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `30s`, `10m`, `2h`, `7d`, or anything that is a date; as ISO 8601. */
function parseSince(value: string, now: number): string {
  const match = /^(\d+)([smhd])$/.exec(value.trim());
  const time = match ? now - Number(match[1]) * (UNITS[match[2] ?? ''] ?? 0) : Date.parse(value);
  if (!Number.isFinite(time))
    throw usage(`--since: \`${value}\` is no time`, 'mcpgw logs --since 10m, or --since 2026-11-25T14:00');
  return new Date(time).toISOString();
}
