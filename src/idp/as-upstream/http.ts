import type { IncomingMessage } from 'node:http';

/** A request as the endpoints see it: read whole, so that a fault can look at it too. */
export interface Received {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  body: string;
  /** The body, when it is a form. */
  form: URLSearchParams;
}

export interface Answer {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** Bytes of a request that are read; nothing here needs more. */
const BODY_LIMIT = 256 * 1024;

/** Undefined: the body is too long. */
export async function receive(request: IncomingMessage): Promise<Received | undefined> {
  const url = new URL(request.url ?? '/', 'http://here');
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > BODY_LIMIT) return undefined;
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks).toString('utf8');
  const isForm = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true;
  return {
    method: request.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers: request.headers,
    body,
    form: new URLSearchParams(isForm ? body : ''),
  };
}

/** Tokens and errors must not be kept by anybody (RFC 6749 §5.1). */
export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
    body: JSON.stringify(value),
  };
}

export function html(status: number, body: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { 'content-type': 'text/html; charset=utf-8', ...headers }, body };
}

export function redirect(location: string): Answer {
  return { status: 302, headers: { location, 'cache-control': 'no-store' }, body: '' };
}

/** RFC 6749 §5.2; also the shape of the errors of registration and of the resource. */
export function oauthError(status: number, error: string, description: string): Answer {
  return json(status, { error, error_description: description });
}

/** The credential after `scheme`, whatever the case of the scheme (RFC 9110 §11.1). */
export function credentialOf({ headers }: Received, scheme: 'Bearer' | 'Basic'): string | undefined {
  const [given, value] = (headers.authorization ?? '').split(' ', 2);
  return given?.toLowerCase() === scheme.toLowerCase() ? value : undefined;
}
