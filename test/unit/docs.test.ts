import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const textOf = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

test.each(['README.md', 'CONTRIBUTING.md', 'docs/gateway.md', 'docs/errors.md', 'docs/migrate.md'])(
  'every link in %s leads to a file',
  (file) => {
    const links = [...textOf(file).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map((match) => match[1] ?? '');
    expect(links.filter((link) => !existsSync(join(ROOT, dirname(file), link)))).toEqual([]);
  },
);

test('every path that CONTRIBUTING names is there', () => {
  const named = [...textOf('CONTRIBUTING.md').matchAll(/`((?:src|test|templates|scripts|docs|bin)(?:\/[^`<\s]*)?)`/g)];
  const paths = named.map((match) => match[1] ?? '').filter((path) => path.includes('/'));
  expect(paths.length).toBeGreaterThan(20);
  expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});
