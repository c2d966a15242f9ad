import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../../src/pomerium/index.ts';

const only = (text: string, file = 'c.yaml') => {
  const { options, problems } = parseConfig(text, { file });
  expect(options).toBeUndefined();
  expect(problems).toHaveLength(1);
  return problems[0];
};

describe('text that cannot be read', () => {
  test.each([
    ['a: [b', 'BAD_YAML', 1],
    ['a: 1\nb: "c', 'BAD_YAML', 2],
    ['a:\n\tb: 1', 'BAD_YAML', 2],
    ['a: b: c', 'BAD_YAML', 1],
    ['address: x\nroutes: []\naddress: y', 'DUPLICATE_KEY', 3],
    ['routes:\n  - from: a\n    from: b', 'DUPLICATE_KEY', 3],
  ])('%o: %s at line %i', (text, code, line) => {
    const problem = parseConfig(text, { file: 'c.yaml' }).problems[0];
    expect(problem).toMatchObject({ code, severity: 'error', position: { line } });
    expect(problem?.pomerium).toContain('failed to read config: While parsing config: yaml: ');
  });

  test.each([
    ['', 'EMPTY_FILE'],
    ['# only a comment\n', 'EMPTY_FILE'],
    ['null', 'EMPTY_FILE'],
    ['[a, b]', 'NO_MAPPING'],
    ['just text', 'NO_MAPPING'],
    ['a: *nowhere', 'BAD_ALIAS'],
    ['a: 1\n---\nb: 2', 'MULTIPLE_DOCS'],
  ])('%o: %s', (text, code) => {
    expect(only(text)?.code).toBe(code);
  });

  test('TOML is named as such', () => {
    expect(only('address = ":443"', 'config.toml')).toMatchObject({
      code: 'TOML',
      fix: expect.stringContaining('YAML') as unknown,
    });
  });

  test('JSON that ends too early says so, with its place', () => {
    expect(only('{"address":\n ":443"', 'c.json')).toMatchObject({
      code: 'BAD_JSON',
      position: { line: 2 },
      pomerium:
        'config: options from config file "c.json": failed to read config: While parsing config: unexpected end of JSON input',
    });
  });

  test.each([
    ['config.conf', 'conf'],
    ['config', ''],
  ])('a file named %s is refused, as Pomerium refuses it', (file, type) => {
    const pomerium = `config: options from config file "${file}": failed to read config: Unsupported Config Type "${type}"`;
    expect(only('address: x', file)).toMatchObject({ code: 'UNSUPPORTED_TYPE', pomerium });
  });

  test('a message about JSON quotes nothing of the text', () => {
    const problem = only('{"shared_secret": "hunter2", oops}', 'c.json');
    expect(JSON.stringify(problem)).not.toContain('hunter2');
  });

  test('a key that JSON has twice is refused although Pomerium takes the last', () => {
    const problem = only('{"address": ":1", "address": ":2"}', 'c.json');
    expect(problem?.code).toBe('DUPLICATE_KEY');
    expect(problem).not.toHaveProperty('pomerium');
  });

  test('JSON that is no object is refused', () => {
    const pomerium = expect.stringContaining(
      'json: cannot unmarshal array into Go value of type map[string]interface {}',
    ) as unknown;
    expect(only('[1]', 'c.json')).toMatchObject({ code: 'NO_MAPPING', pomerium });
    expect(only('null', 'c.json')).toMatchObject({ code: 'EMPTY_FILE' });
  });

  test('YAML in a file named .json is refused', () => {
    expect(only('address: x', 'c.json')?.code).toBe('BAD_JSON');
  });
});

describe('text that is no configuration', () => {
  test('5 MB: one problem at once', () => {
    expect(only(`routes:\n${'  - from: https://a.example.com\n'.repeat(160_000)}`)).toMatchObject({
      code: 'FILE_TOO_LARGE',
    });
  });

  test('a hundred thousand brackets', () => {
    expect(only('['.repeat(100_000))?.code).toBe('TOO_DEEP');
    expect(only('{a: '.repeat(100_000))?.code).toBe('TOO_DEEP');
  });

  test.each([
    ['lists in lists', '- '.repeat(20_000)],
    ['mappings in mappings', Array.from({ length: 1200 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')],
  ])('%s without brackets', (_, text) => {
    const { options, problems } = parseConfig(text, { file: 'c.yaml' });
    expect(options).toBeUndefined();
    expect(problems.length).toBeGreaterThan(0);
  });

  test('aliases of aliases', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let i = 1; i < 12; i++)
      lines.push(
        `a${i}: &a${i} [${Array(10)
          .fill(`*a${i - 1}`)
          .join(', ')}]`,
      );
    expect(only(lines.join('\n'))).toMatchObject({
      code: 'ALIAS_BOMB',
      pomerium: expect.stringContaining('excessive aliasing') as unknown,
    });
  });

  test('an alias of itself', () => {
    expect(only('a: &a [*a]\nroutes: *a')?.message).toContain('stands inside what it names');
  });
});

describe('anchors and merge keys', () => {
  const TEXT = [
    'x: &company',
    '  policy: [{allow: {or: [{domain: company.com}]}}]',
    'routes:',
    '  - <<: *company',
    '    from: https://a.example.com',
    '    to: http://h:1',
  ].join('\n');

  test('are followed, and their key is still unknown', () => {
    const { problems } = parseConfig(TEXT, { file: 'c.yaml' });
    expect(problems.map(({ path, code }) => `${path} ${code}`)).toEqual(['x UNKNOWN_KEY']);
  });

  test('a policy may be shared by hundreds of routes', () => {
    const first =
      '  - {from: https://r.example.com, to: http://h:1, policy: &p [{allow: {or: [{domain: company.com}]}}]}';
    const others = Array.from(
      { length: 300 },
      (_, i) => `  - {from: https://r${i}.example.com, to: http://h:1, policy: *p}`,
    );
    const { options, problems } = parseConfig(['routes:', first, ...others].join('\n'), { file: 'c.yaml' });
    expect(problems).toEqual([]);
    expect(options?.routes[300]?.policy).toHaveLength(1);
  });
});
