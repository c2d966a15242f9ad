import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, '../../fixtures/mcp-servers-live');

export interface Recording {
  name: string;
  /** What the recorded assertion said before its signature was cut off. */
  assertion?: { header: Record<string, string>; claims: Record<string, unknown> };
  request: { head: string; body: Buffer };
  reply: Reply;
}

export interface Reply {
  status: number;
  /** Media type without parameters; empty when there is no body. */
  type: string;
  headers: Headers;
  body: string;
}

export function loadRecordings(): Recording[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.http'))
    .map((file) => parseRecording(file.replace('.http', ''), readFileSync(join(FOLDER, file), 'utf8')));
}

function parseRecording(name: string, text: string): Recording {
  const [notes, rest] = split(text, '>>> request\n');
  const [request, answer] = split(rest, '\n<<< response\n');
  const [head, body] = split(request, '\n\n');
  const header = /^# assertion header (.*)$/m.exec(notes)?.[1];
  const claims = /^# assertion claims (.*)$/m.exec(notes)?.[1];
  return {
    name,
    assertion: header && claims ? { header: JSON.parse(header), claims: JSON.parse(claims) } : undefined,
    request: { head, body: Buffer.from(body.replace(/\n$/, '')) },
    reply: parseReply((answer.split(/^=== /m, 1)[0] ?? '').replaceAll('\n', '\r\n'), false),
  };
}

/** Sends a recorded request byte for byte, but for the Host, the length and what `change` does to its head. */
export async function replay(recording: Recording, port: number, change: (head: string) => string): Promise<Reply> {
  const { head, body } = recording.request;
  const lines = change(head)
    .replace(/^Host: (127\.0\.0\.1:7080|\[::1\]:7080)$/m, `Host: 127.0.0.1:${port}`)
    .replace(/^Content-Length: .*$/m, `Content-Length: ${body.length}`)
    .replace(/^Connection: .*\n/m, '');
  const http10 = lines.split('\n', 1)[0]?.endsWith('HTTP/1.0') === true;
  // A chunked body was recorded with its chunks; only its last line end is missing.
  const sent = /^Transfer-Encoding: chunked$/m.test(lines) ? Buffer.concat([body, Buffer.from('\r\n\r\n')]) : body;
  const bytes = Buffer.concat([
    Buffer.from(`${lines}${http10 ? '' : '\nConnection: close'}\n\n`.replaceAll('\n', '\r\n')),
    sent,
  ]);
  return parseReply(await exchange(port, bytes), true);
}

async function exchange(port: number, bytes: Buffer): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const chunks: Buffer[] = [];
  const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.setTimeout(10_000, () => socket.destroy(new Error(`no answer to ${bytes.toString('latin1').slice(0, 60)}`)));
  socket.once('error', reject).once('close', () => resolve(Buffer.concat(chunks).toString('utf8')));
  return promise;
}

function parseReply(text: string, chunked: boolean): Reply {
  const final = text.replace(/^HTTP\/1\.1 100 Continue\r\n\r\n/, '');
  const [head, body] = split(final, '\r\n\r\n');
  const [statusLine = '', ...lines] = head.split('\r\n');
  const headers = new Headers(
    lines
      .filter((line) => line !== '')
      .map((line): [string, string] => [line.split(':', 1)[0] ?? '', line.slice(line.indexOf(':') + 1).trim()]),
  );
  return {
    status: Number(statusLine.split(' ')[1]),
    type: headers.get('content-type')?.split(';')[0]?.trim() ?? '',
    headers,
    body: chunked && headers.get('transfer-encoding') === 'chunked' ? unchunk(body) : body,
  };
}

function unchunk(body: string): string {
  let bytes = Buffer.from(body, 'utf8');
  let text = '';
  for (;;) {
    const end = bytes.indexOf('\r\n');
    const size = Number.parseInt(bytes.subarray(0, end).toString(), 16);
    if (!(size > 0)) return text;
    text += bytes.subarray(end + 2, end + 2 + size).toString('utf8');
    bytes = bytes.subarray(end + 4 + size);
  }
}

function split(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + mark.length)];
}

/** The JSON-RPC messages of an answer, ordered by id; a tool's JSON text is parsed, so that blanks and key order do not count. */
export function messagesOf({ type, body }: Reply): unknown[] {
  const texts =
    type === 'text/event-stream' ? [...body.matchAll(/^data: (.*?)\r?$/gm)].map((match) => match[1] ?? '') : [body];
  if (body === '' || (type !== 'text/event-stream' && type !== 'application/json')) return [];
  return texts
    .map((text) => normalise(JSON.parse(text)))
    .toSorted((a, b) => String(a['id']).localeCompare(String(b['id']), 'en', { numeric: true }));
}

function normalise(message: Record<string, unknown>): Record<string, unknown> {
  const content = (message['result'] as { content?: { text: string }[] } | undefined)?.content;
  for (const item of content ?? []) {
    try {
      item.text = JSON.parse(item.text);
    } catch {
      // Plain text.
    }
  }
  return message;
}

/** One line that tells answers apart: what the table of differences is written in. */
export function summaryOf(reply: Reply): string {
  const said = messagesOf(reply).map((message) => {
    const { error, result } = message as {
      error?: { code: number; message: string };
      result?: Record<string, unknown>;
    };
    if (error) return `${error.code} ${error.message}`;
    const content = result?.['content'] as { text: unknown }[] | undefined;
    const text = content
      ?.map((item) => (typeof item.text === 'string' ? item.text : JSON.stringify(item.text)))
      .join(' | ');
    return content ? `${result?.['isError'] ? 'isError ' : ''}${text}` : JSON.stringify(result);
  });
  return [reply.status, reply.type, ...said].filter((part) => part !== '').join(' ');
}
