import { describe, expect, test } from 'vitest';
import { unifiedDiff } from '../../../src/scaffold/index.ts';
import { fillTemplate } from '../../../src/scaffold/template.ts';

describe('templates', () => {
  test('fills names and keeps the indentation of a block', () => {
    expect(fillTemplate('a {{x}}\n  {{y}}\n', { x: '1', y: '- p\n\n- q' })).toBe('a 1\n  - p\n\n  - q\n');
  });

  test('shows and hides sections, also nested ones', () => {
    const template = '#? a\nA\n#? b\nAB\n#? else\nA-\n#? end\n#? else\nother\n#? end\nend';
    expect(fillTemplate(template, { a: true, b: false })).toBe('A\nA-\nend');
    expect(fillTemplate(template, { a: false, b: true })).toBe('other\nend');
  });

  test.each([
    ['{{gone}}', 'no text gone'],
    ['#? gone\n#? end', 'no flag gone'],
    ['#? a\n', 'no #? end'],
    ['#? end', 'without a beginning'],
  ])('a fault in a template is loud: %j', (template, message) => {
    expect(() => fillTemplate(template, { a: true })).toThrow(message);
  });

  test('leaves variables of Compose and of Pomerium alone', () => {
    expect(fillTemplate('${A:?x} ${pomerium.jwt}', {})).toBe('${A:?x} ${pomerium.jwt}');
  });
});

describe('unified diff', () => {
  const names = { before: 'old', after: 'new' };

  test('is empty for equal texts', () => {
    expect(unifiedDiff('a\nb\n', 'a\nb\n', names)).toBe('');
  });

  test('shows changes with two lines around them', () => {
    const before = '1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n';
    const after = before.replace('5\n', 'five\n').replace('10\n', '10\n11\n');
    expect(unifiedDiff(before, after, names)).toMatchInlineSnapshot(`
      "--- old
      +++ new
      @@ -3,5 +3,5 @@
       3
       4
      -5
      +five
       6
       7
      @@ -9,2 +9,3 @@
       9
       10
      +11"
    `);
  });

  test('one hunk when changes are close', () => {
    expect(unifiedDiff('a\nx\nb\ny\nc\n', 'a\nb\nc\n', names).match(/^@@/gm)).toHaveLength(1);
  });
});
