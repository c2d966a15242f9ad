import { openLogReader } from './log-reader.ts';

const LINES = 10;

/** What a service said last, for an error message. */
export async function lastMessages(folder: string, service: string): Promise<string[]> {
  const lines = await openLogReader(folder, [service]).recent({ tail: LINES });
  return lines.map(({ fields, raw }) => (typeof fields?.['message'] === 'string' ? fields['message'] : raw));
}
