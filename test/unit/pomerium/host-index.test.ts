import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WildcardIndex } from '../../../src/pomerium/host-index.ts';

/** Pomerium v0.33.1 config/from.go, WildcardToRegex, tried one after the other. */
function inTurn(patterns: readonly string[], host: string, anyPort: boolean): string[] {
  return patterns.filter((pattern) => {
    const body = pattern.replace(/[.+?()[\]{}|\\^$]/g, '\\$&').replaceAll('*', '(.*)');
    return new RegExp(`^${body}${anyPort && !/:\d+$/.test(pattern) ? '(:(.+))?' : ''}$`).test(host);
  });
}

function indexOf(patterns: readonly string[], anyPort: boolean): WildcardIndex<string> {
  const index = new WildcardIndex<string>();
  for (const pattern of patterns) index.add(pattern, pattern, anyPort);
  return index;
}

const find = (patterns: string[], host: string, anyPort = true): string[] => indexOf(patterns, anyPort).find(host);

describe('hosts with a star', () => {
  test('a star takes one label or several, but not none', () => {
    expect(find(['*.a.test'], 'x.a.test')).toEqual(['*.a.test']);
    expect(find(['*.a.test'], 'x.y.a.test')).toEqual(['*.a.test']);
    expect(find(['*.a.test'], 'a.test')).toEqual([]);
  });

  test('several that match come in the order of the file', () => {
    expect(find(['*.test', 'x*.a.test', '*.a.test'], 'x.a.test')).toEqual(['*.test', 'x*.a.test', '*.a.test']);
  });

  test('a port is taken along unless the pattern names one or ports count', () => {
    expect(find(['*.a.test'], 'x.a.test:8443')).toEqual(['*.a.test']);
    expect(find(['*.a.test'], 'x.a.test:8443', false)).toEqual([]);
    expect(find(['*.a.test:8443'], 'x.a.test:8443', false)).toEqual(['*.a.test:8443']);
    expect(find(['*.a.test:8443'], 'x.a.test')).toEqual([]);
  });

  test('finds what trying all patterns in turn would find', () => {
    const label = fc.constantFrom('a', 'b', 'ab', '*', 'a*');
    const port = fc.constantFrom('', '', ':1', ':22');
    const pattern = fc.tuple(fc.array(label, { minLength: 1, maxLength: 3 }), port).map(([labels, end]) => {
      const host = `${labels.join('.')}.test`;
      return (host.includes('*') ? host : `*.${host}`) + end;
    });
    const host = fc
      .tuple(fc.array(fc.constantFrom('a', 'b', 'ab', ''), { minLength: 1, maxLength: 4 }), port)
      .map(([labels, end]) => `${labels.join('.')}.test${end}`);
    fc.assert(
      fc.property(fc.array(pattern, { maxLength: 6 }), host, fc.boolean(), (patterns, wanted, anyPort) => {
        expect(indexOf(patterns, anyPort).find(wanted)).toEqual(inTurn(patterns, wanted, anyPort));
      }),
    );
  });
});
