import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, '../../fixtures/pomerium-live');

/** A recorded exchange with Pomerium v0.33.1. */
export interface Recording {
  method: string;
  host: string;
  target: string;
  requestHeaders: Record<string, string>;
  requestBody: string;
  status: number;
  /** Lower-case names; Set-Cookie lines are in `cookies`. */
  headers: Record<string, string>;
  cookies: string[];
  body: string;
  /** The data that an HTML page carries. */
  page?: Record<string, unknown>;
}

export function readRecording(name: string): Recording {
  const text = readFileSync(join(FOLDER, `${name}.http`), 'utf8');
  const [request = '', response = ''] = text.slice(text.indexOf('>>> request\n') + 12).split('\n<<< response\n');
  const sent = parse(request);
  const answer = parse(response);
  const [method = '', target = ''] = sent.first.split(' ');
  const requestHeaders = Object.fromEntries(sent.headers);
  const page = answer.body.startsWith('<!-- HTML page')
    ? (JSON.parse(answer.body.split('\n')[1] ?? '') as object)
    : undefined;
  return {
    method,
    host: requestHeaders['host'] ?? '',
    target,
    requestHeaders,
    requestBody: sent.body,
    status: Number(answer.first.split(' ')[1]),
    headers: Object.fromEntries(answer.headers),
    cookies: answer.headers.filter(([name]) => name === 'set-cookie').map(([, value]) => value),
    body: answer.body,
    ...(page ? { page: page as Record<string, unknown> } : {}),
  };
}

function parse(message: string): { first: string; headers: [string, string][]; body: string } {
  const end = message.indexOf('\n\n');
  const [first = '', ...lines] = (end === -1 ? message : message.slice(0, end)).split('\n');
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(': ');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 2)];
  });
  return { first, headers, body: end === -1 ? '' : message.slice(end + 2).replace(/\n+$/, '') };
}
