import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');

/** Problems of a configuration file have codes of their own; they reach a user inside CONFIG_INVALID. */
const TEXT = ['bin', 'src']
  .flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
  )
  .filter((file) => /\.(ts|js|cjs)$/.test(file) && !file.startsWith(join('src', 'pomerium')))
  .map((file) => readFileSync(join(ROOT, file), 'utf8'))
  .join('\n');

/** `code: 'NAME'`, either name of `code: is ? 'ONE' : 'OTHER'`, what is handed to `unusable`, and what bin/ writes itself. */
const THROWN = new Set([
  ...[...TEXT.matchAll(/\b(?:code:|unusable\()([^\n;{]*)/g)].flatMap(([, rest = '']) =>
    // The system's own, such as EADDRINUSE, are left out.
    [...rest.matchAll(/'((?!E[A-Z]+')[A-Z][A-Z0-9_]{4,})'/g)].map((match) => match[1] ?? ''),
  ),
  ...[...TEXT.matchAll(/([A-Z][A-Z0-9_]+) \\u00b7 exit/g)].map((match) => match[1] ?? ''),
]);

const DOCUMENTED = new Set(
  [...readFileSync(join(ROOT, 'docs/errors.md'), 'utf8').matchAll(/^### ([A-Z][A-Z0-9_]+)$/gm)].map(
    (match) => match[1] ?? '',
  ),
);

test('every error code has its anchor in docs/errors.md', () => {
  expect(THROWN.size).toBeGreaterThan(50);
  expect([...THROWN].filter((code) => !DOCUMENTED.has(code)).sort()).toEqual([]);
});

test('docs/errors.md names no code that the program does not have', () => {
  expect([...DOCUMENTED].filter((code) => !new RegExp(`['\\s]${code}\\b`).test(TEXT)).sort()).toEqual([]);
});
