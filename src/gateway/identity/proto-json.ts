/** A JSON value that remembers where it stood and how it was spelled. */
export interface JsonNode {
  kind: 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null';
  /** Members of an object; a repeated name is an error. */
  members?: Map<string, JsonNode>;
  items?: JsonNode[];
  /** The plain value, for whoever does not care. */
  value: unknown;
  /** The first token as written: `[`, `"x"`, `12`. */
  raw: string;
  offset: number;
}

/** A refusal in the words of Go's protojson, which Pomerium v0.33.1 passes on to the client. */
export class ProtoJsonError extends Error {}

/** Go's protobuf separates its prefix by a non-breaking space in half of all builds; Pomerium v0.33.1 is one of them. */
const PREFIX = 'proto:\u00a0';

const SPACE = /[ \t\r\n]*/y;
const STRING = /"[^"\\\p{Cc}]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\p{Cc}]*)*"/uy;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;
/** As much of what is no token as the message shows. */
const GARBAGE = /[-+._a-zA-Z0-9]{1,32}|./suy;
const STRING_END = /(?<!\\)(?:\\\\)*"/g;
const MAX_DEPTH = 500;

/** Parses one JSON object. Throws ProtoJsonError. */
export function parseProtoJson(text: string): JsonNode {
  const reader = new Reader(text);
  const first = reader.peek();
  if (first !== '{') throw reader.unexpected(reader.offset, first === '' ? '' : reader.value(0).raw);
  const node = reader.value(0);
  const rest = reader.peek();
  if (rest !== '') throw reader.unexpected(reader.offset, rest);
  return node;
}

/** The syntax error for a token that JSON allows but the field does not. */
export function unexpectedToken(text: string, node: JsonNode): ProtoJsonError {
  return new Reader(text).unexpected(node.offset, node.raw);
}

export function wrongValue(text: string, node: JsonNode, problem: string): ProtoJsonError {
  return new ProtoJsonError(`${PREFIX}${new Reader(text).position(node.offset)}: ${problem}`);
}

class Reader {
  offset = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The next character that is no space; empty at the end. */
  peek(): string {
    this.#take(SPACE);
    return this.#text[this.offset] ?? '';
  }

  value(depth: number): JsonNode {
    const next = this.peek();
    const offset = this.offset;
    if (depth > MAX_DEPTH) throw new ProtoJsonError(`${PREFIX}exceeded maximum recursion depth`);
    if (next === '{') return this.#object(depth);
    if (next === '[') return this.#array(depth);
    if (next === '"') return this.#scalar('string', STRING, offset);
    if (/[-\d]/.test(next)) return this.#scalar('number', NUMBER, offset);
    const word = this.#take(WORD);
    if (word === undefined) throw this.#invalid();
    return { kind: word === 'null' ? 'null' : 'boolean', value: JSON.parse(word), raw: word, offset };
  }

  position(offset: number): string {
    const before = this.#text.slice(0, offset).split('\n');
    return `(line ${before.length}:${Array.from(before.at(-1) ?? '').length + 1})`;
  }

  unexpected(offset: number, raw: string): ProtoJsonError {
    return new ProtoJsonError(`${PREFIX}syntax error ${this.position(offset)}: unexpected token ${raw}`);
  }

  #object(depth: number): JsonNode {
    const offset = this.offset++;
    const members = new Map<string, JsonNode>();
    const value: Record<string, unknown> = Object.create(null);
    while (this.peek() !== '}') {
      if (members.size > 0) this.#expect(',');
      if (this.peek() !== '"') throw this.#wrongHere();
      const name = this.#scalar('string', STRING, this.offset);
      this.#expect(':');
      const member = this.value(depth + 1);
      const key = String(name.value);
      if (members.has(key)) throw wrongValue(this.#text, name, `duplicate field ${name.raw}`);
      members.set(key, member);
      value[key] = member.value;
    }
    this.offset++;
    return { kind: 'object', members, value, raw: '{', offset };
  }

  #array(depth: number): JsonNode {
    const offset = this.offset++;
    const items: JsonNode[] = [];
    while (this.peek() !== ']') {
      if (items.length > 0) this.#expect(',');
      items.push(this.value(depth + 1));
    }
    this.offset++;
    return { kind: 'array', items, value: items.map((item) => item.value), raw: '[', offset };
  }

  #scalar(kind: 'string' | 'number', pattern: RegExp, offset: number): JsonNode {
    const raw = this.#take(pattern);
    if (raw === undefined) throw this.#invalid();
    return { kind, value: JSON.parse(raw), raw, offset };
  }

  #expect(mark: string): void {
    if (this.peek() !== mark) throw this.#wrongHere();
    this.offset++;
  }

  #wrongHere(): ProtoJsonError {
    const next = this.peek();
    if (next === '') return new ProtoJsonError(`${PREFIX}unexpected EOF`);
    return this.unexpected(this.offset, /[,:{}[\]]/.test(next) ? next : this.value(0).raw);
  }

  #invalid(): ProtoJsonError {
    const start = this.offset;
    STRING_END.lastIndex = start + 1;
    const isOpen = this.#text[start] === '"' && !STRING_END.test(this.#text);
    const garbage = this.#take(GARBAGE);
    if (garbage === undefined || isOpen) return new ProtoJsonError(`${PREFIX}unexpected EOF`);
    return new ProtoJsonError(`${PREFIX}syntax error ${this.position(start)}: invalid value ${garbage}`);
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.offset;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.offset += found.length;
    return found;
  }
}
