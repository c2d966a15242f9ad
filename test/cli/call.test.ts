import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readCallWords } from '../../src/commands/call-words.ts';
import { run as call, screen as callScreen, type CallOptions } from '../../src/commands/call.ts';
import { parseToolArguments } from '../../src/commands/tool-arguments.ts';
import { flagsOf } from '../../src/commands/tool-flags.ts';
import type { Tool } from '../../src/mcp/index.ts';
import { styleFor } from '../../src/ui/colour.ts';
import { testContext, type TestContext, type TestContextOptions } from '../helpers/context.ts';
import { json } from '../unit/oauth/world.ts';
import { startProject, type TestProject } from './project.ts';

const SEARCH: Tool = {
  name: 'search',
  description: 'Finds things.',
  inputSchema: {
    type: 'object',
    properties: {
      query: { type: 'string', description: 'what to look for' },
      limit: { type: 'integer', default: 10 },
      weight: { type: ['number', 'null'] },
      exact: { type: 'boolean' },
      sort_by: { enum: ['name', 'date'] },
      level: { enum: [1, 2, true] },
      tags: { type: 'array', items: { type: 'string' } },
      numbers: { type: 'array', items: { $ref: '#/$defs/n' } },
      filter: { type: 'object' },
      maybe: { anyOf: [{ type: 'integer' }, { type: 'null' }] },
      scope: { type: 'string' },
      no_cache: { type: 'boolean' },
    },
    required: ['query', 'sort_by'],
    $defs: { n: { type: 'number' } },
  },
};
const REQUIRED = ['--query', 'x', '--sort-by', 'name'];

const parse = (words: string[], jsonArgs?: string): Record<string, unknown> =>
  parseToolArguments(SEARCH, words, jsonArgs, 'mcpgw call s search');
const fault = (words: string[], jsonArgs?: string): string => {
  try {
    return `no fault: ${JSON.stringify(parse(words, jsonArgs))}`;
  } catch (error) {
    expect(error).toMatchObject({ code: 'USAGE', exit: 2, fix: expect.stringContaining('') as string });
    return error instanceof Error ? error.message : '';
  }
};

describe('flags from a tool’s schema', () => {
  test.each<[string[], Record<string, unknown>]>([
    [['--limit', '3'], { limit: 3 }],
    [['--limit=-3'], { limit: -3 }],
    [['--weight', '0.5'], { weight: 0.5 }],
    [['--exact'], { exact: true }],
    [['--no-exact'], { exact: false }],
    [['--exact=false'], { exact: false }],
    [['--no-cache'], { no_cache: true }],
    [['--no-no-cache'], { no_cache: false }],
    [['--sort_by', 'date'], { sort_by: 'date' }],
    [['--tags', 'a', '--tags', 'b'], { tags: ['a', 'b'] }],
    [['--tags', '["a","b"]'], { tags: ['a', 'b'] }],
    [['--numbers', '1', '--numbers', '2.5'], { numbers: [1, 2.5] }],
    [['--filter', '{"a":1}'], { filter: { a: 1 } }],
    [['--maybe', '4'], { maybe: 4 }],
    [['--level', '2'], { level: 2 }],
    [['--arg-scope', 'mine'], { scope: 'mine' }],
    [['--query', '--looks-like-a-flag'], { query: '--looks-like-a-flag' }],
    [['--query=a=b'], { query: 'a=b' }],
  ])('%j', (words, expected) => {
    expect(parse([...REQUIRED, ...words])).toMatchObject(expected);
  });

  test.each<[string[], RegExp]>([
    [['--limit', '1.5'], /--limit: `1.5` is no whole number/],
    [['--limit', ''], /no whole number/],
    [['--weight', 'heavy'], /no number/],
    [['--exact=maybe'], /neither true nor false/],
    [['--sort-by', 'nme'], /not one of name, date; did you mean name/],
    [['--filter', '{'], /no JSON/],
    [['--limt', '3'], /--limt is unknown; did you mean --limit/],
    [['stray'], /`stray` belongs to no flag/],
    [['--limit'], /--limit needs a value/],
  ])('%j is refused', (words, expected) => {
    expect(fault([...REQUIRED, ...words])).toMatch(expected);
  });

  test('everything that is wrong or missing is told at once', () => {
    expect(fault(['--limit', 'x', '--quary', 'y'])).toMatch(
      /whole number.*--quary is unknown.*missing: --query, --sort-by/,
    );
  });

  test('flags beat --json-args, which has to be an object', () => {
    expect(parse(['--query', 'flag'], '{"query":"json","sort_by":"name"}')).toEqual({ query: 'flag', sort_by: 'name' });
    for (const text of ['', '[]', '3', '{']) expect(fault([], text)).toContain('no JSON object');
  });

  test('any words end in arguments or in one explained error', () => {
    const words = fc.array(
      fc.oneof(fc.string(), fc.constantFrom('--query', '--limit', '--exact', '--tags', '--no-exact', '--filter')),
    );
    fc.assert(fc.property(words, (some) => void fault(some)));
  });

  test('any schema can be read', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (properties) => {
        expect(flagsOf({ inputSchema: { properties } })).toHaveLength(Object.keys(properties).length);
      }),
    );
  });

  test('a reference that leads to itself ends', () => {
    const inputSchema = { properties: { a: { $ref: '#/$defs/a' } }, $defs: { a: { $ref: '#/$defs/a' } } };
    expect(flagsOf({ inputSchema })[0]?.kind).toBe('json');
  });
});

describe('the words after the route', () => {
  test('are ours before and after the tool, and the tool’s otherwise', () => {
    expect(
      readCallWords({ tool: '--as', rest: ['member', 'search', '--query', 'x', '--json', '--timeout=9'] }),
    ).toMatchObject({
      tool: 'search',
      toolWords: ['--query', 'x'],
      signIn: { as: 'member', timeout: 9 },
      json: true,
    });
  });

  test('after -- they are the tool’s', () => {
    expect(readCallWords({ tool: 'search', rest: ['--no-browser', '--', '--as', 'x'] })).toMatchObject({
      toolWords: ['--as', 'x'],
      signIn: { browser: false },
    });
  });

  test.each([[['--as']], [['--timeout', 'soon']]])('%j is refused', (rest) => {
    expect(() => readCallWords({ tool: 'search', rest })).toThrow(/needs a value|no number/);
  });
});

describe('call', () => {
  let project: TestProject;
  beforeEach(async () => void (project = await startProject()));
  afterEach(async () => project.close());

  const context = (more: TestContextOptions = {}): TestContext =>
    testContext({ cwd: project.folder, ...more, env: { MCPGW_STATE_DIR: project.state, ...more.env } });
  const shown = async (options: Omit<CallOptions, 'route'>, ctx = context()): Promise<string> => {
    const result = await call(ctx, { route: 'whoami', ...options, rest: [...(options.rest ?? []), '--as', 'member'] });
    return callScreen(result, styleFor(ctx.stdout, {}));
  };
  const failure = async (options: Omit<CallOptions, 'route'>): Promise<unknown> =>
    shown(options).catch((error: unknown) => error);

  test('prints the text of the result', async () => {
    expect(await shown({ tool: 'echo', rest: ['--text', 'hello'] })).toBe('hello\n');
  });

  test('prints the whole result with --json', async () => {
    const text = await shown({ tool: 'echo', rest: ['--text', 'hello', '--json'] });
    expect(JSON.parse(text)).toEqual({
      ok: true,
      tool: 'echo',
      content: [{ type: 'text', text: 'hello' }],
      structuredContent: { said: 'hello' },
    });
  });

  test('reads the arguments from stdin', async () => {
    expect(await shown({ tool: 'echo', rest: ['--json-args', '-'] }, context({ stdin: '{"text":"piped"}' }))).toBe(
      'piped\n',
    );
  });

  test('shows the flags of a tool', async () => {
    const text = await shown({ tool: 'echo', rest: ['--help'] });
    expect(text).toContain('mcpgw call whoami echo --text <text>');
    expect(text).toContain('what to say (required)');
  });

  test('without a tool, or with an unknown one, names those that there are', async () => {
    expect(await failure({})).toMatchObject({ code: 'USAGE', message: expect.stringContaining('echo') as string });
    expect(await failure({ tool: 'ecko' })).toMatchObject({ code: 'USAGE', fix: 'mcpgw call whoami echo' });
  });

  test('a tool that fails is a failure', async () => {
    const content = [{ type: 'text', text: 'no such \u001b[2Jtable' }];
    project.gateway.knobs.mcp = ({ method, id }) =>
      method === 'tools/call' ? json(200, { jsonrpc: '2.0', id, result: { content, isError: true } }) : undefined;
    expect(await failure({ tool: 'echo', rest: ['--text', 'x'] })).toMatchObject({
      code: 'TOOL_FAILED',
      exit: 1,
      why: 'no such  [2Jtable',
      details: { content },
    });
  });

  test('a tool that the policy refuses is told with the rule', async () => {
    await project.close();
    project = await startProject(
      '- allow: { or: [{ authenticated_user: true }] }\n      - deny: { or: [{ mcp_tool: { is: echo } }] }',
    );
    project.gateway.knobs.mcp = ({ method, id }) =>
      method === 'tools/call'
        ? json(200, {
            jsonrpc: '2.0',
            id,
            error: {
              code: -32602,
              message: 'access denied, please see the authorization log for the request 2a for details',
            },
          })
        : undefined;
    expect(await failure({ tool: 'echo', rest: ['--text', 'x'] })).toMatchObject({
      code: 'POLICY_DENIED',
      exit: 4,
      message: 'signed in as member@example.com, but the route’s policy refuses the tool echo',
      why: expect.stringMatching(/^Rule: pomerium-config\.yaml:17\ndeny: .*mcp_tool/) as string,
    });
  });

  test('a stored token that is no longer good is renewed once', async () => {
    await shown({ tool: 'echo', rest: ['--text', 'a'] });
    project.gateway.revokeAll();
    expect(await shown({ tool: 'echo', rest: ['--text', 'b'] })).toBe('b\n');
  });

  test.each([
    [
      { content: [{ type: 'image', mimeType: 'image/png', data: 'AAAA' }] },
      '[image image/png, 3 bytes; --json prints it]\n',
    ],
    [{ content: [{ type: 'resource', resource: { uri: 'file:///a', text: 'inside' } }] }, 'inside\n'],
    [{ content: [{ type: 'resource_link', uri: 'file:///a' }] }, 'file:///a\n'],
    [{ content: [], structuredContent: { a: 1 } }, '{\n  "a": 1\n}\n'],
    [
      {
        content: [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b\n' },
        ],
      },
      'a\nb\n',
    ],
  ])('shows %j', async (result, expected) => {
    project.gateway.knobs.mcp = ({ method, id }) =>
      method === 'tools/call' ? json(200, { jsonrpc: '2.0', id, result }) : undefined;
    expect(await shown({ tool: 'echo', rest: ['--text', 'x'] })).toBe(expected);
  });

  test('help can be asked for before anything else', async () => {
    const result = await call(context(), { route: '--help' });
    expect(result).toMatchObject({
      kind: 'command-help',
      text: expect.stringContaining('mcpgw call <route>') as string,
    });
  });
});
