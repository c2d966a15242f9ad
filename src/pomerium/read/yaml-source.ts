import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Document,
  type YAMLMap,
  type YAMLParseError,
} from 'yaml';
import type { Position } from '../model.ts';
import type { Path } from '../path.ts';
import { lowerKeys } from '../values.ts';

export interface SourceError {
  code: string;
  message: string;
  position: Position | undefined;
  /** What Pomerium's reader (go-yaml) says after `yaml: `; empty where its words are not known, absent where it reads the text. */
  pomerium?: string;
}

/** The text of a configuration as data, with the way back from a path in the data to a place in the text. */
export interface Source {
  data: unknown;
  /** Where a key (or a list's entry) stands; the nearest that exists when the path leads further than the text. */
  positionOf: (path: Path) => Position | undefined;
  errors: SourceError[];
  /** Criteria `claim/…` whose names lose their capitals. */
  loweredClaims: { name: string; position: Position }[];
}

/** How many copies aliases may make, each alias counted with those in what it names. Many routes may share a policy; a bomb makes billions. */
const MAX_ALIASES = 10_000;

/** Of an unreadable text the first few errors tell enough. */
const MAX_ERRORS = 10;

type At = (offset: number) => Position;

/** Reads YAML, of which JSON is a subset. Keys come out in lower case. */
export function readYaml(text: string): Source {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, {
    lineCounter,
    merge: true,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'error',
  });
  const at: At = (offset) => {
    const { line, col } = lineCounter.linePos(offset);
    return { line, column: col };
  };
  const errors = document.errors.slice(0, MAX_ERRORS).map((error) => toSourceError(error, document, at));
  const keys = new KeyWalk(at);
  if (errors.length === 0) keys.visit(document.contents);
  errors.push(...keys.duplicates);
  const data = errors.length === 0 ? toData(document, errors) : undefined;
  const positionOf = (path: Path): Position | undefined => locate(document, path, at);
  return {
    data,
    positionOf,
    errors: errors.slice(0, MAX_ERRORS),
    loweredClaims: errors.length === 0 ? keys.loweredClaims : [],
  };
}

function toSourceError(error: YAMLParseError, document: Document.Parsed, at: At): SourceError {
  const { code, message } = error;
  const position = at(error.pos[0]);
  // go-yaml reads the first document and leaves the others.
  if (code === 'MULTIPLE_DOCS')
    return { code, message: 'the file holds several documents, of which only the first is read', position };
  if (code === 'RESOURCE_EXHAUSTION')
    return { code, message: 'lists and mappings stand too deep in each other', position, pomerium: '' };
  return { code, message, position, pomerium: goYamlMessage(error, position, document, at) };
}

function toData(document: Document.Parsed, errors: SourceError[]): unknown {
  try {
    return lowerKeys(document.toJS({ maxAliasCount: MAX_ALIASES }));
  } catch (error) {
    errors.push(toAliasError((error as Error).message));
    return undefined;
  }
}

function toAliasError(message: string): SourceError {
  if (/alias count/.test(message)) {
    const why = 'the aliases (`*name`) multiply into far more data than the file holds';
    return { code: 'ALIAS_BOMB', message: why, position: undefined, pomerium: 'document contains excessive aliasing' };
  }
  if (/call stack/.test(message)) {
    return {
      code: 'BAD_ALIAS',
      message: 'an alias (`*name`) stands inside what it names',
      position: undefined,
      pomerium: '',
    };
  }
  const anchor = /Unresolved alias.*: (.*)$/.exec(message)?.[1];
  const pomerium = anchor === undefined ? '' : `unknown anchor '${anchor}' referenced`;
  return { code: 'BAD_ALIAS', message, position: undefined, pomerium };
}

/** go-yaml counts a line from 1 for what its scanner meets and from 0 for what its parser meets (yaml.v3 decode.go, parser.fail). */
function goYamlMessage(error: YAMLParseError, { line }: Position, document: Document.Parsed, at: At): string {
  if (error.code === 'TAB_AS_INDENT') return `line ${line}: found character that cannot start any token`;
  if (error.message === 'Sequence item without - indicator') {
    return `line ${lineOfSequence(document, error.pos[0], at) - 1}: did not find expected '-' indicator`;
  }
  if (error.code === 'BAD_INDENT' && error.message.startsWith('Flow'))
    return `line ${line}: did not find expected node content`;
  return '';
}

function lineOfSequence(document: Document.Parsed, offset: number, at: At): number {
  let start = 0;
  visit(document, {
    Seq(_, node) {
      if (node.range && node.range[0] <= offset && node.range[0] >= start) start = node.range[0];
    },
  });
  return at(start).line;
}

/** What is said about keys in one walk: two equal ones in a mapping, and criteria `claim/…` with capitals. */
class KeyWalk {
  readonly duplicates: SourceError[] = [];
  readonly loweredClaims: Source['loweredClaims'] = [];
  readonly #at: At;

  constructor(at: At) {
    this.#at = at;
  }

  visit(node: unknown): void {
    if (isSeq(node)) for (const item of node.items) this.visit(item);
    if (!isMap(node)) return;
    const seen = new Map<string, number>();
    for (const { key, value } of node.items) {
      if (isScalar(key) && key.range) this.#key(String(key.value), key.range[0], seen);
      this.visit(value);
    }
  }

  #key(name: string, offset: number, seen: Map<string, number>): void {
    if (name === '<<') return;
    const first = seen.get(name);
    if (first === undefined) seen.set(name, offset);
    else this.#duplicate(name, offset, first);
    if (/^claim\//i.test(name) && name !== name.toLowerCase()) {
      this.loweredClaims.push({ name, position: this.#at(offset) });
    }
  }

  #duplicate(name: string, offset: number, first: number): void {
    const position = this.#at(offset);
    const message = `mapping key ${JSON.stringify(name)} already defined at line ${this.#at(first).line}`;
    const pomerium = `unmarshal errors:\n  line ${position.line}: ${message}`;
    this.duplicates.push({ code: 'DUPLICATE_KEY', message, position, pomerium });
  }
}

function locate(document: Document.Parsed, path: Path, at: At): Position | undefined {
  let node: unknown = document.contents;
  let found: number | undefined;
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document);
    // A single mapping stands for a list of one.
    if (typeof step === 'number' && !isSeq(node)) continue;
    const next = isSeq(node)
      ? { key: node.items[Number(step)], value: node.items[Number(step)] }
      : isMap(node)
        ? memberOf(node, String(step))
        : undefined;
    if (next === undefined) break;
    found = offsetOf(next.key) ?? found;
    node = next.value;
  }
  return found === undefined ? undefined : at(found);
}

type Member = { key: unknown; value: unknown };

/** The members of a mapping by their names in lower case, made once for each mapping that is asked. */
const members = new WeakMap<YAMLMap, Map<string, Member>>();

function memberOf(map: YAMLMap, name: string): Member | undefined {
  let byName = members.get(map);
  if (!byName) {
    byName = new Map(map.items.map((pair) => [isScalar(pair.key) ? String(pair.key.value).toLowerCase() : '', pair]));
    members.set(map, byName);
  }
  return byName.get(name);
}

function offsetOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}
