import { createServer } from 'node:http';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, onTestFinished, test } from 'vitest';
import { CALLBACK, ISSUER, locationOf, start, temporaryState, USERS } from './application.ts';

describe('a restart', () => {
  test('keeps keys, refresh tokens, access tokens and browsers', async () => {
    const stateFile = temporaryState();
    const before = await start({ stateFile });
    const { body } = await before.app.redeem(
      await before.app.choose((await before.app.openSignIn()).location, 'member'),
    );
    const keys = await (await before.app.browse('/jwks')).text();
    await before.idp.close();

    const after = await start({ stateFile });
    expect(await (await after.app.browse('/jwks')).text()).toBe(keys);
    expect((await after.app.userinfo(body.access_token)).status).toBe(200);
    expect((await after.app.refresh(body.refresh_token)).status).toBe(200);
    for (const [name, value] of before.app.cookies) after.app.cookies.set(name, value);
    const silent = new URL(locationOf(await after.app.browse(after.app.authorizationUrl({ prompt: 'none' }))));
    expect(silent.searchParams.has('code')).toBe(true);
  });

  test('keeps a rotated refresh token refused', async () => {
    const stateFile = temporaryState();
    const before = await start({ stateFile });
    const { body } = await before.app.redeem(await before.app.signInAs('member'));
    await before.app.refresh(body.refresh_token);
    await before.idp.close();
    const after = await start({ stateFile });
    expect((await after.app.refresh(body.refresh_token)).status).toBe(400);
  });

  test('keeps a sign-in that waits for its user', async () => {
    const stateFile = temporaryState();
    const before = await start({ stateFile });
    const { location } = await before.app.openSignIn();
    await before.idp.close();
    const after = await start({ stateFile });
    for (const [name, value] of before.app.cookies) after.app.cookies.set(name, value);
    expect((await after.app.choose(location, 'admin')).searchParams.has('code')).toBe(true);
  });
});

describe('the state file', () => {
  test('is readable by its owner only', async () => {
    const stateFile = temporaryState();
    const { app } = await start({ stateFile });
    await app.signInAs('admin');
    for (const file of [stateFile, `${stateFile}-wal`]) expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test.each([
    ['no database', (file: string) => writeFileSync(file, 'hello, this is no database at all'.repeat(100))],
    ['cut off in the middle', (file: string) => truncateSync(file, Math.floor(statSync(file).size / 2))],
    [
      'overwritten in the middle',
      (file: string) => {
        const bytes = readFileSync(file);
        bytes.fill(0xff, 4096);
        writeFileSync(file, bytes);
      },
    ],
  ])('that is %s is refused with the way out, and left as it is', async (_name, damage) => {
    const stateFile = temporaryState();
    const { idp } = await start({ stateFile });
    await idp.close();
    damage(stateFile);
    const before = readFileSync(stateFile);
    await expect(start({ stateFile })).rejects.toMatchObject({
      code: 'IDP_STATE_CORRUPT',
      message: expect.stringContaining(stateFile),
      fix: expect.stringMatching(new RegExp(`^mv ${stateFile} \\S+    #`)),
    });
    expect(readFileSync(stateFile).equals(before)).toBe(true);
  });

  test('of a newer version is refused', async () => {
    const stateFile = temporaryState();
    const { idp } = await start({ stateFile });
    await idp.close();
    const db = new DatabaseSync(stateFile);
    db.exec('PRAGMA user_version = 99');
    db.close();
    await expect(start({ stateFile })).rejects.toMatchObject({
      code: 'IDP_STATE_NEWER',
      why: expect.stringContaining('a newer mcpgw wrote it'),
      fix: expect.stringMatching(/^mv \S+ \S+\.bad    #/),
    });
  });

  test('of another program is refused and not touched', async () => {
    const stateFile = temporaryState();
    mkdirSync(dirname(stateFile), { recursive: true });
    const db = new DatabaseSync(stateFile);
    db.exec('CREATE TABLE book (title TEXT)');
    db.close();
    await expect(start({ stateFile })).rejects.toMatchObject({ code: 'IDP_STATE_FOREIGN' });
    const again = new DatabaseSync(stateFile);
    expect(again.prepare('SELECT name FROM sqlite_schema').all()).toEqual([{ name: 'book' }]);
    again.close();
  });

  test('in a folder without permission is named', async ({ skip }) => {
    skip(process.getuid?.() === 0, 'root may write anywhere');
    const stateFile = temporaryState();
    mkdirSync(dirname(stateFile), { recursive: true });
    chmodSync(dirname(stateFile), 0o500);
    await expect(start({ stateFile })).rejects.toMatchObject({ code: 'IDP_STATE_UNUSABLE' });
  });

  test('that is a folder, or below a file, is refused', async () => {
    const stateFile = temporaryState();
    mkdirSync(stateFile, { recursive: true });
    await expect(start({ stateFile })).rejects.toMatchObject({
      code: 'IDP_STATE_UNUSABLE',
      why: expect.stringContaining('EISDIR'),
    });
    await expect(start({ stateFile: '/dev/null/idp.sqlite' })).rejects.toMatchObject({ code: 'IDP_STATE_UNUSABLE' });
  });
});

describe('new users and redirect URIs', () => {
  test('count at once, for a sign-in under way too', async () => {
    const { app, idp } = await start();
    const { location } = await app.openSignIn();
    const eve = { email: 'eve@example.com', name: 'Eve', groups: ['new'], claims: { shoe_size: 42 } };
    idp.setUsers({ ...USERS, eve }, [CALLBACK]);
    expect(await (await app.browse(location)).text()).toContain('eve@example.com');
    const { body } = await app.redeem(await app.choose(location, 'eve'));
    expect((await app.userinfo(body.access_token)).body).toMatchObject({ sub: 'eve', groups: ['new'], shoe_size: 42 });
  });

  test('change the claims of who is signed in, at the next refresh', async () => {
    const { app, idp } = await start();
    const { body } = await app.redeem(await app.signInAs('guest'));
    idp.setUsers({ ...USERS, guest: { email: 'guest@elsewhere.test', name: 'Gus Guest', groups: ['staff'] } }, [
      CALLBACK,
    ]);
    const { body: renewed } = await app.refresh(body.refresh_token);
    expect((await app.userinfo(renewed.access_token)).body).toMatchObject({ groups: ['staff'] });
  });

  test('end the tokens and the session of a user who is gone', async () => {
    const { app, idp } = await start();
    const { body } = await app.redeem(await app.signInAs('guest'));
    const { guest: _gone, ...rest } = USERS;
    idp.setUsers(rest, [CALLBACK]);
    expect(await app.refresh(body.refresh_token)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect((await app.userinfo(body.access_token)).status).toBe(401);
    const silent = new URL(locationOf(await app.browse(app.authorizationUrl({ prompt: 'none' }))));
    expect(silent.searchParams.get('error')).toBe('login_required');
    expect((await app.choose((await app.openSignIn()).location, 'admin')).searchParams.has('code')).toBe(true);
    idp.setUsers(USERS, [CALLBACK]);
    expect((await app.refresh(body.refresh_token)).status).toBe(200);
  });

  test('replace the redirect URIs', async () => {
    const { app, idp } = await start();
    const moved = 'https://authenticate.localhost:9443/oauth2/callback';
    idp.setUsers(USERS, [moved]);
    expect((await app.browse(app.authorizationUrl())).status).toBe(400);
    expect((await app.signInAs('admin', { redirect_uri: moved })).port).toBe('9443');
  });
});

describe('starting', () => {
  test('two of them side by side share nothing, not even cookies of one host', async () => {
    const one = await start({ issuer: 'http://idp.localhost:9080' });
    const two = await start({ issuer: 'http://idp.localhost:9081' });
    await one.app.choose((await one.app.openSignIn()).location, 'admin');
    await two.app.choose((await two.app.openSignIn()).location, 'guest');
    const names = [...one.app.cookies.keys(), ...two.app.cookies.keys()].filter((name) => name.endsWith('_session'));
    expect(new Set(names).size).toBe(2);
    const { body } = await one.app.redeem(await one.app.signInAs('admin'));
    expect((await two.app.userinfo(body.access_token)).status).toBe(401);
    expect((await two.app.refresh(body.refresh_token)).status).toBe(400);
  });

  test('refuses a busy port, names the holder, and leaves nothing open', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const stateFile = temporaryState();
    await expect(start({ stateFile, listen: { host: '127.0.0.1', port } })).rejects.toMatchObject({
      code: 'PORT_BUSY',
      message: expect.stringContaining(String(port)),
    });
    expect(existsSync(`${stateFile}-wal`)).toBe(false);
  });

  test('refuses an address that is not this machine’s', async () => {
    // 192.0.2.0/24 is nobody's (RFC 5737).
    await expect(start({ listen: { host: '192.0.2.1', port: 0 } })).rejects.toMatchObject({
      code: 'LISTEN_FAILED',
      why: '192.0.2.1 is no address of this machine',
    });
  });

  test.each([`${ISSUER}/`, `${ISSUER}/idp`, 'idp.localhost:9080', 'ftp://idp.localhost', ''])(
    'refuses the issuer "%s"',
    async (issuer) => {
      await expect(start({ issuer })).rejects.toMatchObject({ code: 'IDP_ISSUER' });
    },
  );
});
