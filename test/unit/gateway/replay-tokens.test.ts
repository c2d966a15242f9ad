import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { DIFFERENT } from './support/differences.ts';
import { readRecording } from './support/recordings.ts';
import type { Changes } from './support/request-changes.ts';
import { unplayed } from './support/replayed.ts';
import { Stage } from './support/stage.ts';
import { variantOf } from './support/variants.ts';
import { Visitor } from './support/visitor.ts';

type Form = Record<string, string>;

let stage: Stage;
let alice: Visitor;

beforeAll(async () => {
  stage = await Stage.open();
  alice = await stage.signIn('alice');
});
afterAll(() => stage.close());
afterEach(() => vi.useRealTimers());

const ask = (name: string, form: Form, changes: Changes = {}) =>
  stage.play(name, { body: new URLSearchParams(form).toString(), ...changes });

const refresh = (refreshToken: string, clientId = alice.clientId): Form => ({
  grant_type: 'refresh_token',
  client_id: clientId,
  refresh_token: refreshToken,
});

function without(form: Form, name: string): Form {
  return Object.fromEntries(Object.entries(form).filter(([key]) => key !== name));
}

/** Each recorded request for tokens, made from a good one. */
const REQUESTS: Record<string, (form: Form) => Form> = {
  'token-badgrant': (form) => ({ ...form, grant_type: 'password' }),
  'token-clientcredentials': ({ client_id = '' }) => ({ grant_type: 'client_credentials', client_id }),
  'token-garbagecode': (form) => ({ ...form, code: 'garbage' }),
  'token-good-after-wrongverifier': (form) => ({
    ...form,
    redirect_uri: 'http://wrong.example/',
    resource: 'https://other.example',
  }),
  'token-noclient': (form) => without(form, 'client_id'),
  'token-nocode': (form) => without(form, 'code'),
  'token-nogrant': (form) => without(form, 'grant_type'),
  'token-noverifier': (form) => without(form, 'code_verifier'),
  'token-origin': (form) => form,
  'token-otherhost': (form) => form,
  'token-refresh-garbage': () => refresh('garbage'),
  'token-refresh-missing': () => without(refresh(''), 'refresh_token'),
  'token-shortverifier': (form) => ({ ...form, code_verifier: 'abc' }),
  'token-unknownclient': (form) => ({ ...form, client_id: 'nope' }),
  'token-wrongverifier': (form) => ({ ...form, code_verifier: 'x'.repeat(43) }),
};

describe('recorded token requests', () => {
  test.each(Object.keys(REQUESTS))('%s', async (name) => {
    await ask(name, REQUESTS[name]?.(await stage.tokenForm(alice)) ?? {});
  });

  test('token-query: parameters may stand in the query', async () => {
    const query = new URLSearchParams(await stage.tokenForm(alice)).toString();
    await stage.play('token-query', { target: `/.pomerium/mcp/token?${query}` });
  });

  test('token-jsonbody: a JSON body is not read', async () => {
    await stage.play('token-jsonbody', { body: JSON.stringify(await stage.tokenForm(alice)) });
  });

  test('token-replay: a code is good once', async () => {
    const form = await stage.tokenForm(alice);
    await ask('token-otherhost', form);
    await ask('token-replay', form);
  });

  test('token-otherclient: a code belongs to its client', async () => {
    const { client_id } = await stage.register();
    await ask('token-otherclient', { ...(await stage.tokenForm(alice)), client_id });
  });

  test('token-plainpkce: the challenge may be the verifier itself', async () => {
    const verifier = 'a'.repeat(50);
    const target = stage.authorizeTarget(alice).replace(/code_challenge=[\w-]+/, `code_challenge=${verifier}`);
    const location = await stage.browse(alice, `https://mcp.corp.test:18443${target.replace('S256', 'plain')}`);
    await ask('token-plainpkce', { ...stage.formFor(alice, location), code_verifier: verifier });
  });
});

/** A client with a secret, and a good request of it without one. */
async function confidential(method: string): Promise<{ id: string; secret: string; form: Form }> {
  const client = await stage.register({ token_endpoint_auth_method: method });
  const target = stage.authorizeTarget(alice).replace(alice.clientId, client.client_id);
  const form = stage.formFor(alice, await stage.browse(alice, `https://mcp.corp.test:18443${target}`));
  return { id: client.client_id, secret: client.client_secret ?? '', form: { ...form, client_id: client.client_id } };
}

const basic = (id: string, secret: string): Changes => ({
  headers: { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` },
});

describe('recorded token requests of confidential clients', () => {
  test('token-post-nosecret, token-post-wrongsecret, token-post-good', async () => {
    const { secret, form } = await confidential('client_secret_post');
    await ask('token-post-nosecret', form);
    await ask('token-post-wrongsecret', { ...form, client_secret: 'wrong' });
    await ask('token-post-good', { ...form, client_secret: secret });
  });

  test('token-basic-good', async () => {
    const { id, secret, form } = await confidential('client_secret_basic');
    await ask('token-basic-good', without(form, 'client_id'), basic(id, secret));
  });

  test('token-basic-wrongsecret, token-basic-nosecret-bodyid: what Pomerium takes is refused', async () => {
    const { id, form } = await confidential('client_secret_basic');
    const sent = {
      'token-basic-wrongsecret': { form: without(form, 'client_id'), ...basic(id, 'wrong') },
      'token-basic-nosecret-bodyid': { form },
    };
    for (const [name, { form: fields, ...changes }] of Object.entries(sent)) {
      const { got } = await stage.compare(name, { ...changes, body: new URLSearchParams(fields).toString() });
      expect(readRecording(name).response.status).toBe(200);
      expect(got).toMatchObject({ status: DIFFERENT[name]?.status });
      expect(got.body.toString().trim()).toBe(DIFFERENT[name]?.body);
    }
  });
});

describe('recorded refreshes', () => {
  test('token-refresh, -second, -replay, -otherclient, -with-access, and what the tokens before and after are good for', async () => {
    const visitor = await stage.signIn('alice');
    const [first, old] = [visitor.refreshToken, visitor.accessToken];
    await stage.playAs(visitor, 'use-refreshtoken-as-access', { headers: { authorization: `Bearer ${first}` } });
    visitor.takeTokens(
      await ask('token-refresh', { ...refresh(first), resource: 'https://other.example', scope: 'x' }),
    );
    await stage.playAs(visitor, 'use-new-access');
    await stage.playAs(visitor, 'use-old-access-after-refresh', { headers: { authorization: `Bearer ${old}` } });
    await ask('token-refresh-replay', refresh(first));
    await stage.playAs(visitor, 'use-new-access-after-replay');
    visitor.takeTokens(await ask('token-refresh-second', refresh(visitor.refreshToken)));
    const { client_id } = await stage.register();
    await ask('token-refresh-otherclient', refresh(visitor.refreshToken, client_id));
    await ask('token-refresh-with-access', refresh(visitor.accessToken));
  });

  test('idpnorefresh: without a refresh token of the identity provider the External Token lives, and that is all', async () => {
    stage.provider.mischief = { noRefreshToken: true };
    stage.visitors.bob.clientId = (await stage.register()).client_id;
    const visitor = await stage.signIn('bob');
    stage.provider.mischief = {};
    await ask('idpnorefresh-refresh', refresh(visitor.refreshToken, visitor.clientId));
    // Recorded as alice, whom the policy lets in.
    const got = await stage.compare('idpnorefresh-access-still-valid', {
      headers: { authorization: `Bearer ${visitor.accessToken}` },
    });
    expect(got.got.status).toBe(200);
  });

  test('dcroff-old-client-still-works: who registered before keeps their tokens', async () => {
    // The identity provider's refresh token of the last session is used up.
    stage.visitors.alice = new Visitor();
    const visitor = await stage.signIn('alice');
    stage.configure(variantOf('dcroff-old-client-still-works', stage.base));
    visitor.takeTokens(await ask('dcroff-old-client-still-works', refresh(visitor.refreshToken, visitor.clientId)));
    stage.configure(stage.base);
  });

  test('expired-before, expired-access-token, expired-then-refresh, expired-refreshed: cookie_expire is 20 seconds', async () => {
    const start = Date.now();
    vi.useFakeTimers({ toFake: ['Date'], now: start });
    stage.configure(`${stage.base}\ncookie_expire: 20s\n`);
    await stage.restart();
    stage.visitors.alice = new Visitor();
    const visitor = await stage.signIn('alice');
    await stage.playAs(visitor, 'expired-before');
    vi.setSystemTime(start + 21_000);
    await stage.playAs(visitor, 'expired-access-token');
    visitor.takeTokens(await ask('expired-then-refresh', refresh(visitor.refreshToken, visitor.clientId)));
    await stage.playAs(visitor, 'expired-refreshed');
    stage.configure(stage.base);
  });

  test('afterrestart-: with a store in memory nothing from before is known', async () => {
    const visitor = await stage.signIn('alice');
    const before = refresh(visitor.refreshToken, visitor.clientId);
    await stage.restart();
    await stage.playAs(visitor, 'afterrestart-token-use');
    await ask('afterrestart-refresh', before);
    const target = stage.authorizeTarget(visitor);
    visitor.clientId = '';
    await stage.signIn('alice');
    await stage.playAs(visitor, 'afterrestart-authorize-oldclient', { target });
  });
});

test('no recording of these scenes is left out', () => {
  expect(unplayed('replay-tokens.test.ts', stage.played)).toEqual([]);
});
