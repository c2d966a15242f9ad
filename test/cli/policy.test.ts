import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { exitOf, run, screen, type PolicyOptions, type PolicyResult } from '../../src/commands/policy.ts';
import type { PolicyMatrixResult } from '../../src/commands/policy-matrix.ts';
import type { PolicyTestResult } from '../../src/commands/policy-test.ts';
import { styleFor } from '../../src/ui/colour.ts';
import { testContext } from '../helpers/context.ts';
import { failureOf, temporaryFolder, temporaryProject } from '../unit/project/helpers.ts';

const plain = styleFor(testContext().stdout, { COLUMNS: '80' });

let folder = '';
beforeEach(async () => {
  folder = await temporaryProject();
});

async function edit(change: (text: string) => string): Promise<void> {
  const file = join(folder, 'pomerium-config.yaml');
  await writeFile(file, change(await readFile(file, 'utf8')));
}

/** Puts criteria in the place of the first route's. */
function allow(...criteria: string[]): Promise<void> {
  const list = criteria.map((criterion) => `- ${criterion}`).join('\n            ');
  return edit((text) => text.replace(/- domain:\n +is: example.com/, list));
}

/** The line of the file on which a text stands, as often as it does. */
async function lineOf(text: string, nth = 0): Promise<number> {
  const lines = (await readFile(join(folder, 'pomerium-config.yaml'), 'utf8')).split('\n');
  return lines.flatMap((line, i) => (line.includes(text) ? [i + 1] : []))[nth] ?? 0;
}

async function tested(options: PolicyOptions, stdin = ''): Promise<PolicyTestResult> {
  const result = await run(testContext({ cwd: folder, stdin }), { action: 'test', ...options });
  if (result.kind !== 'test') throw new Error('no test');
  return result;
}

/** A call of a tool on every route, as a member. */
function everywhere(tool: string): Promise<PolicyResult> {
  return run(testContext({ cwd: folder }), { action: 'test', as: 'member', tool });
}

async function matrix(options: PolicyOptions = {}): Promise<PolicyMatrixResult> {
  const result = await run(testContext({ cwd: folder }), options);
  if (result.kind !== 'matrix') throw new Error('no matrix');
  return result;
}

const fits = (text: string): boolean => text.split('\n').every((line) => line.length <= 80);

describe('policy test', () => {
  test('shows the rule that refuses a tool, with its line, and exits with 4', async () => {
    const result = await tested({ route: 'sqlite', as: 'member', tool: 'delete_row' });
    const rule = `pomerium-config.yaml:${await lineOf('- deny:')}`;
    expect(result).toMatchObject({ allowed: false, answer: 'json-rpc', rule, reasons: ['mcp-tool-match'] });
    expect(exitOf(result)).toBe(4);
    const text = screen(result, plain);
    expect(text).toContain('✗ HTTP 200 with the JSON-RPC error -32602');
    expect(text).toContain(`Rule: ${rule}`);
    expect(text).toMatch(/or {2}✓ mcp_tool not_in read_query, list_tables, describe_\S+ +mcp-tool-match/);
    expect(fits(text)).toBe(true);
  });

  test('lets a permitted tool pass, by the rule that allows, and exits with 0', async () => {
    const result = await tested({ route: 'sqlite', as: 'member', tool: 'read_query' });
    expect(result).toMatchObject({ allowed: true, rule: `pomerium-config.yaml:${await lineOf('- allow:', 1)}` });
    expect(exitOf(result)).toBe(0);
  });

  test.each([
    [{ anonymous: true }, 'challenge', 'unauthenticated'],
    [{ as: 'guest' }, 'json-rpc', 'deny'],
    [{ as: 'guest', method: 'GET' }, 'challenge', 'deny'],
    [{ as: 'guest', body: '[{"jsonrpc":"2.0","id":1,"method":"tools/list"}]' }, 'challenge', 'deny'],
    [{ as: 'member', rpc: 'tools/list' }, 'passes', 'allow'],
    [{ anonymous: true, method: 'OPTIONS' }, 'preflight', 'unauthenticated'],
    [{ email: 'somebody@example.com' }, 'passes', 'allow'],
    [{ email: 'somebody@example.org' }, 'json-rpc', 'deny'],
  ] as [PolicyOptions, string, string][])('%o: %s', async (options, answer, decision) => {
    expect(await tested({ route: 'whoami', ...options })).toMatchObject({ answer, decision });
  });

  test.each([
    [{ bodyBytes: 32_768 }, 'json-rpc', undefined],
    [{ bodyBytes: 32_769 }, 'passes', /has 32769 bytes/],
    [{ contentType: 'text/plain' }, 'passes', /sent as text\/plain/],
    [{ contentType: 'Application/JSON; charset=utf-8' }, 'json-rpc', undefined],
  ] as [PolicyOptions, string, RegExp | undefined][])(
    'a refused tool with %o: %s, and says when nobody looks',
    async (options, answer, warning) => {
      const result = await tested({ route: 'sqlite', as: 'member', tool: 'delete_row', ...options });
      expect(result.answer).toBe(answer);
      expect(result.request).toMatchObject({ rpc: 'tools/call', tool: 'delete_row', read: warning === undefined });
      if (warning) expect(screen(result, plain).replace(/\n */g, ' ')).toMatch(warning);
      else expect(result.warnings).toEqual([]);
    },
  );

  test('tells the 413 of a body that HTTP/1.1 clients cannot send', async () => {
    await edit((text) => text.replace('max_request_bytes: 32768', 'max_request_bytes: 1048576'));
    const result = await tested({ route: 'sqlite', as: 'member', tool: 'read_query', bodyBytes: 40_000 });
    expect(result).toMatchObject({ allowed: false, answer: 'too-large' });
    expect(screen(result, plain)).toContain('HTTP 413 Payload Too Large');
    expect(result.warnings.join()).toContain('over HTTP/2 it would be looked into');
  });

  test('reads a body from a file and from standard input', async () => {
    const body = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"drop"}}';
    await writeFile(join(folder, 'call.json'), body);
    for (const options of [{ body: '@call.json' }, { body: '-' }, { body }]) {
      const result = await tested({ route: 'sqlite', as: 'member', ...options }, body);
      expect(result).toMatchObject({ answer: 'json-rpc', request: { tool: 'drop', bytes: body.length } });
    }
  });

  test('gives a development user the claims of the scopes that are asked for, and no others', async () => {
    await allow('claim/groups: staff');
    expect(await tested({ route: 'whoami', as: 'member' })).toMatchObject({ allowed: true });
    expect(await tested({ route: 'whoami', as: 'guest' })).toMatchObject({ allowed: false });
    await edit((text) => text.replace('email, groups, offline_access', 'email, offline_access'));
    const result = await tested({ route: 'whoami', as: 'member' });
    expect(result.allowed).toBe(false);
    expect(screen(result, plain)).toContain('the user has no such claim');
  });

  test('takes claims, groups, user id and address from the command line', async () => {
    await allow('claim/groups: ops', 'claim/level: 3', 'user: u-7', 'source_ip: 10.0.0.0/8');
    const who = { route: 'whoami', email: 'x@y.z' };
    expect((await tested({ ...who, groups: ['ops'] })).allowed).toBe(true);
    expect((await tested({ ...who, claim: ['level=3'] })).allowed).toBe(true);
    expect((await tested({ ...who, user: 'u-7' })).allowed).toBe(true);
    expect((await tested({ ...who, sourceIp: '10.9.9.9' })).allowed).toBe(true);
    const refused = await tested(who);
    expect(refused.allowed).toBe(false);
    expect(refused.warnings).toContain('source_ip was tried as 127.0.0.1; --source-ip names another');
  });

  test('says why a criterion never holds', async () => {
    await allow('groups: {has: staff}');
    const result = await tested({ route: 'whoami', as: 'member' });
    expect(screen(result, plain).replace(/\n */g, ' ')).toContain('Pomerium Core knows no directory');
    expect(result.warnings.join()).toContain('`groups` matches nobody');
  });

  test('tells a path that does not lead to the route', async () => {
    await edit((text) => text.replace('    from: https://whoami', '    prefix: /only\n    from: https://whoami'));
    const result = await tested({ route: 'whoami', as: 'member', path: '/elsewhere' });
    expect(result.warnings).toContain('/elsewhere does not lead to this route but nowhere: 404');
    expect((await tested({ route: 'whoami', as: 'member' })).warnings).toEqual([]);
  });

  test('without a route asks every MCP server, and exits with 4 when one of them refuses', async () => {
    const refused = await everywhere('delete_row');
    if (refused.kind !== 'tests') throw new Error('one route only');
    expect(refused.tests.map(({ route, allowed }) => [route.name, allowed])).toEqual([
      ['whoami', true],
      ['sqlite', false],
    ]);
    expect(exitOf(refused)).toBe(4);
    expect(exitOf(await everywhere('read_query'))).toBe(0);
    const text = screen(refused, plain);
    expect(text).toContain(`Rule: pomerium-config.yaml:${await lineOf('- deny:')}`);
    expect(fits(text)).toBe(true);
  });

  test.each([
    [{}, 'who calls?', 'USAGE'],
    [{ as: 'member', body: '-' }, '--body - wants --route', 'USAGE'],
    [{ route: 'whoamy' }, 'did you mean `whoami`?', 'ROUTE_UNKNOWN'],
    [{ route: 'whoami' }, 'who calls?', 'USAGE'],
    [{ route: 'whoami', as: 'membre' }, 'no development user `membre`', 'USAGE'],
    [{ route: 'whoami', as: 'member', anonymous: true }, '--as and --anonymous', 'USAGE'],
    [{ route: 'whoami', as: 'member', claim: ['x'] }, '`x` is not name=value', 'USAGE'],
    [{ route: 'whoami', as: 'member', body: '{}', tool: 'x' }, '--body is the whole body', 'USAGE'],
    [{ route: 'whoami', as: 'member', body: '@none.json' }, 'none.json cannot be read', 'USAGE'],
    [{ route: 'whoami', as: 'member', tools: ['x'] }, '--tools is for the matrix', 'USAGE'],
    [{ action: 'matrix', tool: 'x' }, '--tool is for `policy test`', 'USAGE'],
    [{ action: 'tests' }, 'policy can `test` and `matrix`', 'USAGE'],
  ] as [PolicyOptions, string, string][])('%o is a usage error', async (options, message, code) => {
    const failure = await failureOf(tested(options));
    expect(failure).toMatchObject({ code, exit: 2 });
    expect(failure.message).toContain(message);
  });
});

describe('policy matrix', () => {
  test('prints development users and nobody × the tools that policies name, and any other', async () => {
    const result = await matrix();
    const sqlite = result.routes.find(({ name }) => name === 'sqlite');
    expect(result.users).toEqual(['admin', 'member', 'guest', 'anonymous']);
    expect(sqlite?.rows.map(({ call }) => call)).toEqual([
      'initialize',
      'tools/list',
      'read_query',
      'list_tables',
      'describe_table',
      'any other tool',
    ]);
    const deny = await lineOf('- deny:');
    const text = screen(result, plain);
    expect(text).toMatch(/^ +admin +member +guest +anonymous$/m);
    expect(text).toMatch(/^read_query +✓ +✓ +✗ +→$/m);
    expect(text).toMatch(new RegExp(`^any other tool +✗ :${deny} +✗ :${deny} +✗ :${deny} +→$`, 'm'));
    expect(fits(text)).toBe(true);
    expect(exitOf(result)).toBe(0);
  });

  test('adds tools that are asked for, and tries a prefix as a name', async () => {
    await edit((text) => text.replace('not_in: [read_query, list_tables, describe_table]', 'starts_with: delete_'));
    const [route] = (await matrix({ route: 'sqlite', tools: ['drop_table'] })).routes;
    const allowed = route?.rows.map(({ call, cells }) => [call, cells[0]?.allowed]);
    expect(Object.fromEntries(allowed ?? [])).toMatchObject({
      'delete_*': false,
      drop_table: true,
      'any other tool': true,
    });
  });

  test('sets columns that do not fit below each other', async () => {
    const text = screen(
      { ...(await matrix()), users: Array.from({ length: 4 }, (_, i) => `user-${i}-with-long-name`) },
      plain,
    );
    expect(fits(text)).toBe(true);
    expect(text).toContain('user-3-with-long-name');
  });

  test('works for a configuration alone, with people that its policies name', async () => {
    const alone = await temporaryFolder();
    await writeFile(
      join(alone, 'gw.yaml'),
      `certificates: [{cert: /nowhere.crt, key: /nowhere.key}]
routes:
  - from: https://mcp.example.com
    to: http://127.0.0.1:1
    mcp: {server: {}}
    policy:
      - allow: {or: [{domain: {is: company.com}}, {email: {in: [boss@example.org]}}]}
      - deny: {or: [{mcp_tool: secret}]}
`,
    );
    const ctx = testContext({ cwd: alone });
    const result = await run(ctx, { config: 'gw.yaml' });
    expect(result).toMatchObject({
      users: ['someone@company.com', 'boss@example.org', 'anyone else', 'anonymous'],
    });
    expect(screen(result, plain)).toMatch(/^secret +✗ :8 +✗ :8 +✗ :8$/m);
    expect(fits(screen(result, plain))).toBe(true);
    const test = await run(ctx, { action: 'test', config: 'gw.yaml', email: 'a@company.com', tool: 'secret' });
    expect(test).toMatchObject({ answer: 'json-rpc', rule: 'gw.yaml:8' });
    const failure = await failureOf(run(ctx, { action: 'test', config: 'gw.yaml', as: 'member' }));
    expect(failure).toMatchObject({ code: 'USAGE', exit: 2 });
  });

  test.each([
    [{ anonymous: true }, 'sign-in', '302'],
    [{ email: 'a@b.c' }, 'forbidden', '403'],
    [{ email: 'a@company.com' }, 'passes', 'passes'],
    [{ email: 'a@b.c', tool: 'x' }, 'forbidden', 'leads to no MCP server'],
  ] as [PolicyOptions, string, string][])('on an application’s route %o: %s', async (options, answer, text) => {
    const alone = await temporaryFolder();
    const route =
      'from: https://app.example.com, to: http://127.0.0.1:1, mcp: {client: {}}, allowed_domains: [company.com]';
    await writeFile(join(alone, 'gw.yaml'), `routes: [{${route}}]\n`);
    const ctx = testContext({ cwd: alone });
    const result = await run(ctx, { action: 'test', config: 'gw.yaml', route: 'app', ...options });
    expect(result).toMatchObject({ answer, route: { kind: 'client' } });
    expect(screen(result, plain)).toContain(text);
    const table = await run(ctx, { config: 'gw.yaml', route: 'app' });
    expect(screen(table, plain)).toMatch(/^GET +✓ +✗ +→$/m);
  });

  test('a device and the flag have their own answers', async () => {
    await allow('device: {type: any}');
    expect(await tested({ route: 'whoami', as: 'member' })).toMatchObject({ answer: 'device', decision: 'device' });
    await allow('domain: {is: example.com}');
    await edit((text) =>
      text.replace('  mcp: true', '  mcp: false').replace('device: {type: any}', 'domain: example.org'),
    );
    expect(await tested({ route: 'whoami', as: 'guest' })).toMatchObject({ answer: 'challenge', decision: 'deny' });
  });

  test('a configuration that Pomerium would refuse is told as everywhere, and one that is not there too', async () => {
    await edit((text) => text.replace('- allow:', '- permit:'));
    expect(await failureOf(matrix())).toMatchObject({ code: 'BAD_POLICY' });
    expect(await failureOf(matrix({ config: 'none.yaml' }))).toMatchObject({ code: 'CONFIG_UNREADABLE' });
    expect(await failureOf(run(testContext({ cwd: '/' }), {}))).toMatchObject({ code: 'NO_PROJECT' });
  });
});
