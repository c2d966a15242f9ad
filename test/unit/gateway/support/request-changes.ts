import type { Recording } from './recordings.ts';

/** What of a recorded request is replaced. */
export interface Changes {
  target?: string;
  /** By lower-case name; a header that the recording does not have stays away. Undefined or empty: left out. */
  headers?: Record<string, string | undefined>;
  body?: string;
}

export function changed({ request }: Recording, { target, headers = {}, body }: Changes): Buffer {
  const end = request.indexOf('\r\n\r\n');
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const all: Changes['headers'] = { ...headers, ...length };
  const [first = '', ...lines] = request.toString('latin1', 0, end).split('\r\n');
  const kept = lines.flatMap((line) => {
    const name = line.slice(0, line.indexOf(':'));
    if (!(name.toLowerCase() in all)) return [line];
    const value = all[name.toLowerCase()];
    return value === undefined || value === '' ? [] : [`${name}: ${value}`];
  });
  const start = target === undefined ? first : first.replace(/ \S+ /, () => ` ${target} `);
  const head = Buffer.from([start, ...kept, '', ''].join('\r\n'), 'latin1');
  return Buffer.concat([head, body === undefined ? request.subarray(end + 4) : Buffer.from(body)]);
}

/** The gateway's cookies in place of the recorded ones, among the others. */
export function withCookies(recorded: string, own: string): string {
  const parts = recorded.split('; ');
  const first = parts.findIndex((part) => part.startsWith('_pomerium'));
  const kept = parts.map((part, i) => (i === first ? own : part));
  return kept.filter((part, i) => part !== '' && (i === first || !part.startsWith('_pomerium'))).join('; ');
}
