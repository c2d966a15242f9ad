/** A request head that leaves no room for two readings. */
export interface PlainHead {
  method: string;
  target: string;
  /** Names and values in turn. */
  rawHeaders: string[];
  contentLength: number;
}

const REQUEST_LINE = /^(GET|POST|DELETE|HEAD|OPTIONS|PUT|PATCH) (\/[\x21-\x7e]*) HTTP\/1\.1$/;
/** The blanks around a value are cut by hand: an expression that knows them takes quadratic time on a line of blanks. */
const LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):([\t\x20-\x7e]*)$/;
const LENGTH = /^(?:0|[1-9]\d{0,14})$/;
/** What bears on framing or on the connection. */
const SENSITIVE = new Set([
  'host',
  'expect',
  'upgrade',
  'trailer',
  'connection',
  'keep-alive',
  'content-length',
  'http2-settings',
  'proxy-connection',
  'transfer-encoding',
]);
/** Their lengths: most names need not be put in lower case to see that they are none of these. */
const SENSITIVE_LENGTHS = new Set([...SENSITIVE].map((name) => name.length));

/**
 * Parses a head (without its empty line) of HTTP/1.1 as everyday clients write it. Undefined: something in it is rare, forbidden or
 * bears on framing in another way than one Content-Length. Such a request is for the complete parser, which knows what to make of it.
 */
export function parsePlainHead(text: string): PlainHead | undefined {
  const lines = text.split('\r\n');
  const start = REQUEST_LINE.exec(lines[0] ?? '');
  if (!start) return undefined;
  const rawHeaders: string[] = [];
  let hosts = 0;
  let contentLength = -1;
  for (let i = 1; i < lines.length; i++) {
    const line = LINE.exec(lines[i] ?? '');
    if (!line) return undefined;
    const name = line[1] ?? '';
    const value = trimBlanks(line[2] ?? '');
    rawHeaders.push(name, value);
    if (!SENSITIVE_LENGTHS.has(name.length)) continue;
    const lower = name.toLowerCase();
    if (!SENSITIVE.has(lower)) continue;
    if (lower === 'host') hosts++;
    else if (lower === 'content-length' && contentLength === -1 && LENGTH.test(value)) contentLength = Number(value);
    else if (lower !== 'connection' || value.toLowerCase() !== 'keep-alive') return undefined;
  }
  if (hosts !== 1) return undefined;
  return { method: start[1] ?? '', target: start[2] ?? '', rawHeaders, contentLength: Math.max(contentLength, 0) };
}

/** Blanks and tabs, which are all that may stand around a value (RFC 9110 §5.5). */
function trimBlanks(text: string): string {
  let [from, to] = [0, text.length];
  while (from < to && isBlank(text.charCodeAt(from))) from++;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to--;
  return from === 0 && to === text.length ? text : text.slice(from, to);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
