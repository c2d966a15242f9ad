import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseEnvFile, replaceInEnv } from '../../../src/project/index.ts';

describe('a value in .env is replaced in its place', () => {
  test.each([
    ['plain', 'A=1\nS=old\nB=2\n', 'A=1\nS=new\nB=2\n'],
    ['without a last newline', 'S=old', 'S=new'],
    ['empty', 'S=\nB=2\n', 'S=new\nB=2\n'],
    ['exported, with blanks', 'export S = old\n', 'export S = new\n'],
    ['with a comment behind', 'S=old # keep me\n', 'S=new # keep me\n'],
    ['in double quotes, with a hash', 'S="a # b" # c\n', 'S=new # c\n'],
    ['in single quotes over lines', "S='a\nb'\nB=2\n", 'S=new\nB=2\n'],
    ['twice', 'S=1\nS=2\n', 'S=new\nS=new\n'],
    ['with Windows line ends', 'A=1\r\nS=old\r\nB=2\r\n', 'A=1\r\nS=new\r\nB=2\r\n'],
  ])('%s', (_name, before, after) => {
    expect(replaceInEnv(before, { S: 'new' })).toBe(after);
  });

  test('commented lines and longer names stay', () => {
    const text = '# S=old\nMY_S=1\nS_2=2\nS=old\n';
    expect(replaceInEnv(text, { S: 'new' })).toBe('# S=old\nMY_S=1\nS_2=2\nS=new\n');
  });

  test('one that is not there is an error', () => {
    expect(() => replaceInEnv('A=1\n', { S: 'new' })).toThrow('S could not be replaced');
  });

  test('whatever stands around it: the new value is read, the others are as before', () => {
    const value = fc.stringMatching(/^[A-Za-z0-9+/=_.-]{0,20}$/);
    const others = fc.dictionary(fc.stringMatching(/^[A-RT-Z][A-Z_]{0,6}$/), value, { maxKeys: 4 });
    fc.assert(
      fc.property(others, value, value, fc.nat(4), (pairs, old, fresh, at) => {
        const lines = Object.entries(pairs).map(([name, one]) => `${name}=${one}`);
        lines.splice(at, 0, '# a comment', `S=${old}`);
        const after = parseEnvFile(replaceInEnv(`${lines.join('\n')}\n`, { S: fresh }));
        expect(after).toEqual({ ...parseEnvFile(lines.join('\n')), S: fresh });
      }),
    );
  });
});
