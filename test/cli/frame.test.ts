import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli.ts';
import type { World } from '../../src/context-node.ts';
import type { OutputStream } from '../../src/context.ts';
import { run } from '../../src/main.ts';
import { widthOf } from '../../src/ui/table.ts';

interface Outcome {
  exit: number;
  out: string;
  err: string;
  /** Where an unexpected error leaves its stack. */
  state: string;
}

interface Surroundings {
  name?: string;
  env?: Record<string, string>;
  /** Both outputs are terminals (stdin never is: nobody types here). */
  terminal?: boolean;
  signal?: AbortSignal;
  /** stdout fails as nobody foresaw. */
  broken?: boolean;
}

/** Runs one command line in an empty folder, with an empty environment, and no terminal. */
async function mcpgw(
  line: string | string[],
  { name, env, terminal, signal, broken }: Surroundings = {},
): Promise<Outcome> {
  const cwd = mkdtempSync(join(tmpdir(), 'mcpgw-frame-'));
  const state = join(cwd, 'state');
  const stdin = new PassThrough();
  stdin.end();
  const [out, err] = [collect(terminal), collect(terminal)];
  if (broken)
    out.stream.write = () => {
      throw new TypeError('the pipe has melted');
    };
  const world: World = {
    cwd,
    env: { HOME: cwd, MCPGW_STATE_DIR: state, ...env },
    // The frame reads no more of it than that it is no terminal.
    stdin: stdin as unknown as World['stdin'],
    stdout: out.stream,
    stderr: err.stream,
    execPath: process.execPath,
    signal: signal ?? new AbortController().signal,
  };
  const words = typeof line === 'string' ? line.split(' ').filter((word) => word !== '') : line;
  const exit = await run(words, world, name);
  return { exit, out: out.text(), err: err.text(), state };
}

function collect(terminal = false): { stream: OutputStream; text: () => string } {
  const stream: PassThrough & OutputStream = new PassThrough();
  if (terminal) Object.assign(stream, { isTTY: true, columns: 80 });
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return { stream, text: () => Buffer.concat(chunks).toString('utf8') };
}

const VISIBLE = COMMANDS.filter((spec) => !spec.hidden);
const NAMES = VISIBLE.map((spec) => spec.name);
const ESCAPE = '\u001b[';

function longestLine(text: string): number {
  return Math.max(...text.split('\n').map((line) => widthOf(line)));
}

describe('help', () => {
  test.each(NAMES)('of %s has two examples, its flags, and fits into 80 columns', async (name) => {
    const { exit, out, err } = await mcpgw(`${name} --help`);
    expect({ exit, err }).toEqual({ exit: 0, err: '' });
    expect(longestLine(out)).toBeLessThanOrEqual(80);
    const examples = out
      .slice(out.indexOf('\nExamples\n'))
      .split('\n')
      .filter((line) => /^ {2}\S/.test(line));
    expect(examples.length).toBeGreaterThanOrEqual(2);
    for (const option of COMMANDS.find((spec) => spec.name === name)?.options ?? [])
      expect(out).toContain(option.flags);
    expect(await mcpgw(`help ${name}`)).toMatchObject({ exit: 0, out });
  });

  test.each(['exit-codes', 'environment', 'files', 'faults'])('topic %s fits into 80 columns', async (topic) => {
    const { exit, out } = await mcpgw(`help ${topic}`);
    expect(exit).toBe(0);
    expect(longestLine(out)).toBeLessThanOrEqual(80);
    expect(out.split('\n').length).toBeGreaterThan(8);
  });

  test('names every variable of the identity provider', async () => {
    const { out } = await mcpgw('help environment');
    const { err } = await mcpgw('idp');
    for (const [variable] of err.matchAll(/IDP_\w+/g)) expect(out).toContain(variable);
  });

  test('of the program lists every command by group, ends with the word on telemetry, and comes without words too', async () => {
    const { exit, out, err } = await mcpgw('--help');
    expect({ exit, err }).toEqual({ exit: 0, err: '' });
    expect(longestLine(out)).toBeLessThanOrEqual(80);
    for (const name of NAMES) expect(out).toMatch(new RegExp(`^ {2}${name} `, 'm'));
    expect(out.trimEnd().split('\n').at(-1)).toBe('mcpgw collects no telemetry.');
    for (const line of ['', 'help']) expect(await mcpgw(line)).toMatchObject({ exit: 0, out });
  });

  test('shows no hidden command', async () => {
    const { out } = await mcpgw('--help');
    expect(out).not.toMatch(/__complete|^ {2}engine /m);
  });

  test('names the nearest topic for a wrong one', async () => {
    const { exit, err } = await mcpgw('help exit-code');
    expect(exit).toBe(2);
    expect(err).toContain('Fix: mcpgw help exit-codes');
  });
});

describe('wrong usage', () => {
  test.each([
    ['tokne whoami --as member', 'unknown command `tokne`', 'mcpgw token'],
    ['frobnicate', 'unknown command `frobnicate`', 'mcpgw --help'],
    ['--jsno', 'unknown option `--jsno`', 'mcpgw --json'],
    ['up --prot 1', 'unknown option `--prot`', 'mcpgw up --port'],
    ['up --port', '`--port <number>` needs a value', 'mcpgw up --help'],
    ['up --port many', '`--port <number>`: `many` is no number', 'mcpgw up --help'],
    ['logs --tail=-1', '`--tail <lines>`: `-1` is no number', 'mcpgw logs --help'],
    ['up extra', 'too many words', 'mcpgw up --help'],
    ['token', '<route> is missing', 'mcpgw token --help'],
    ['call', '<route> is missing', 'mcpgw call --help'],
    ['completion', 'a shell is missing', 'mcpgw completion bash'],
    ['completion zhs', '`zhs` is no shell', 'mcpgw completion zsh'],
    ['doctor --only prot', '`prot` is no check', 'mcpgw doctor --only port'],
  ])('`mcpgw %s` says what is wrong and what to type, exit 2', async (line, message, fix) => {
    const { exit, out, err } = await mcpgw(line);
    expect({ exit, out }).toEqual({ exit: 2, out: '' });
    expect(err.replaceAll(/\n {2}(?=\S)/g, ' ')).toContain(message);
    expect(err).toContain(`Fix: ${fix}\n`);
    expect(err).toContain('USAGE · exit 2');
    expect(err).not.toMatch(/^\s+at /m);
  });

  test('lists everything missing at once when it may not ask', async () => {
    const { exit, err } = await mcpgw('idp');
    expect(exit).toBe(2);
    for (const name of ['IDP_ISSUER', 'IDP_CLIENT_SECRET', 'IDP_REDIRECT_URIS', 'IDP_USERS'])
      expect(err).toContain(`${name} is missing`);
  });

  test('of create asks nothing without a terminal, lists what is missing, and writes nothing', async () => {
    const { exit, err, state } = await mcpgw('create');
    expect(exit).toBe(2);
    expect(err).toMatch(/missing: .*<folder>/);
    expect(existsSync(state)).toBe(false);
  });
});

describe('--json', () => {
  test.each([
    ['help', 0],
    ['--help', 0],
    ['up --help', 0],
    ['--version', 0],
    ['', 0],
    ['doctor --list', 0],
    ['completion bash', 0],
    ['frobnicate', 2],
    ['up --prot 1', 2],
    ['token', 2],
    ['create', 2],
    ['help nothing', 2],
    ['idp', 2],
    ['status', 1],
    ['logs', 1],
    ['up', 1],
  ])('`mcpgw %s` prints one document and nothing beside it', async (line, expected) => {
    for (const words of [`--json ${line}`, `${line} --json`]) {
      const { exit, out, err } = await mcpgw(words, { terminal: true });
      const document = JSON.parse(out) as { ok: boolean; error?: Record<string, unknown> };
      expect({ exit, err, ok: document.ok }).toEqual({ exit: expected, err: '', ok: expected === 0 });
      expect(out).not.toContain(ESCAPE);
      if (expected === 0) continue;
      expect(document.error).toMatchObject({
        code: expect.stringMatching(/^[A-Z_]+$/),
        message: expect.any(String),
        exit: expected,
      });
      expect(document.error?.['fix']).toMatch(/\w/);
    }
  });

  test('after -- belongs to somebody else', async () => {
    const { out, err } = await mcpgw(['frobnicate', '--', '--json']);
    expect(out).toBe('');
    expect(err).toContain('unknown command');
  });
});

describe('colours', () => {
  test('are for terminals', async () => {
    expect((await mcpgw('--help', { terminal: true })).out).toContain(ESCAPE);
    expect((await mcpgw('help up', { terminal: true })).out).toContain(ESCAPE);
    expect((await mcpgw('frobnicate', { terminal: true })).err).toContain(ESCAPE);
    for (const line of ['--help', 'help up', 'frobnicate', 'doctor --list']) {
      const { out, err } = await mcpgw(line);
      expect(out + err).not.toContain(ESCAPE);
    }
  });

  test.each<[string, string, Record<string, string>]>([
    ['NO_COLOR', '', { NO_COLOR: '1' }],
    ['NO_COLOR over FORCE_COLOR', '', { NO_COLOR: '1', FORCE_COLOR: '1' }],
    ['--no-color before', '--no-color ', {}],
    ['TERM=dumb', '', { TERM: 'dumb' }],
    ['FORCE_COLOR=0', '', { FORCE_COLOR: '0' }],
  ])('end with %s', async (_name, before, env) => {
    for (const line of ['--help', 'help up', 'up --help', 'frobnicate', 'doctor --list']) {
      const { out, err } = await mcpgw(before + line, { terminal: true, env });
      expect(out + err).not.toContain(ESCAPE);
    }
  });

  test('end with --no-color after the command too, and come with FORCE_COLOR in a pipe', async () => {
    expect((await mcpgw('help up --no-color', { terminal: true })).out).not.toContain(ESCAPE);
    expect((await mcpgw('help up', { env: { FORCE_COLOR: '1' } })).out).toContain(ESCAPE);
  });
});

describe('errors', () => {
  test('show a stack with --debug or MCPGW_DEBUG only', async () => {
    const stack = /^\s+at .*\.ts:\d+/m;
    expect((await mcpgw('frobnicate')).err).not.toMatch(stack);
    expect((await mcpgw('--debug frobnicate')).err).toMatch(stack);
    expect((await mcpgw('frobnicate --debug')).err).toMatch(stack);
    expect((await mcpgw('frobnicate', { env: { MCPGW_DEBUG: '1' } })).err).toMatch(stack);
  });

  test('nobody foresaw say where their stack is', async () => {
    const { exit, err, state } = await mcpgw('help', { broken: true });
    expect(exit).toBe(1);
    expect(err).toContain('the pipe has melted');
    expect(err).not.toMatch(/^\s+at /m);
    const log = join(state, 'last-error.log');
    expect(err).toContain(log);
    expect(readFileSync(log, 'utf8')).toMatch(/^\s+at /m);
  });

  test('that come of Ctrl+C are called that, exit 130', async () => {
    const { exit, err, state } = await mcpgw('help', { broken: true, signal: AbortSignal.abort(new Error('SIGINT')) });
    expect(exit).toBe(130);
    expect(err).toContain('stopped by Ctrl+C');
    expect(existsSync(state)).toBe(false);
  });
});

describe('completion', () => {
  test.each([
    ['bash', 'complete -o default -F _mcpgw mcpgw'],
    ['zsh', '#compdef mcpgw'],
    ['fish', 'complete -c mcpgw'],
    ['powershell', 'Register-ArgumentCompleter'],
  ])('has a script for %s that asks the program and says how to install it', async (shell, sign) => {
    const { exit, out, err } = await mcpgw(`completion ${shell}`);
    expect({ exit, err }).toEqual({ exit: 0, err: '' });
    expect(out).toContain(sign);
    expect(out).toContain('mcpgw __complete -- ');
    expect(out).toContain(`# install: mcpgw completion ${shell} > `.replace('powershell >', 'powershell >>'));
  });

  test('completes in a real bash', async () => {
    const { out } = await mcpgw('completion bash');
    execFileSync('bash', ['-n'], { input: out });
    const script = `mcpgw() { printf '%s\\n' "$@"; }\n${out}\nCOMP_WORDS=(mcpgw token --as); COMP_CWORD=2; _mcpgw; printf '[%s]' "\${COMPREPLY[@]}"`;
    expect(execFileSync('bash', ['-c', script], { encoding: 'utf8' })).toBe('[__complete][--][token][--as]');
  });

  test.each([
    [['to'], ['token', 'tools']],
    [
      ['--json', 'to'],
      ['token', 'tools'],
    ],
    [['up', '--po'], ['--port']],
    [['up', '--j'], ['--json']],
    [['help', 'exi'], ['exit-codes']],
    [['help', 'tok'], ['token']],
    [
      ['completion', ''],
      ['bash', 'fish', 'powershell', 'zsh'],
    ],
    [['completion', 'bash', ''], []],
    [['token', ''], []],
    [['frobnicate', '--as', ''], NAMES.toSorted()],
  ])('after %o come %o', async (typed, words) => {
    const { exit, out } = await mcpgw(['__complete', '--', ...typed]);
    expect(exit).toBe(0);
    expect(out.split('\n').filter((line) => line !== '')).toEqual(words);
  });
});

test('--version prints the version of package.json, and no more', async () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  expect(await mcpgw('--version')).toMatchObject({ exit: 0, out: `${version}\n`, err: '' });
  expect(await mcpgw('--version', { name: 'create-mcp-gateway' })).toMatchObject({ exit: 0, out: `${version}\n` });
});

test('create-mcp-gateway is create, with or without the -- that npm wants', async () => {
  const { out } = await mcpgw('create --help');
  expect(await mcpgw('--help', { name: 'create-mcp-gateway' })).toMatchObject({ exit: 0, out });
  expect(await mcpgw('-- --help', { name: 'create-mcp-gateway' })).toMatchObject({ exit: 0, out });
  expect(await mcpgw('-- my-gateway --prot 1', { name: 'create-mcp-gateway' })).toMatchObject({
    exit: 2,
    err: expect.stringContaining('Fix: mcpgw create --port'),
  });
});

test('-C runs a command as if started in that folder', async () => {
  const { exit, err } = await mcpgw('-C /nowhere-at-all status');
  expect(exit).toBe(1);
  expect(err).toContain('/nowhere-at-all');
});
