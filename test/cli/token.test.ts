import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { run as curl } from '../../src/commands/curl.ts';
import { shellWord } from '../../src/shell-word.ts';
import { run as token, screen as tokenScreen, type TokenOptions } from '../../src/commands/token.ts';
import { run as tools, screen as toolsScreen } from '../../src/commands/tools.ts';
import { styleFor } from '../../src/ui/colour.ts';
import { testContext, type TestContext, type TestContextOptions } from '../helpers/context.ts';
import { json } from '../unit/oauth/world.ts';
import { startProject, type TestProject } from './project.ts';

let project: TestProject;
beforeEach(async () => void (project = await startProject()));
afterEach(async () => project.close());

const context = (more: TestContextOptions = {}): TestContext =>
  testContext({ cwd: project.folder, ...more, env: { MCPGW_STATE_DIR: project.state, ...more.env } });

async function failure(options: TokenOptions, ctx = context()): Promise<unknown> {
  return token(ctx, options).then(
    () => 'no failure',
    (error: unknown) => error,
  );
}

/** What Pomerium answers to a request that its policy refuses. */
const denied = (message: Record<string, unknown>): ReturnType<typeof json> =>
  json(200, {
    jsonrpc: '2.0',
    id: message['id'],
    error: {
      code: -32602,
      message: 'access denied, please see the authorization log for the request 1f for details',
      data: { request_id: '1f' },
    },
  });

describe('token', () => {
  test('signs in by itself as a development user and prints only the token', async () => {
    const result = await token(context(), { route: 'whoami', as: 'member' });
    expect(tokenScreen(result)).toBe(`${result.accessToken}\n`);
    expect(result).toMatchObject({ from: 'sign-in', server: project.gateway.server.href });
    expect(project.told).toEqual(['member']);
  });

  test('takes the stored one the next time, without a request', async () => {
    const first = await token(context(), { route: 'whoami', as: 'member' });
    const before = project.gateway.log.length;
    const again = await token(context(), { route: 'whoami', as: 'member' });
    expect(again).toMatchObject({ accessToken: first.accessToken, from: 'cache' });
    expect(project.gateway.log).toHaveLength(before);
    expect((await token(context(), { route: 'whoami', as: 'member', fresh: true })).from).toBe('sign-in');
  });

  test.each([
    [{ header: true }, (accessToken: string) => `Authorization: Bearer ${accessToken}\n`],
    [{ format: 'header' }, (accessToken: string) => `Authorization: Bearer ${accessToken}\n`],
    [{ format: 'headers' }, (accessToken: string) => `{"Authorization":"Bearer ${accessToken}"}\n`],
  ])('prints %j', async (options, expected) => {
    const result = await token(context(), { route: 'whoami', as: 'member', ...options });
    expect(tokenScreen(result)).toBe(expected(result.accessToken));
  });

  test('prints everything about it with --format json', async () => {
    const result = await token(context(), { route: 'whoami', as: 'member', format: 'json' });
    expect(JSON.parse(tokenScreen(result))).toMatchObject({
      ok: true,
      accessToken: result.accessToken,
      tokenType: 'Bearer',
      from: 'sign-in',
    });
  });

  test('refuses a form that it does not know, and two at once', async () => {
    expect(await failure({ route: 'whoami', format: 'xml' })).toMatchObject({ code: 'USAGE', exit: 2 });
    expect(await failure({ route: 'whoami', format: 'json', header: true })).toMatchObject({ code: 'USAGE' });
  });

  test('never writes the token anywhere else', async () => {
    const ctx = context();
    const { accessToken } = await token(ctx, { route: 'whoami', as: 'member' });
    expect(ctx.err()).not.toContain(accessToken);
    expect(ctx.out()).toBe('');
    expect(ctx.err()).toContain('signed in as member');
  });

  test('finds the route by name, by host, and by URL', async () => {
    const { host, hostname, href } = project.gateway.server;
    const found = await Promise.all(
      ['whoami', host, hostname, href].map((route) => token(context(), { route, as: 'member' })),
    );
    expect(new Set(found.map(({ server }) => server))).toEqual(new Set([href]));
  });

  test('finds it from a folder below, and again after the files have changed', async () => {
    const below = join(project.folder, 'a', 'b');
    await mkdir(below, { recursive: true });
    await token(context({ cwd: below }), { route: 'whoami', as: 'member' });
    const file = join(project.folder, 'pomerium-config.yaml');
    await writeFile(file, (await readFile(file, 'utf8')).replace('name: whoami', 'name: renamed'));
    expect(await failure({ route: 'whoam', as: 'member' })).toMatchObject({ code: 'ROUTE_UNKNOWN' });
    expect((await token(context(), { route: 'renamed', as: 'member' })).from).toBe('cache');
  });

  test('does not take a token of a gateway whose state was deleted, or of a project that was made anew', async () => {
    const sqlite = join(project.folder, '.mcpgw', 'gateway', 'state.sqlite');
    await mkdir(join(sqlite, '..'));
    await writeFile(sqlite, '');
    await token(context(), { route: 'whoami', as: 'member' });
    expect((await token(context(), { route: 'whoami', as: 'member' })).from).toBe('cache');
    await writeFile(`${sqlite}.new`, '');
    await rename(`${sqlite}.new`, sqlite);
    expect((await token(context(), { route: 'whoami', as: 'member' })).from).toBe('sign-in');
    expect(project.gateway.registrations).toHaveLength(2);
  });

  test('works although the state of the routes cannot be kept, and although it is damaged', async () => {
    await token(context(), { route: 'whoami', as: 'member' });
    const [name = ''] = await readdir(join(project.state, 'routes'));
    await writeFile(join(project.state, 'routes', name), '{');
    expect((await token(context(), { route: 'whoami', as: 'member' })).from).toBe('cache');
  });

  test.each([
    [{ route: 'whoamy' }, 'ROUTE_UNKNOWN', /did you mean `whoami`/],
    [{ route: 'app' }, 'ROUTE_UNKNOWN', /no MCP route/],
    [{ route: 'http://example.com/mcp' }, 'USAGE', /https/],
    [{ route: 'ftp://example.com/mcp' }, 'USAGE', /https/],
    [{ route: 'https://' }, 'USAGE', /no URL/],
    [{ route: 'whoami', as: 'memmber' }, 'USAGE', /member, guest/],
    [{ route: 'https://mcp.example.com/', as: 'member' }, 'USAGE', /no development identity provider/],
  ])('%j is refused', async (options, code, message) => {
    expect(await failure(options)).toMatchObject({ code, message: expect.stringMatching(message) as string });
  });

  test('outside of a project a name means nothing', async () => {
    expect(await failure({ route: 'whoami' }, context({ cwd: '/' }))).toMatchObject({ code: 'NO_PROJECT' });
  });

  test('a broken configuration is told with its line', async () => {
    const file = join(project.folder, 'pomerium-config.yaml');
    await writeFile(file, `${await readFile(file, 'utf8')}nonsense: 1\n`);
    expect(await failure({ route: 'whoami' })).toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(/pomerium-config\.yaml:\d+/) as string,
    });
  });

  test('without a terminal and without --as it says what to run', async () => {
    expect(await failure({ route: 'whoami' })).toMatchObject({
      code: 'SIGN_IN_NEEDED',
      exit: 4,
      fix: 'mcpgw token whoami    # in a terminal, with a browser',
    });
    expect(project.gateway.log).toEqual([]);
  });

  test('reads MCPGW_AS, and a flag beats it', async () => {
    await token(context({ env: { MCPGW_AS: 'guest' } }), { route: 'whoami' });
    await token(context({ env: { MCPGW_AS: 'guest' } }), { route: 'whoami', as: 'member' });
    expect(project.told).toEqual(['guest', 'member']);
  });

  test('--no-browser takes the redirected URL pasted back', async () => {
    const ctx = context({ interactive: true });
    const input = async (): Promise<string> => {
      const url = new URL(/https:\S+authorize\S+/.exec(ctx.err())?.[0] ?? '');
      const state = url.searchParams.get('state');
      return `${url.searchParams.get('redirect_uri')}?code=x&state=${state}&iss=https://evil.example`;
    };
    const pasting = { ...ctx, prompt: { ...ctx.prompt, input } };
    expect(await failure({ route: 'whoami', browser: false }, pasting)).toMatchObject({
      code: 'CALLBACK_INVALID',
      exit: 4,
    });
    expect(ctx.opened).toEqual([]);
  });
});

describe('a user whom the policy refuses', () => {
  test('hears it when signing in, with the rule', async () => {
    await project.close();
    project = await startProject('- allow:\n          or:\n            - groups: { has: staff } # only us');
    project.gateway.knobs.mcp = denied;
    expect(await failure({ route: 'whoami', as: 'guest' })).toMatchObject({
      code: 'POLICY_DENIED',
      exit: 4,
      message: expect.stringContaining('guest@example.com') as string,
      why: expect.stringMatching(/^Rule: pomerium-config\.yaml:1[6-9]\n.*groups: \{ has: staff \}$/) as string,
    });
  });

  test('still gets a token when only tools are ruled out', async () => {
    await project.close();
    project = await startProject('- allow: { and: [{ mcp_tool: { is: echo } }] }');
    project.gateway.knobs.mcp = denied;
    expect((await token(context(), { route: 'whoami', as: 'member' })).from).toBe('sign-in');
  });

  test('hears it from tools, with a token from before', async () => {
    await token(context(), { route: 'whoami', as: 'member' });
    project.gateway.knobs.mcp = denied;
    const error = await tools(context(), { route: 'whoami', as: 'member' }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'POLICY_DENIED', exit: 4, details: { requestId: '1f' } });
  });
});

describe('tools', () => {
  test('lists names, parameters and what they do, within 80 columns', async () => {
    const ctx = context();
    const result = await tools(ctx, { route: 'whoami', as: 'member' });
    const text = toolsScreen(result, styleFor(ctx.stdout, {}));
    expect(text).toContain('echo   text         Says what it is told.');
    expect(text).toContain('1 tool');
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(result.tools[0]?.inputSchema).toHaveProperty('properties');
  });
});

describe('curl', () => {
  const shell = promisify(execFile);

  test.each(["it's", 'a b', '$(rm -rf /)', '`x`', '"', 'plain-1.2/x:y', '', 'a\nb'])(
    'quotes %j so that a shell sees one word',
    async (word) => {
      const { stdout } = await shell('/bin/sh', ['-c', `printf %s ${shellWord(word)}`]);
      expect(stdout).toBe(word);
    },
  );

  test('prints a line that works as it stands', async ({ skip }) => {
    const hasCurl = await shell('curl', ['--version']).then(
      () => true,
      () => false,
    );
    skip(!hasCurl, 'curl is not on this machine');
    const ctx = context();
    const { accessToken } = await token(ctx, { route: 'whoami', as: 'member' });
    const bin = join(project.folder, 'bin');
    await mkdir(bin);
    await writeFile(join(bin, 'mcpgw'), `#!/bin/sh\n[ "$*" = "token whoami --as member" ] && echo '${accessToken}'\n`);
    await chmod(join(bin, 'mcpgw'), 0o755);
    const env = { PATH: `${bin}:${process.env['PATH']}` };
    const { line } = await curl(context({ env }), { route: 'whoami', as: 'member' });
    expect(line).toContain(`--cacert ${shellWord(project.authority)}`);
    const { stdout } = await shell('/bin/sh', ['-c', line], { env, cwd: project.folder });
    expect(JSON.parse(stdout)).toMatchObject({ result: { tools: [{ name: 'echo' }] } });
  });

  test('does not count on a program that npx puts on the PATH for its own time', async () => {
    const folder = join(project.folder, 'node_modules/.bin');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'mcpgw'), '#!/bin/sh\n', { mode: 0o755 });
    const { line } = await curl(context({ env: { PATH: folder } }), { route: 'whoami' });
    expect(line).toContain(`$(${process.execPath} `);
  });

  test('names this program by its path where the shell would not find it', async () => {
    const { line } = await curl(context({ env: { PATH: '' } }), { route: 'whoami' });
    expect(line).toContain(`$(${process.execPath} src/start.ts token whoami)`);
  });

  test('refuses a user whom nobody could sign in', async () => {
    await expect(curl(context(), { route: 'whoami', as: 'nobody' })).rejects.toMatchObject({ code: 'USAGE' });
  });

  test('for a foreign server leaves out what belongs to the project', async () => {
    const { line } = await curl(context(), { route: 'https://mcp.example.com/mcp?a=1&b=2' });
    expect(line).not.toMatch(/cacert|resolve/);
    expect(line).toContain("'https://mcp.example.com/mcp?a=1&b=2'");
  });
});
