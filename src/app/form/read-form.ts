import type { Field, Scalar } from './fields.ts';

/** Name of a field within the form that is sent. */
export function inputName(field: Pick<Field, 'name'>): string {
  return `a.${field.name}`;
}

/** Where all arguments may be written as one JSON object, in place of the fields. */
export const WHOLE = 'json';

export interface ReadForm {
  args: Record<string, unknown>;
  /** What is wrong, by the field's name; `WHOLE` for the JSON in place of the fields. */
  faults: Map<string, string>;
}

/** The arguments that a form's fields say. A field that is left empty is left out, unless it is required. */
export function readForm(fields: readonly Field[], sent: URLSearchParams): ReadForm {
  const whole = sent.get(WHOLE)?.trim() ?? '';
  if (whole !== '') return readWhole(whole);
  const faults = new Map<string, string>();
  const entries = fields.flatMap((field): [string, unknown][] => {
    const read = readField(field, sent.getAll(inputName(field)));
    if (read === undefined) return [];
    if ('fault' in read) faults.set(field.name, read.fault);
    return 'value' in read ? [[field.name, read.value]] : [];
  });
  // Not by assignment: a property may be called __proto__.
  return { args: Object.fromEntries(entries), faults };
}

function readWhole(text: string): ReadForm {
  const parsed = parseJson(text);
  if ('fault' in parsed) return { args: {}, faults: new Map([[WHOLE, parsed.fault]]) };
  const { value } = parsed;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return { args: { ...value }, faults: new Map() };
  }
  return { args: {}, faults: new Map([[WHOLE, 'The arguments have to be a JSON object, such as {"name": "value"}.']]) };
}

type Read = { value: unknown } | { fault: string };

function readField(field: Field, texts: readonly string[]): Read | undefined {
  // Browsers send line ends as CRLF.
  const text = (texts[0] ?? '').replaceAll('\r\n', '\n');
  if (field.shape.kind === 'choices') return readChoices(field, texts);
  if (text.trim() === '') return readEmpty(field, text);
  switch (field.shape.kind) {
    case 'text':
    case 'area':
      return within(field, text, lengthOf(text), 'characters');
    case 'number': {
      const read = scalar(text.trim(), field.shape.whole ? 'integer' : 'number');
      return 'value' in read && typeof read.value === 'number' ? within(field, read.value, read.value, '') : read;
    }
    case 'boolean':
      return scalar(text, 'boolean');
    case 'choice': {
      const { choices } = field.shape;
      return choices.some(({ json }) => json === text) ? parseJson(text) : { fault: 'Choose one of the list.' };
    }
    case 'list':
      return readList(field, text, field.shape.of);
    default:
      return parseJson(text);
  }
}

/** Characters as JSON Schema counts them: code points, as a surrogate pair is one. */
function lengthOf(text: string): number {
  return text.replaceAll(/[\uD800-\uDBFF][\uDC00-\uDFFF]/g, '-').length;
}

function readEmpty(field: Field, text: string): Read | undefined {
  if (!field.required) return undefined;
  if (field.nullable) return { value: null };
  const { kind } = field.shape;
  // An empty text is a text, and blanks may be meant.
  if ((kind === 'text' || kind === 'area') && (text !== '' || field.min === 0)) return { value: text };
  if (kind === 'list' && (field.min ?? 0) === 0) return { value: [] };
  return { fault: 'This is required.' };
}

function readChoices(field: Field, texts: readonly string[]): Read | undefined {
  const known = field.shape.kind === 'choices' ? field.shape.choices.map(({ json }) => json) : [];
  const chosen = texts.filter((text) => known.includes(text)).map((text) => JSON.parse(text) as unknown);
  if (chosen.length === 0 && !field.required) return undefined;
  return within(field, chosen, chosen.length, 'choices');
}

function readList(field: Field, text: string, of: Scalar): Read {
  const values: unknown[] = [];
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const read = of === 'string' ? { value: line } : scalar(line.trim(), of);
    if ('fault' in read) return { fault: `“${line.slice(0, 40)}”: ${read.fault}` };
    values.push(read.value);
  }
  return within(field, values, values.length, 'lines');
}

function scalar(text: string, type: Scalar): Read {
  if (type === 'string') return { value: text };
  if (type === 'boolean') {
    return text === 'true' || text === 'false' ? { value: text === 'true' } : { fault: 'Write true or false.' };
  }
  const value = Number(text);
  if (text === '' || !Number.isFinite(value)) return { fault: 'This is no number.' };
  if (type === 'integer' && !Number.isInteger(value)) return { fault: 'This has to be a whole number.' };
  // JSON would carry another number than the one that was typed.
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) return { fault: 'This number is too large.' };
  return { value };
}

function within({ min, max }: Field, value: unknown, size: number, unit: string): Read {
  const tail = unit === '' ? '' : ` ${unit}`;
  if (min !== undefined && size < min) return { fault: `At least ${min}${tail}.` };
  if (max !== undefined && size > max) return { fault: `At most ${max}${tail}.` };
  return { value };
}

function parseJson(text: string): Read {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { fault: `This is no JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}
