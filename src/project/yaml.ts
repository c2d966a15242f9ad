import { isMap, isPair, isScalar, isSeq, LineCounter, parseDocument, visit, type Document, type Node } from 'yaml';
import { CliError } from '../errors.ts';
import type { Position } from '../pomerium/model.ts';
import { codeFrame } from './code-frame.ts';

/** What edits of a document in place look at. */
export {
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Document,
  type Node,
  type Pair,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';

/** A parsed YAML file that knows where its parts stand. */
export interface YamlFile {
  /** As shown in messages. */
  name: string;
  text: string;
  document: Document.Parsed;
  data: unknown;
  /** Position of the value at a path, or of its key; of the nearest ancestor when there is none. */
  positionOf(path: readonly (string | number)[], part?: 'key' | 'value'): Position;
}

/** Parses a YAML file; throws the first fault with its place and a code frame. */
export function parseYaml(text: string, name: string): YamlFile {
  const counter = new LineCounter();
  // Compose and Pomerium both read YAML 1.2 with merge keys.
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, merge: true, logLevel: 'error' });
  const [fault] = document.errors;
  if (fault) throw yamlError(text, name, at(counter, fault.pos[0]), fault.message);
  return {
    name,
    text,
    document,
    data: readData(document, text, name),
    positionOf: (path, part = 'value') => at(counter, offsetOf(document, path, part)),
  };
}

/** An error that points into a file. */
export function fileError(
  file: { name: string; text: string },
  position: Position,
  fields: { code: string; message: string; fix?: string; hint?: string },
): CliError {
  const frame = codeFrame(file.text, position);
  return new CliError({
    code: fields.code,
    message: `${file.name}:${position.line}:${position.column}: ${fields.message}`,
    why: fields.hint === undefined ? frame : `${frame}\n${fields.hint}`,
    fix: fields.fix ?? `edit ${file.name} at line ${position.line}`,
    details: { file: file.name, line: position.line, column: position.column },
  });
}

export interface ScalarInText {
  value: unknown;
  path: (string | number)[];
  /** Offsets in the text, with quotes. */
  start: number;
  end: number;
}

/** Every scalar value of a document, with its place in the text. Keys are left out. */
export function scalarsOf(document: Document.Parsed): ScalarInText[] {
  const found: ScalarInText[] = [];
  visit(document, {
    Scalar(key, node, ancestors) {
      if (key === 'key' || !node.range) return;
      const path = ancestors.flatMap((ancestor, i): (string | number)[] => {
        if (isPair(ancestor)) return [isScalar(ancestor.key) ? String(ancestor.key.value) : ''];
        const next = ancestors[i + 1] ?? node;
        return isSeq(ancestor) ? [ancestor.items.indexOf(next)] : [];
      });
      found.push({ value: node.value, path, start: node.range[0], end: node.range[1] });
    },
  });
  return found;
}

function readData(document: Document.Parsed, text: string, name: string): unknown {
  try {
    return document.toJS() as unknown;
  } catch (error) {
    // Unresolved or too many aliases show only now.
    throw yamlError(text, name, { line: 1, column: 1 }, error instanceof Error ? error.message : String(error));
  }
}

function yamlError(text: string, name: string, position: Position, message: string): CliError {
  return fileError({ name, text }, position, { code: 'YAML_SYNTAX', message: `${message} (YAML)` });
}

function at(counter: LineCounter, offset: number): Position {
  const { line, col } = counter.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

function offsetOf(document: Document.Parsed, path: readonly (string | number)[], part: 'key' | 'value'): number {
  let node: Node | null = document.contents;
  let offset = node?.range?.[0] ?? 0;
  for (const [i, step] of path.entries()) {
    let next: unknown;
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step));
      if (isScalar(pair?.key) && pair.key.range) offset = pair.key.range[0];
      if (part === 'key' && i === path.length - 1) return offset;
      next = pair?.value;
    } else if (isSeq(node)) next = node.items[Number(step)];
    if (!isMap(next) && !isSeq(next) && !isScalar(next)) return offset;
    node = next;
    offset = next.range?.[0] ?? offset;
  }
  return offset;
}
