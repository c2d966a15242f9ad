import { open, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { mergeByTime, parseLines, type LogLine } from './log-line.ts';
import { LOG_LIMITS } from './rotating-log.ts';

const SUFFIX = '.log';

export interface RecentOptions {
  /** At most so many lines, the newest. */
  tail: number;
  /** ISO 8601; older lines are left out. */
  since?: string;
}

export interface LogReader {
  recent(options: RecentOptions): Promise<LogLine[]>;
  /** What was written since the last call of either; survives rotation, new services and a folder made anew. */
  fresh(): Promise<LogLine[]>;
  /** Ends what is held open. */
  close(): void;
}

/** How far a file was read. */
interface Mark {
  inode: number;
  position: number;
  time: string;
}

/** Names of the services that have a log in the folder. */
export async function servicesWithLogs(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException): string[] => {
    // No folder means that nothing has run yet; one that may not be read must not look like that.
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw error;
  });
  return names.filter((name) => name.endsWith(SUFFIX)).map((name) => name.slice(0, -SUFFIX.length));
}

/** Reads the logs of a folder, merged by time. An empty list of services means all, also those that come later. */
export function openLogReader(folder: string, services: readonly string[]): LogReader {
  const marks = new Map<string, Mark>();
  const wanted = async (): Promise<string[]> => (services.length > 0 ? [...services] : servicesWithLogs(folder));
  return {
    close: () => undefined,
    recent: async ({ tail, since }) => {
      const lists = await Promise.all(
        (await wanted()).map(async (service) => {
          const { lines, mark } = await readNewest(join(folder, `${service}${SUFFIX}`), service, tail, since);
          if (mark) marks.set(service, mark);
          return lines;
        }),
      );
      const merged = mergeByTime(lists).filter((line) => since === undefined || line.time >= since);
      return tail === 0 ? [] : merged.slice(-tail);
    },
    fresh: async () =>
      mergeByTime(
        await Promise.all(
          (await wanted()).map(async (service) => {
            const file = join(folder, `${service}${SUFFIX}`);
            const { lines, mark } = await readFurther(file, service, marks.get(service));
            if (mark) marks.set(service, mark);
            return lines;
          }),
        ),
      ),
  };
}

/** Goes from the newest file back to older ones, only as far as needed. */
async function readNewest(
  file: string,
  service: string,
  tail: number,
  since: string | undefined,
): Promise<{ lines: LogLine[]; mark?: Mark }> {
  let lines: LogLine[] = [];
  let mark: Mark | undefined;
  for (let i = 0; i < LOG_LIMITS.files; i++) {
    const name = i === 0 ? file : `${file}.${i}`;
    const found = await stat(name).catch(() => undefined);
    if (!found) continue;
    const text = await readFile(name, 'utf8').catch(() => '');
    lines = [...parseLines(text, service, found.mtime.toISOString()), ...lines];
    if (i === 0) mark = { inode: found.ino, position: Buffer.byteLength(text), time: lines.at(-1)?.time ?? '' };
    const oldest = lines[0]?.time;
    if (lines.length >= tail || (since !== undefined && oldest !== undefined && oldest < since)) break;
  }
  return { lines, ...(mark ? { mark } : {}) };
}

async function readFurther(
  file: string,
  service: string,
  mark: Mark | undefined,
): Promise<{ lines: LogLine[]; mark?: Mark }> {
  const found = await stat(file).catch(() => undefined);
  if (!found) return { lines: [] };
  const before = mark ?? { inode: found.ino, position: 0, time: new Date(0).toISOString() };
  let text = '';
  let position = before.position;
  if (found.ino !== before.inode) {
    // Rotated in between: what was added to the old file after the last look stands under its new name.
    const old = await stat(`${file}.1`).catch(() => undefined);
    if (old?.ino === before.inode) text += (await readFrom(`${file}.1`, position)).toString('utf8');
    position = 0;
  } else if (found.size < position) position = 0;
  const bytes = await readFrom(file, position);
  const whole = bytes.lastIndexOf(0x0a) + 1;
  text += bytes.toString('utf8', 0, whole);
  const lines = parseLines(text, service, before.time);
  // The rest is read again once its line is complete, so no character is ever cut in two.
  const next = { inode: found.ino, position: position + whole, time: lines.at(-1)?.time ?? before.time };
  return { lines, mark: next };
}

async function readFrom(file: string, position: number): Promise<Buffer> {
  const handle = await open(file, 'r').catch(() => undefined);
  if (!handle) return Buffer.alloc(0);
  try {
    const { size } = await handle.stat();
    const buffer = Buffer.alloc(Math.max(0, size - position));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, position);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
