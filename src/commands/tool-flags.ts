import type { Tool } from '../mcp/index.ts';
import { isReserved } from './call-words.ts';

/** One parameter of a tool as a flag. */
export interface ToolFlag {
  /** As in the schema. */
  property: string;
  /** `--row-limit`, or `--arg-scope` where a flag of ours has the name. */
  flag: string;
  kind: 'string' | 'number' | 'integer' | 'boolean' | 'json';
  /** May be given several times. */
  many: boolean;
  required: boolean;
  description?: string;
  /** The values of an enumeration, which need not be texts. */
  choices?: unknown[];
  default?: unknown;
}

export type Schema = Record<string, unknown>;

/** The flags of a tool, needed ones first. */
export function flagsOf({ inputSchema }: Pick<Tool, 'inputSchema'>): ToolFlag[] {
  const properties = isSchema(inputSchema['properties']) ? inputSchema['properties'] : {};
  const required = Array.isArray(inputSchema['required']) ? inputSchema['required'] : [];
  const flags = Object.entries(properties).map(([property, value]) =>
    toFlag(property, value, required.includes(property), inputSchema),
  );
  return flags.toSorted((a, b) => Number(b.required) - Number(a.required));
}

function toFlag(property: string, value: unknown, required: boolean, root: Schema): ToolFlag {
  const schema = resolve(value, root);
  const many = schema['type'] === 'array';
  const item = many ? resolve(schema['items'], root) : schema;
  const name = `--${property.replaceAll('_', '-')}`;
  const choices: unknown[] | undefined = Array.isArray(item['enum']) ? item['enum'] : undefined;
  const text =
    isSchema(value) && typeof value['description'] === 'string' ? value['description'] : schema['description'];
  return {
    property,
    flag: isReserved(name) ? `--arg-${property.replaceAll('_', '-')}` : name,
    kind: kindOf(item),
    many,
    required,
    ...(typeof text === 'string' ? { description: text } : {}),
    ...(choices ? { choices } : {}),
    ...(schema['default'] === undefined ? {} : { default: schema['default'] }),
  };
}

/** Follows `$ref` within the schema, and takes what is not null of a nullable one. References elsewhere are never fetched. */
function resolve(value: unknown, root: Schema, depth = 0): Schema {
  if (!isSchema(value) || depth > 8) return {};
  const reference = value['$ref'];
  if (typeof reference === 'string' && reference.startsWith('#/')) {
    const found = reference
      .slice(2)
      .split('/')
      .reduce<unknown>((at, step) => (isSchema(at) ? at[step] : undefined), root);
    return resolve(found, root, depth + 1);
  }
  for (const word of ['anyOf', 'oneOf']) {
    const options = value[word];
    if (!Array.isArray(options)) continue;
    const solid = options.filter((option) => !isSchema(option) || option['type'] !== 'null');
    if (solid.length === 1) return resolve(solid[0], root, depth + 1);
  }
  if (!Array.isArray(value['type'])) return value;
  const types = value['type'].filter((type) => type !== 'null');
  return { ...value, type: types.length === 1 ? types[0] : undefined };
}

function kindOf({ type }: Schema): ToolFlag['kind'] {
  return type === 'string' || type === 'number' || type === 'integer' || type === 'boolean' ? type : 'json';
}

export function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
