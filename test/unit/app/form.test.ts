import { describe, expect, test } from 'vitest';
import { fieldsOf, type Field } from '../../../src/app/form/fields.ts';
import { readForm } from '../../../src/app/form/read-form.ts';

function fieldOf(property: unknown, required = false, rest: object = {}): Field {
  const schema = { type: 'object', properties: { x: property }, ...(required ? { required: ['x'] } : {}), ...rest };
  const [field] = fieldsOf(schema);
  if (!field) throw new Error('no field');
  return field;
}

/** What one field reads out of a text: its value, its fault, or nothing. */
function read(property: unknown, text: string, required = false): unknown {
  const { args, faults } = readForm([fieldOf(property, required)], new URLSearchParams({ 'a.x': text }));
  return faults.size > 0 ? { fault: faults.get('x') } : args['x'];
}

describe('a schema becomes a field', () => {
  test.each([
    [{ type: 'string' }, { kind: 'text', input: 'text' }],
    [
      { type: 'string', format: 'email' },
      { kind: 'text', input: 'email' },
    ],
    [
      { type: 'string', format: 'uri' },
      { kind: 'text', input: 'url' },
    ],
    [
      { type: 'string', format: 'date-time' },
      { kind: 'text', input: 'text', hint: '2026-01-31T09:30:00Z' },
    ],
    [
      { type: 'string', pattern: '^a' },
      { kind: 'text', input: 'text', pattern: '^a' },
    ],
    [{ type: 'string', maxLength: 2_000 }, { kind: 'area' }],
    [{ type: ['string', 'null'] }, { kind: 'text', input: 'text' }],
    [{ type: 'integer' }, { kind: 'number', whole: true }],
    [
      { type: 'number', multipleOf: 0.5 },
      { kind: 'number', whole: false, step: 0.5 },
    ],
    [{ type: 'boolean' }, { kind: 'boolean' }],
    [{ anyOf: [{ type: 'integer' }, { type: 'null' }] }, { kind: 'number', whole: true }],
    [
      { type: 'array', items: { type: 'number' } },
      { kind: 'list', of: 'number' },
    ],
    [{ type: 'array', items: { type: 'object' } }, { kind: 'json' }],
    [{ type: 'object', properties: {} }, { kind: 'json' }],
    [{ anyOf: [{ type: 'string' }, { type: 'number' }] }, { kind: 'json' }],
    [{}, { kind: 'json' }],
    [true, { kind: 'json' }],
  ])('%j', (property, shape) => {
    expect(fieldOf(property).shape).toEqual(shape);
  });

  test('choices keep their types, and titles name them', () => {
    const choices = [
      { const: 1, title: 'One' },
      { const: '1', title: 'Text' },
    ];
    expect(fieldOf({ oneOf: choices }).shape).toEqual({
      kind: 'choice',
      choices: [
        { json: '1', label: 'One' },
        { json: '"1"', label: 'Text' },
      ],
    });
  });

  test('references are followed within the document, loops and other documents are not', () => {
    const $defs = { name: { type: 'string', description: 'Of a person' }, loop: { $ref: '#/$defs/loop' } };
    expect(fieldOf({ $ref: '#/$defs/name' }, false, { $defs })).toMatchObject({ description: 'Of a person' });
    expect(fieldOf({ $ref: '#/$defs/loop' }, false, { $defs }).shape).toEqual({ kind: 'json' });
    expect(fieldOf({ $ref: 'https://example.com/s' }).shape).toEqual({ kind: 'json' });
    expect(fieldOf({ $ref: '#/__proto__' }).shape).toEqual({ kind: 'json' });
  });

  test('required ones come first, defaults stand in them', () => {
    const properties = { a: { type: 'string' }, b: { type: 'integer', default: 7 }, c: { enum: ['x'], default: 'x' } };
    const fields = fieldsOf({ type: 'object', required: ['c'], properties });
    expect(fields.map(({ name, initial }) => [name, initial])).toEqual([
      ['c', ['"x"']],
      ['a', []],
      ['b', ['7']],
    ]);
  });

  test('excluded bounds are said, and narrow whole numbers', () => {
    expect(fieldOf({ type: 'integer', exclusiveMinimum: 0, exclusiveMaximum: 10 })).toMatchObject({ min: 1, max: 9 });
    expect(fieldOf({ type: 'number', exclusiveMinimum: 0 })).toMatchObject({ min: 0, open: { above: true } });
  });
});

describe('a text becomes a value', () => {
  test.each([
    [{ type: 'string' }, ' a\r\nb ', ' a\nb '],
    [{ type: 'string' }, '', undefined],
    [{ type: 'integer' }, ' 12 ', 12],
    [{ type: 'number' }, '-1.5e3', -1500],
    [{ type: 'boolean' }, 'false', false],
    [{ enum: [1, '1', null] }, '"1"', '1'],
    [{ enum: [1, '1', null] }, 'null', null],
    [{ type: 'array', items: { type: 'boolean' } }, 'true\n\nfalse', [true, false]],
    [{ type: 'object' }, '{"a": [1]}', { a: [1] }],
  ])('%j, %j', (property, text, value) => {
    expect(read(property, text)).toEqual(value);
  });

  test.each([
    [{ type: 'integer' }, '1.5', 'This has to be a whole number.'],
    [{ type: 'integer' }, '0x10 apples', 'This is no number.'],
    [{ type: 'integer' }, '9007199254740993', 'This number is too large.'],
    [{ type: 'number', minimum: 3 }, '2', 'At least 3.'],
    [{ type: 'string', maxLength: 2 }, 'abc', 'At most 2 characters.'],
    [{ type: 'boolean' }, 'yes', 'Write true or false.'],
    [{ enum: ['a'] }, '"b"', 'Choose one of the list.'],
    [{ type: 'array', items: { type: 'integer' } }, '1\nx', '“x”: This is no number.'],
    [{ type: 'array', items: { type: 'string' }, maxItems: 1 }, 'a\nb', 'At most 1 lines.'],
  ])('%j refuses %j', (property, text, fault) => {
    expect(read(property, text)).toEqual({ fault });
  });

  test('what is required and left empty is null where it may be, else it is missing', () => {
    expect(read({ type: 'string' }, '', true)).toEqual({ fault: 'This is required.' });
    expect(read({ type: ['string', 'null'] }, '', true)).toBeNull();
    expect(read({ type: 'array', items: { type: 'string' } }, '', true)).toEqual([]);
    expect(read({ type: 'boolean' }, '', true)).toEqual({ fault: 'This is required.' });
  });

  test('an argument named __proto__ stays an argument', () => {
    const schema = JSON.parse('{"type":"object","properties":{"__proto__":{"type":"string"}}}') as object;
    const { args } = readForm(fieldsOf({ ...schema }), new URLSearchParams({ 'a.__proto__': 'x' }));
    expect(JSON.stringify(args)).toBe('{"__proto__":"x"}');
  });
});
