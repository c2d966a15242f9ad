import type { Argument, Tool } from './tool.ts';

/** JSON Schema of a tool's arguments, closed: a name that is not declared is refused. */
export function inputSchemaOf({ arguments: declared }: Tool): { type: 'object'; [key: string]: unknown } {
  const entries = Object.entries(declared);
  if (entries.length === 0) return { type: 'object', additionalProperties: false };
  const required = entries.filter(([, argument]) => typeof argument === 'string' || !argument.optional);
  return {
    type: 'object',
    ...(required.length > 0 ? { required: required.map(([name]) => name) } : {}),
    properties: Object.fromEntries(entries.map(([name, argument]) => [name, schemaOf(argument)])),
    additionalProperties: false,
  };
}

function schemaOf(argument: Argument): Record<string, unknown> {
  if (typeof argument === 'string') return { type: 'string', description: argument };
  const { optional: _, ...schema } = argument;
  return schema;
}
