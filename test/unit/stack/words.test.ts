import { describe, expect, test } from 'vitest';
import { splitWords } from '../../../src/stack/words.ts';

describe('command line of a service', () => {
  test.each([
    ['node server.js', ['node', 'server.js']],
    ['  node   server.js  ', ['node', 'server.js']],
    ['node "my server.js" --name=\'a b\'', ['node', 'my server.js', '--name=a b']],
    ['echo ""', ['echo', '']],
    ['echo a\\ b "c\\"d" "e\\f"', ['echo', 'a b', 'c"d', 'e\\f']],
    ["echo '$HOME' $HOME *.js ; ls", ['echo', '$HOME', '$HOME', '*.js', ';', 'ls']],
    ['', []],
  ])('%s', (line, words) => {
    expect(splitWords(line)).toEqual(words);
  });

  test('refuses a quote that is left open', () => {
    expect(() => splitWords('node "server.js')).toThrow('is not closed');
  });
});
