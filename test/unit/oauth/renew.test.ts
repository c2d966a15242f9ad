import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createTokenStore, obtainToken } from '../../../src/oauth/index.ts';
import { json, optionsFor, startWorld, type World } from './world.ts';

let world: World;
afterEach(async () => world?.close());

const exchanges = (): (string | null)[] => world.exchanges.map((form) => form.get('grant_type'));

describe('a stored token', () => {
  test('is used without a single request', async () => {
    world = await startWorld();
    const options = optionsFor(world);
    const first = await obtainToken(options);
    const before = world.log.length;
    expect(await obtainToken(options)).toEqual({ ...first, from: 'cache' });
    expect(world.log).toHaveLength(before);
  });

  test('is refreshed when it is about to end, and the new refresh token is kept', async () => {
    world = await startWorld({ expiresIn: 30 });
    const options = optionsFor(world);
    await obtainToken(options);
    const refreshed = [await obtainToken(options), await obtainToken(options)];
    expect(refreshed.map((token) => token.from)).toEqual(['refresh', 'refresh']);
    expect(exchanges()).toEqual(['authorization_code', 'refresh_token', 'refresh_token']);
    expect(world.exchanges[1]?.get('resource')).toBe(world.server.href);
  });

  test('is no help for scopes that it lacks', async () => {
    world = await startWorld();
    const options = optionsFor(world, { scope: 'a' });
    await obtainToken(options);
    expect((await obtainToken(options)).from).toBe('cache');
    expect(await obtainToken({ ...options, scope: 'a b' })).toMatchObject({ from: 'sign-in', scope: 'a b' });
  });

  test('belongs to its server, its user and its client', async () => {
    world = await startWorld();
    const options = optionsFor(world);
    await obtainToken(options);
    expect((await obtainToken({ ...options, clientId: 'another' })).from).toBe('sign-in');
    expect(await options.store.grants('http://127.0.0.1/other', '')).toEqual([]);
    expect(await options.store.grants(world.server.href, 'member')).toEqual([]);
  });

  test('that the server turns away is refreshed once', async () => {
    world = await startWorld();
    const options = optionsFor(world);
    const { accessToken } = await obtainToken(options);
    expect(await obtainToken({ ...options, rejected: { accessToken, status: 401 } })).toMatchObject({
      from: 'refresh',
    });
  });

  test('is not refreshed at an authorization server that the resource has left', async () => {
    world = await startWorld();
    const other = await startWorld();
    try {
      const options = optionsFor(world);
      const { accessToken } = await obtainToken(options);
      world.knobs.resourceMetadata = { authorization_servers: [other.origin] };
      const token = await obtainToken({ ...options, rejected: { accessToken, status: 401 } });
      expect(token).toMatchObject({ from: 'sign-in', issuer: other.origin });
      expect(exchanges()).toEqual(['authorization_code']);
      expect(other.registrations).toHaveLength(1);
    } finally {
      await other.close();
    }
  });

  test('with too few scopes is replaced by one with both the old and the new', async () => {
    world = await startWorld();
    const options = optionsFor(world, { scope: 'basic' });
    const { accessToken } = await obtainToken(options);
    const challenge = 'Bearer error="insufficient_scope", scope="write"';
    const token = await obtainToken({
      ...options,
      scope: undefined,
      rejected: { accessToken, status: 403, challenge },
    });
    expect(token).toMatchObject({ from: 'sign-in', scope: 'basic write' });
  });
});

describe('a refused refresh', () => {
  test('leads to a new sign-in where somebody is there', async () => {
    world = await startWorld({ expiresIn: 1, token: refuse });
    const options = optionsFor(world);
    await obtainToken(options);
    expect((await obtainToken(options)).from).toBe('sign-in');
  });

  test('ends with the command to run where nobody is', async () => {
    world = await startWorld({ expiresIn: 1, token: refuse });
    const options = optionsFor(world, { command: 'mcpgw token whoami' });
    await obtainToken(options);
    const error = await obtainToken({ ...options, unattended: true }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'SIGN_IN_NEEDED',
      exit: 4,
      fix: 'mcpgw token whoami    # in a terminal, with a browser',
      why: expect.stringContaining('invalid_grant') as string,
    });
  });

  test('of a client that is gone makes it register again', async () => {
    world = await startWorld({
      expiresIn: 1,
      token: (form) => (form.has('refresh_token') ? json(401, { error: 'invalid_client' }) : undefined),
    });
    const options = optionsFor(world);
    await obtainToken(options);
    await obtainToken(options);
    expect(world.registrations).toHaveLength(2);
  });

  test('an answer that is rubbish loses nothing', async () => {
    world = await startWorld({ expiresIn: 1 });
    const options = optionsFor(world);
    await obtainToken(options);
    world.knobs.token = () => ({ status: 502, body: 'bad gateway' });
    expect(await obtainToken(options).catch((error: unknown) => error)).toMatchObject({ code: 'BAD_OAUTH_ANSWER' });
    delete world.knobs.token;
    expect((await obtainToken(options)).from).toBe('refresh');
  });
});

describe('several at once', () => {
  test('send one refresh, and all get its token', async () => {
    world = await startWorld({ expiresIn: 1 });
    const options = optionsFor(world);
    await obtainToken(options);
    world.knobs.expiresIn = 3600;
    // Own stores, as other processes would have.
    const others = [1, 2, 3].map(() => ({
      ...options,
      store: createTokenStore({ folder: options.folder, note: () => undefined }),
    }));
    const tokens = await Promise.all(others.map((one) => obtainToken(one)));
    expect(new Set(tokens.map((token) => token.accessToken)).size).toBe(1);
    expect(exchanges()).toEqual(['authorization_code', 'refresh_token']);
    expect(options.notes.join('\n')).toContain('another mcpgw');
  });
});

describe('the files', () => {
  test('are for the user alone, and hold no half of anything', async () => {
    world = await startWorld();
    const options = optionsFor(world);
    await obtainToken(options);
    for (const folder of ['tokens', 'clients']) {
      const at = join(options.folder, folder);
      expect((await stat(at)).mode & 0o777).toBe(0o700);
      const names = await readdir(at);
      expect(names).toHaveLength(1);
      expect((await stat(join(at, names[0] ?? ''))).mode & 0o777).toBe(0o600);
    }
  });

  test.each(['', '{', '[]', '{"version":1}', '{"version":1,"accessToken":7}'])(
    'damaged ones (%s) are moved aside and signed in anew',
    async (text) => {
      world = await startWorld();
      const options = optionsFor(world);
      await obtainToken(options);
      const file = await tokenFile(options.folder);
      await writeFile(file, text);
      expect((await obtainToken(options)).from).toBe('sign-in');
      expect(await readFile(`${file}.damaged`, 'utf8')).toBe(text);
      expect(options.notes.join('\n')).toContain('.damaged');
    },
  );

  test('of a newer mcpgw are left alone', async () => {
    world = await startWorld();
    const options = optionsFor(world);
    await obtainToken(options);
    const file = await tokenFile(options.folder);
    await writeFile(file, '{"version":2,"secret":"in a new form"}');
    expect(await obtainToken(options).catch((error: unknown) => error)).toMatchObject({
      code: 'STORE_TOO_NEW',
      exit: 1,
    });
    expect(await readFile(file, 'utf8')).toContain('in a new form');
  });
});

async function tokenFile(folder: string): Promise<string> {
  const [name = ''] = (await readdir(join(folder, 'tokens'))).filter((one) => one.endsWith('.json'));
  return join(folder, 'tokens', name);
}

function refuse(form: URLSearchParams): ReturnType<typeof json> | undefined {
  return form.get('grant_type') === 'refresh_token' ? json(400, { error: 'invalid_grant' }) : undefined;
}
