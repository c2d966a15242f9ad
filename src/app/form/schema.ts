/** JSON Schema, as far as forms are made of it; what they do not know becomes a field for JSON. */
export type Schema = Record<string, unknown>;

const MAX_STEPS = 20;

/** The schema behind references within the document, single alternatives and `null` beside them. */
export function plainSchema(schema: unknown, root: Schema): { schema: Schema; nullable: boolean } {
  let at = isSchema(schema) ? schema : {};
  let nullable = false;
  for (let step = 0; step < MAX_STEPS; step += 1) {
    const types = Array.isArray(at['type']) ? at['type'] : undefined;
    if (types?.includes('null')) {
      nullable = true;
      const others = types.filter((type) => type !== 'null');
      at = { ...at, type: others.length === 1 ? others[0] : others };
    }
    const next = inner(at, root);
    if (!next) return { schema: at, nullable };
    nullable ||= next.nullable;
    at = next.schema;
  }
  return { schema: {}, nullable };
}

function inner(at: Schema, root: Schema): { schema: Schema; nullable: boolean } | undefined {
  const { $ref: reference, ...rest } = at;
  if (typeof reference === 'string') return { schema: { ...lookUp(reference, root), ...rest }, nullable: false };
  for (const word of ['anyOf', 'oneOf', 'allOf']) {
    const { [word]: choices, ...others } = at;
    if (!Array.isArray(choices)) continue;
    const real = choices.filter((choice) => !(isSchema(choice) && choice['type'] === 'null'));
    const [only] = real;
    if (real.length === 1 && isSchema(only)) {
      return { schema: { ...only, ...others }, nullable: real.length < choices.length };
    }
    const values = word === 'allOf' ? undefined : constants(real);
    if (values) return { schema: { ...others, ...values }, nullable: real.length < choices.length };
  }
  return undefined;
}

/** `oneOf` of constants, the form in which choices have titles. */
function constants(choices: readonly unknown[]): Schema | undefined {
  if (choices.length === 0) return undefined;
  const known = choices.filter((choice): choice is Schema => isSchema(choice) && 'const' in choice);
  if (known.length < choices.length) return undefined;
  return {
    enum: known.map((choice) => choice['const']),
    enumNames: known.map((choice) => choice['title'] ?? choice['const']),
  };
}

/** A JSON pointer within the document; references to anywhere else are not followed. */
function lookUp(reference: string, root: Schema): Schema {
  if (!reference.startsWith('#')) return {};
  const steps = reference
    .slice(1)
    .split('/')
    .slice(1)
    .map((step) => decode(step).replaceAll('~1', '/').replaceAll('~0', '~'));
  const found = steps.reduce<unknown>((at, step) => {
    if (Array.isArray(at)) return at[Number(step)] as unknown;
    return isSchema(at) && Object.hasOwn(at, step) ? at[step] : undefined;
  }, root);
  return isSchema(found) ? found : {};
}

function decode(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}

export function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
