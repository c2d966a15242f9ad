import { describe, expect, test } from 'vitest';
import { codeFrame } from '../../../src/project/code-frame.ts';
import { interpolate } from '../../../src/project/interpolate.ts';
import { addMissingToEnv, chooseLocalDomain, parseEnvFile } from '../../../src/project/index.ts';
import { findPlaceholders } from '../../../src/project/placeholders.ts';

describe('.env', () => {
  test('takes quotes, export, comments, blanks and values over several lines; expands nothing', () => {
    const text = [
      '\uFEFFA=1',
      'export B = two words # comment',
      "C='single $A'",
      'D="line 1\nline 2"',
      'E="tab\\nnewline"',
      'F=',
      '# G=no',
      'H=a=b==',
      'I=$A${A}',
    ].join('\r\n');
    expect(parseEnvFile(text)).toEqual({
      A: '1',
      B: 'two words',
      C: 'single $A',
      D: 'line 1\nline 2',
      E: 'tab\nnewline',
      F: '',
      H: 'a=b==',
      I: '$A${A}',
    });
  });

  test('adds what is missing at the end and touches nothing else', () => {
    expect(addMissingToEnv('A=1\n# mine\nB=', { A: '9', B: '2', C: '3', D: '' })).toEqual({
      text: 'A=1\n# mine\nB=\nB=2\nC=3\n',
      added: ['B', 'C'],
    });
    expect(addMissingToEnv('A=1', { A: '2' })).toEqual({ text: 'A=1', added: [] });
  });
});

describe('variables of the compose file', () => {
  const env = { A: 'x', EMPTY: '' };
  test.each([
    ['$A', 'x'],
    ['${A}', 'x'],
    ['${A:-d}', 'x'],
    ['${EMPTY:-d}', 'd'],
    ['${EMPTY-d}', ''],
    ['${NONE-d}', 'd'],
    ['${NONE}', ''],
    ['${NONE:?text}', ''],
    ['${A:+other}', 'other'],
    ['${NONE:+other}', ''],
    ['$$A ${A}$', '$A x$'],
    ['a$1', 'a$1'],
  ])('%s -> %s', (text, value) => {
    expect(interpolate(text, env)).toBe(value);
  });
});

test('a code frame marks line and column, with two lines around', () => {
  expect(codeFrame('one\ntwo\n\tthree\nfour\nfive\nsix', { line: 3, column: 2 })).toBe(
    '  1 | one\n  2 | two\n> 3 |  three\n    |  ^\n  4 | four\n  5 | five',
  );
  expect(codeFrame('', { line: 1, column: 1 })).toBe('> 1 |\n    | ^');
});

test('placeholders are found with their place, comments left out', () => {
  expect(findPlaceholders('# YOUR-X\na: YOUR-CLIENT-ID # YOUR-Y\nb: https://YOUR-HOST/\n')).toEqual([
    { name: 'YOUR-CLIENT-ID', position: { line: 2, column: 4 } },
    { name: 'YOUR-HOST', position: { line: 3, column: 12 } },
  ]);
});

function known(names: Record<string, string[]>): (name: string) => Promise<string[]> {
  return async (name) => {
    const found = names[name];
    if (!found) throw new Error('ENOTFOUND');
    return found;
  };
}

describe('local domain', () => {
  test('*.localhost when it leads here', async () => {
    expect(await chooseLocalDomain(known({ 'whoami.localhost': ['127.0.0.1', '::1'] }))).toMatchObject({
      domain: 'localhost',
      resolves: true,
    });
  });

  test('*.localhost.pomerium.io when only that leads here', async () => {
    const lookup = known({ 'whoami.localhost.pomerium.io': ['127.0.0.1'] });
    expect(await chooseLocalDomain(lookup)).toMatchObject({ domain: 'localhost.pomerium.io', resolves: true });
  });

  test('*.localhost with a hint when nothing does, and a captive answer does not count', async () => {
    const lookup = known({
      'whoami.localhost': ['10.1.2.3'],
      'whoami.localhost.pomerium.io': ['127.0.0.1', '10.1.2.3'],
    });
    const chosen = await chooseLocalDomain(lookup);
    expect(chosen).toMatchObject({ domain: 'localhost', resolves: false });
    expect(chosen.why).toContain('/etc/hosts');
  });

  test('a resolver that never answers is not waited for', async () => {
    expect(await chooseLocalDomain(() => Promise.withResolvers<string[]>().promise)).toMatchObject({ resolves: false });
  });
});
