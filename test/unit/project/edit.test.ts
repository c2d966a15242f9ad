import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { append } from '../../../src/project/edit/append.ts';
import { removeAt } from '../../../src/project/edit/remove.ts';
import { appendWord, removeWord, wordsAt } from '../../../src/project/edit/words.ts';

const ROUTE = ['- name: new', '  to: http://new:1'];

describe('an entry is added', () => {
  test('behind the last one, parted as the others are, past the comments that belong to it', () => {
    const text =
      'routes:\n  - name: a # one\n    # of a\n\n  # above b\n  - name: b\n    to: |\n      x\n    # of b\n\n# next\nz: 1\n';
    expect(append(text, ['routes'], ROUTE)).toBe(
      text.replace('    # of b\n', '    # of b\n\n  - name: new\n    to: http://new:1\n'),
    );
  });

  test.each([
    [
      'a list without indentation',
      'routes:\n- name: a\n- name: b\nz: 1\n',
      '- name: b\n- name: new\n  to: http://new:1\nz',
    ],
    ['an empty list', 'routes: [] # none\nz: 1\n', 'routes: # none\n  - name: new\n    to: http://new:1\nz: 1\n'],
    ['a key without a value', 'a: 1\nroutes:\n', 'routes:\n  - name: new\n'],
    ['a missing key', 'a: 1', 'a: 1\nroutes:\n  - name: new\n'],
    ['Windows line ends', 'routes:\r\n  - name: a\r\n', '- name: a\r\n  - name: new\r\n    to: http://new:1\r\n'],
  ])('to %s', (_name, text, part) => {
    const after = append(text, ['routes'], ROUTE) ?? '';
    expect(after.endsWith('\n') || after.includes('new')).toBe(true);
    expect(after).toContain(part.replace(/\r?\n$/, ''));
    const { routes } = parse(after) as { routes: unknown[] };
    expect(routes.at(-1)).toEqual({ name: 'new', to: 'http://new:1' });
  });

  test.each([
    ['a', 'l: [a, b] # c\n', 'l: [a, b, c] # c\n'],
    ['b', 'l: [\n  a,\n  b\n]\n', 'l: [\n  a,\n  b, c\n]\n'],
  ])('to a list in brackets (%s)', (_name, text, after) => expect(append(text, ['l'], ['- c'])).toBe(after));

  test.each([
    ['an anchor that others use', 'x: &a [b]\nl: *a\n'],
    ['a comment in brackets', 'l: [a # x\n]\n'],
    ['a text', 'l: text\n'],
  ])('not to %s', (_name, text) => expect(append(text, ['l'], ['- c'])).toBeUndefined());
});

describe('an entry is taken out', () => {
  const text = 'routes:\n  # of a\n  - name: a\n\n  # of b\n  - name: b\n    # in b\n\n  - name: c\n\n# next\nz: 1\n';

  test.each([
    [0, 'routes:\n  # of b\n  - name: b\n    # in b\n\n  - name: c\n\n# next\nz: 1\n'],
    [1, 'routes:\n  # of a\n  - name: a\n\n  - name: c\n\n# next\nz: 1\n'],
    [2, 'routes:\n  # of a\n  - name: a\n\n  # of b\n  - name: b\n    # in b\n\n# next\nz: 1\n'],
  ])('with its comments, at place %i', (index, after) => expect(removeAt(text, ['routes', index])).toBe(after));

  test('and an empty list stays a list, an empty map a map', () => {
    expect(removeAt('a: 1\nl: # x\n  - b\nz: 1\n', ['l', 0])).toBe('a: 1\nl: [] # x\nz: 1\n');
    expect(removeAt('m:\n  b: 1\n', ['m', 'b'])).toBe('m: {}\n');
  });

  test.each([
    [0, 'l: [b, c]\n'],
    [1, 'l: [a, c]\n'],
    [2, 'l: [a, b]\n'],
  ])('of brackets, at place %i', (index, after) => expect(removeAt('l: [a, b, c]\n', ['l', index])).toBe(after));

  test('not where there is none', () => {
    expect(removeAt('l: [a]\n', ['l', 1])).toBeUndefined();
    expect(removeAt('l: [a]\n', ['m', 'x'])).toBeUndefined();
  });
});

test('what was added and taken out again leaves no trace', () => {
  const comment = fc.constantFrom('', '  # over it\n', '\n  # section\n\n');
  const item = fc.tuple(
    comment,
    fc.constantFrom('  - name: a\n', '  - name: b # x\n    # in\n', '  -   name: c\n      d: |\n        e\n'),
  );
  fc.assert(
    fc.property(
      fc.array(item, { minLength: 1, maxLength: 5 }),
      fc.constantFrom('', 'z: 1\n', '\n# end\nz: 1\n', '\n\n'),
      fc.constantFrom('\n', '\r\n'),
      fc.boolean(),
      (items, tail, eol, gap) => {
        const text = `routes:\n${items.map((parts) => parts.join('')).join('')}${tail}`.replaceAll('\n', eol);
        const added = append(text, ['routes'], ROUTE, { gap }) ?? '';
        expect((parse(added) as { routes: unknown[] }).routes).toHaveLength(items.length + 1);
        expect(removeAt(added, ['routes', items.length])).toBe(text);
      },
    ),
  );
});

describe('a word of a command line', () => {
  test.each([
    ['c: [serve, a] # x\n', 'c: [serve, a, b] # x\n'],
    ['c:\n  - serve\n  - a\n', 'c:\n  - serve\n  - a\n  - b\n'],
    ['c: serve a\n', 'c: serve a b\n'],
    ['c: "serve a"\n', 'c: "serve a b"\n'],
  ])('%j comes and goes', (before, after) => {
    expect(appendWord(before, ['c'], 'b')).toBe(after);
    expect(wordsAt(after, ['c'])).toEqual(['serve', 'a', 'b']);
    expect(removeWord(after, ['c'], 'b')).toBe(before);
  });
});
