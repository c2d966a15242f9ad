import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { run } from '../../../src/commands/serve.ts';
import type { ServeFlags } from '../../../src/servers/index.ts';
import { testContext, type TestContext } from '../../helpers/context.ts';
import { freePorts, temporaryFolder } from '../../helpers/program.ts';
import { callTool, databaseOf, messageOf, post } from './helpers.ts';

interface Serving {
  ctx: TestContext;
  stop: AbortController;
  done: Promise<void>;
  url: string;
}

/** Runs the command until it has said where it listens. */
async function serving(flags: ServeFlags, env: Record<string, string> = {}): Promise<Serving> {
  const stop = new AbortController();
  const ctx = testContext({ signal: stop.signal, env });
  const [port = 0] = await freePorts(1);
  const done = run(ctx, env['PORT'] ? flags : { port, ...flags });
  onTestFinished(async () => {
    stop.abort();
    await done.catch(() => undefined);
  });
  while (!ctx.err().includes('http://')) await Promise.race([done, sleep(10)]);
  return { ctx, stop, done, url: /(http:\S+)\/\w+/.exec(ctx.err())?.[1] ?? '' };
}

const failure = async (flags: ServeFlags, env: Record<string, string> = {}): Promise<unknown> =>
  run(testContext({ env }), flags).catch((error: unknown) => error);

describe('serve', () => {
  test('says on stderr where each server listens, serves, and ends cleanly on the signal', async () => {
    const { ctx, stop, done, url } = await serving({
      servers: ['sqlite', 'whoami'],
      sqliteFile: await databaseOf('CREATE TABLE t(x)'),
      whoamiIssuers: ['gw.test'],
    });
    expect(ctx.err()).toMatch(
      /^whoami {2}http:\/\/127\.0\.0\.1:\d+\/whoami\nsqlite {2}http:\/\/127\.0\.0\.1:\d+\/sqlite\n$/,
    );
    expect((await callTool(`${url}/sqlite`, 'list_tables')).texts).toEqual(['[\n  "t"\n]']);
    stop.abort();
    await done;
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
    expect(ctx.out()).toBe('');
    expect(ctx.err()).toContain('"message":"tool call"');
  });

  test('takes every setting from the environment, as containers give it', async () => {
    const [port = 0] = await freePorts(1);
    const env = {
      HOST: '127.0.0.1',
      PORT: String(port),
      SQLITE_DB_FILE: await databaseOf('CREATE TABLE t(x); INSERT INTO t VALUES (1), (2)'),
      SQLITE_MAX_ROWS: '1',
      WHOAMI_ISSUERS: 'gw.test, gw.test:8443',
      ALLOWED_ORIGINS: 'https://app.test',
    };
    const { url } = await serving({}, env);
    expect(url).toBe(`http://127.0.0.1:${port}`);
    const reply = await callTool(
      `${url}/sqlite`,
      'read_query',
      { query: 'SELECT x FROM t' },
      { headers: { origin: 'https://app.test' } },
    );
    expect(reply.texts[1]).toContain('the limit is 1 rows');
  });

  test('without names, leaves out what has no settings, and says so', async () => {
    const { ctx, url } = await serving({});
    expect(ctx.err()).toContain('sqlite is left out: no database; give --sqlite-file or SQLITE_DB_FILE');
    expect(ctx.err()).toContain('postgres is left out: no database; give POSTGRES_URL or --postgres-url');
    expect(ctx.err()).toContain('whoami will know nobody: no issuer');
    for (const name of ['sqlite', 'postgres']) {
      expect((await fetch(`${url}/${name}`, { method: 'POST' })).status).toBe(404);
    }
    // These need nothing but the token that comes with each request.
    for (const name of ['notion', 'github', 'google-drive']) {
      expect(ctx.err()).toMatch(new RegExp(`^${name} +${url}/${name}$`, 'm'));
      const reply = await messageOf(await post(`${url}/${name}`, { jsonrpc: '2.0', id: 1, method: 'tools/list' }));
      expect(reply).toMatchObject({ result: { tools: expect.arrayContaining([]) } });
    }
  });

  test('warns of an API whose address would show the tokens', async () => {
    const env = { NOTION_API_URL: 'http://notion.example.com/', GITHUB_API_URL: 'http://127.0.0.1:1' };
    const { ctx } = await serving({ servers: ['notion', 'github'] }, env);
    expect(ctx.err()).toContain('NOTION_API_URL is not https: users’ tokens travel there in the clear');
    expect(ctx.err()).not.toContain('GITHUB_API_URL');
  });

  test('serves only what is named', async () => {
    const { ctx, url } = await serving({ servers: ['sqlite'], sqliteFile: await databaseOf('CREATE TABLE t(x)') });
    expect(ctx.err()).not.toContain('whoami');
    expect((await fetch(`${url}/whoami`, { method: 'POST' })).status).toBe(404);
  });
});

describe('serve refuses', () => {
  test('an unknown server, and names the nearest', async () => {
    expect(await failure({ servers: ['sqlit'] })).toMatchObject({
      code: 'USAGE',
      message: 'there is no server `sqlit`; there are whoami, sqlite, notion, github, google-drive and postgres',
      fix: 'mcpgw serve sqlite',
      exit: 2,
    });
  });

  test('sqlite without a database', async () => {
    expect(await failure({ servers: ['sqlite'] })).toMatchObject({
      code: 'USAGE',
      fix: 'mcpgw serve sqlite --sqlite-file shop.sqlite',
    });
  });

  test.each([
    [{}, 'postgres needs a database to read'],
    [{ POSTGRES_URL: 'mysql://u:s3cret@h/d' }, 'postgres cannot use its connection string: it does not begin with'],
    [{ POSTGRES_URL: 'postgresql://u:s3cret#@h:x/d' }, 'postgres cannot use its connection string: it is no URL'],
    [{ POSTGRES_URL: 'postgresql://h/d', POSTGRES_TIMEOUT: '0' }, 'POSTGRES_TIMEOUT is `0`'],
  ])('postgres with %j, without showing the password', async (env: Record<string, string>, message) => {
    const error = await failure({ servers: ['postgres'] }, env);
    expect(error).toMatchObject({ code: 'USAGE', message: expect.stringContaining(message) });
    expect(JSON.stringify([String(error), error])).not.toContain('s3cret');
  });

  test.each(['NOTION_API_URL', 'GITHUB_API_URL', 'GOOGLE_DRIVE_API_URL'])('%s that is no base URL', async (name) => {
    for (const value of ['api.example.com', 'ftp://api.example.com', 'https://u:s3cret@h', 'https://h/?x']) {
      const error = await failure({}, { [name]: value });
      expect(error).toMatchObject({ code: 'USAGE', message: `${name} is no base URL of an API` });
    }
  });

  test('a database that is missing, or is none, with its path', async () => {
    const folder = await temporaryFolder('serve');
    const text = join(folder, 'notes.txt');
    writeFileSync(text, 'no database, but long enough to look at '.repeat(10));
    expect(await failure({ sqliteFile: join(folder, 'nosuch.sqlite') })).toMatchObject({
      code: 'DATABASE_UNUSABLE',
      message: `sqlite cannot use ${folder}/nosuch.sqlite`,
      why: 'the database file cannot be opened: it is missing, or this program may not read it',
    });
    expect(await failure({ sqliteFile: text })).toMatchObject({
      code: 'DATABASE_UNUSABLE',
      why: 'the database file is no SQLite database',
    });
  });

  test('a busy port, and names the holder', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await new Promise((listening) => holder.once('listening', listening));
    onTestFinished(() => void holder.close());
    const address = holder.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const error = await failure({ servers: ['whoami'], port });
    expect(error).toMatchObject({
      code: 'PORT_BUSY',
      fix: `stop it, or take another port: mcpgw serve --port ${port + 1}`,
    });
    expect(String(error)).toContain(process.platform === 'linux' ? `pid ${process.pid}` : 'another program');
  });

  test.each([
    [{ PORT: 'eighty' }, 'PORT is `eighty`'],
    [{ PORT: '-1' }, 'PORT is `-1`'],
    [{ WHOAMI_ISSUERS: 'http://' }, 'is no host of a gateway'],
    [{ JWKS_URL: 'not a url' }, '`not a url` is no URL'],
    [{ SSL_CERT_FILE: '/nosuch/ca.pem' }, 'SSL_CERT_FILE cannot be read'],
    [{ HOST: '203.0.113.7', PORT: '1' }, '`203.0.113.7` is no address of this machine'],
  ])('%j', async (env: Record<string, string>, message) => {
    expect(String(await failure({ servers: ['whoami'] }, env))).toContain(message);
  });

  test('a limit that is no number', async () => {
    const sqliteFile = await databaseOf('CREATE TABLE t(x)');
    expect(String(await failure({ sqliteFile }, { SQLITE_TIMEOUT: 'ten' }))).toContain('SQLITE_TIMEOUT is `ten`');
  });
});
