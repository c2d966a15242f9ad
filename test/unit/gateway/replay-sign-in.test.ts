import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { playFlow } from './support/flow.ts';
import { unplayed } from './support/replayed.ts';
import { Stage, USERS } from './support/stage.ts';
import { Visitor } from './support/visitor.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.close());
afterEach(() => vi.useRealTimers());

const hops = (prefix: string, numbers: readonly number[]): string[] =>
  numbers.map((number) => `${prefix}${String(number).padStart(2, '0')}`);
const ALL_TEN = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

async function newcomer(): Promise<Visitor> {
  const visitor = new Visitor();
  stage.provider.user = USERS.alice;
  visitor.clientId = (await stage.register()).client_id;
  return visitor;
}

test('flow-authorize-: an MCP client sends its user to sign in, hop by hop', async () => {
  const visitor = await newcomer();
  const end = await playFlow(stage, visitor, hops('flow-authorize-', ALL_TEN));
  expect(end).toMatch(/^http:\/\/127\.0\.0\.1:7777\/callback\?code=/);
  await stage.redeem(visitor, stage.formFor(visitor, end));
  expect(visitor.accessToken).toHaveLength(128);
});

test('clientroute-login-, clientte-: the application is given a token that is good for servers and for nothing else, for five minutes', async () => {
  const start = Date.now();
  vi.useFakeTimers({ toFake: ['Date'], now: start });
  const visitor = await newcomer();
  await playFlow(stage, visitor, hops('clientroute-login-', ALL_TEN.slice(0, 9)));
  const page = await stage.playAs(visitor, 'clientroute-login-10');
  const token = /Bearer ([\w+/=]{128})/.exec(page.body.toString())?.[1] ?? '';
  const withToken = { headers: { authorization: `Bearer ${token}` } };
  await stage.play('clientte-on-server-route', withToken);
  await stage.play('clientte-routes', withToken);
  await stage.play('clientte-on-client-route', withToken);
  vi.setSystemTime(start + 299_000);
  await stage.play('clientte-on-server-route', withToken);
  vi.setSystemTime(start + 314_000);
  await stage.play('clientte-after-314s', withToken);
});

test('clientroute-again: each request has a token of its own, and what the client sent for one is gone', async () => {
  const visitor = await stage.signIn('alice');
  const tokens = [await stage.playAs(visitor, 'clientroute-again'), await stage.playAs(visitor, 'clientroute-again')];
  const [first, second] = tokens.map(({ body }) => /Bearer ([\w+/=]{128})/.exec(body.toString())?.[1]);
  expect(first).not.toBe(second);
});

test('signout-: the session ends, and its tokens with it', async () => {
  const visitor = await newcomer();
  stage.visitors.alice = visitor;
  await stage.signIn('alice');
  const page = await stage.playAs(visitor, 'clientroute-again');
  const ofTheApp = /Bearer ([\w+/=]{128})/.exec(page.body.toString())?.[1] ?? '';
  await stage.playAs(visitor, 'signout-before');
  await stage.play('clientte-on-server-route', { headers: { authorization: `Bearer ${ofTheApp}` } });
  await playFlow(stage, visitor, ['signout-get', 'signout-hop-01']);
  await stage.playAs(visitor, 'signout-after');
  await stage.play('clientte-after-314s', { headers: { authorization: `Bearer ${ofTheApp}` } });
  const form = { grant_type: 'refresh_token', client_id: visitor.clientId, refresh_token: visitor.refreshToken };
  await stage.play('signout-refresh', { body: new URLSearchParams(form).toString() });
});

test('no recording of these scenes is left out', () => {
  expect(unplayed('replay-sign-in.test.ts', stage.played)).toEqual([]);
});
