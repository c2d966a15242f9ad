import { isSchema, plainSchema, type Schema } from './schema.ts';

export interface Choice {
  /** The value as JSON, so that 1 and "1" stay two things. */
  json: string;
  label: string;
}

export type Scalar = 'string' | 'number' | 'integer' | 'boolean';

/** How a field looks and how its text becomes a value. */
export type Shape =
  | { kind: 'text'; input: 'text' | 'email' | 'url' | 'date' | 'time'; pattern?: string; hint?: string }
  | { kind: 'area' }
  | { kind: 'number'; whole: boolean; step?: number }
  | { kind: 'boolean' }
  | { kind: 'choice'; choices: readonly Choice[] }
  | { kind: 'choices'; choices: readonly Choice[] }
  /** One a line. */
  | { kind: 'list'; of: Scalar }
  | { kind: 'json' };

/** One argument of a tool. */
export interface Field {
  name: string;
  title: string;
  description: string;
  required: boolean;
  nullable: boolean;
  /** As it stands in the field at first; for choices, JSON. */
  initial: readonly string[];
  /** Lowest and highest number, length, or count. */
  min?: number;
  max?: number;
  /** `min` and `max` themselves are excluded; a form cannot hold that, the server does. */
  open?: { below?: boolean; above?: boolean };
  shape: Shape;
}

/** The fields of a tool's form: required ones first, each in the order of the schema. */
export function fieldsOf(inputSchema: Schema): Field[] {
  const { schema } = plainSchema(inputSchema, inputSchema);
  const properties = isSchema(schema['properties']) ? schema['properties'] : {};
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  const fields = Object.entries(properties).map(([name, property]) =>
    toField(name, property, required.includes(name), inputSchema),
  );
  return [...fields.filter((field) => field.required), ...fields.filter((field) => !field.required)];
}

function toField(name: string, property: unknown, required: boolean, root: Schema): Field {
  const { schema, nullable } = plainSchema(property, root);
  const shape = shapeOf(name, schema, root);
  return {
    name,
    title: textOf(schema['title']),
    description: textOf(schema['description']),
    required,
    nullable,
    initial: 'default' in schema ? initialOf(shape, schema['default']) : [],
    ...limitsOf(shape, schema),
    shape,
  };
}

function shapeOf(name: string, schema: Schema, root: Schema): Shape {
  const choices = choicesOf(schema);
  if (choices) return { kind: 'choice', choices };
  switch (schema['type']) {
    case 'string':
      return textShape(name, schema);
    case 'number':
    case 'integer': {
      const step = numberOf(schema['multipleOf']);
      return { kind: 'number', whole: schema['type'] === 'integer', ...(step === undefined ? {} : { step }) };
    }
    case 'boolean':
      return { kind: 'boolean' };
    case 'array':
      return arrayShape(schema, root);
    default:
      return { kind: 'json' };
  }
}

function choicesOf(schema: Schema): Choice[] | undefined {
  const values = 'const' in schema ? [schema['const']] : schema['enum'];
  if (!Array.isArray(values) || values.length === 0) return undefined;
  const names = Array.isArray(schema['enumNames']) ? schema['enumNames'] : [];
  return values.map((value: unknown, i) => ({
    json: JSON.stringify(value),
    label: textOf(names[i]) || (typeof value === 'string' ? value : JSON.stringify(value)),
  }));
}

const INPUTS = { email: 'email', uri: 'url', url: 'url', date: 'date', time: 'time' } as const;
const HINTS: Record<string, string> = { 'date-time': '2026-01-31T09:30:00Z', uuid: '00000000-0000-…' };
const LONG_TEXT = /sql|query|text|body|content|message|prompt|code|html|markdown|script|comment|note/i;
const LONG = 200;

function textShape(name: string, schema: Schema): Shape {
  const format = textOf(schema['format']);
  const pattern = textOf(schema['pattern']);
  const isKnown = Object.hasOwn(INPUTS, format);
  const max = numberOf(schema['maxLength']);
  const isLong = max === undefined ? LONG_TEXT.test(name) : max > LONG;
  if (isLong && !isKnown && pattern === '') return { kind: 'area' };
  const hint = HINTS[format];
  return {
    kind: 'text',
    input: isKnown ? INPUTS[format as keyof typeof INPUTS] : 'text',
    ...(pattern === '' ? {} : { pattern }),
    ...(hint === undefined ? {} : { hint }),
  };
}

function arrayShape(schema: Schema, root: Schema): Shape {
  const { schema: items } = plainSchema(schema['items'], root);
  const choices = choicesOf(items);
  if (choices) return { kind: 'choices', choices };
  const type = items['type'];
  const isScalar = type === 'string' || type === 'number' || type === 'integer' || type === 'boolean';
  return isScalar ? { kind: 'list', of: type } : { kind: 'json' };
}

function initialOf(shape: Shape, value: unknown): string[] {
  switch (shape.kind) {
    case 'choice':
    case 'boolean':
      return [JSON.stringify(value)];
    case 'choices':
      return Array.isArray(value) ? value.map((one) => JSON.stringify(one)) : [];
    case 'list':
      return Array.isArray(value) ? [value.map(String).join('\n')] : [];
    case 'json':
      return [JSON.stringify(value, null, 2)];
    default:
      return value === null ? [] : [typeof value === 'string' ? value : JSON.stringify(value)];
  }
}

function limitsOf(shape: Shape, schema: Schema): Pick<Field, 'min' | 'max' | 'open'> {
  if (shape.kind === 'number') return numberLimits(shape.whole, schema);
  if (shape.kind === 'text' || shape.kind === 'area') {
    return { min: numberOf(schema['minLength']), max: numberOf(schema['maxLength']) };
  }
  if (shape.kind === 'list' || shape.kind === 'choices') {
    return { min: numberOf(schema['minItems']), max: numberOf(schema['maxItems']) };
  }
  return {};
}

function numberLimits(whole: boolean, schema: Schema): Pick<Field, 'min' | 'max' | 'open'> {
  const [min, max] = [numberOf(schema['minimum']), numberOf(schema['maximum'])];
  const [above, below] = [numberOf(schema['exclusiveMinimum']), numberOf(schema['exclusiveMaximum'])];
  if (whole)
    return {
      min: min ?? (above === undefined ? above : above + 1),
      max: max ?? (below === undefined ? below : below - 1),
    };
  const open = { above: min === undefined && above !== undefined, below: max === undefined && below !== undefined };
  return { min: min ?? above, max: max ?? below, open };
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
