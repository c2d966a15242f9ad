import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { UPSTREAM_FAULTS } from '../../../src/idp/as-upstream/index.ts';
import { TOPICS } from '../../../src/ui/help-topics.ts';

const FAULTS = Object.entries(UPSTREAM_FAULTS);
const DOCS = readFileSync(resolve(import.meta.dirname, '../../../docs/upstream-faults.md'), 'utf8');

test('docs/upstream-faults.md has a row for each fault, with its symptom and what to do, and no other', () => {
  const [, table = ''] = DOCS.split('## Faults\n');
  const rows = table.split('\n').filter((line) => line.startsWith('| `'));
  expect(rows).toEqual(
    FAULTS.map(([name, { summary, symptom, fix }]) => `| \`${name}\` | ${summary} | ${symptom} | ${fix} |`),
  );
});

test('mcpgw help upstream-faults says what each fault does', () => {
  const text = (TOPICS['upstream-faults']?.text ?? '').replaceAll(/\s+/g, ' ');
  expect(FAULTS.filter(([name, { summary }]) => !text.includes(` ${name} ${summary} `))).toEqual([]);
});

test.each(FAULTS)('the fault %s fits a table: no bar, no line end', (_, { summary, symptom, fix }) => {
  expect([summary, symptom, fix].filter((text) => /[|\n]/.test(text) || text === '')).toEqual([]);
});
