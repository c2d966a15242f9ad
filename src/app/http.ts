import type { IncomingMessage, ServerResponse } from 'node:http';
import { layout, PAGE_HEADERS, type PageView } from './pages/layout.ts';

/** Bytes of a form that are read. */
const MAX_FORM = 1024 * 1024;

export type Answer =
  | { kind: 'page'; status: number; view: PageView }
  /** 303: whatever the browser sent, it asks for the next page with GET. */
  | { kind: 'redirect'; to: string }
  /** The handler writes the response itself. */
  | { kind: 'stream'; write(response: ServerResponse): void };

export function page(status: number, view: PageView): Answer {
  return { kind: 'page', status, view };
}

export function redirect(to: string): Answer {
  return { kind: 'redirect', to };
}

export function send(response: ServerResponse, answer: Answer, isHead: boolean): void {
  if (answer.kind === 'stream') return answer.write(response);
  if (answer.kind === 'redirect') {
    response.writeHead(303, { Location: answer.to, 'Cache-Control': 'no-store' }).end();
    return;
  }
  const body = Buffer.from(layout(answer.view));
  response.writeHead(answer.status, {
    ...PAGE_HEADERS,
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Length': body.length,
  });
  response.end(isHead ? undefined : body);
}

/** A form as browsers send it; undefined when it is too large or something else. */
export async function readForm(request: IncomingMessage): Promise<URLSearchParams | undefined> {
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/x-www-form-urlencoded\b/i.test(type)) return undefined;
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_FORM) return undefined;
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}
