import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { playFlow } from './support/flow.ts';
import { unplayed } from './support/replayed.ts';
import { Stage, USERS } from './support/stage.ts';
import { variantOf } from './support/variants.ts';
import { Visitor } from './support/visitor.ts';

let stage: Stage;
let alice: Visitor;

beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.close());
beforeEach(async () => {
  stage.authorizationServer.manner = { expiresIn: 3_600, refresh: true };
  stage.guard.refusal = undefined;
  await stage.restart();
  stage.visitors.alice = new Visitor();
  alice = await stage.signIn('alice');
});
afterEach(() => vi.useRealTimers());

/** `up-flow-01`, `up-flow-02`, ... */
const hops = (prefix: string, count: number, first = 1): string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}0${first + i}`);

const call = (name: string) => stage.playAs(alice, name);

/** A flow of alice's client to its end, and the tokens that come of it. */
async function authorize(names: readonly string[]): Promise<void> {
  const end = await playFlow(stage, alice, names);
  await stage.redeem(alice, stage.formFor(alice, end));
}

/** Somebody who has to sign in on the way; the service knows alice, the route's host does not. */
async function newcomer(): Promise<Visitor> {
  const visitor = new Visitor();
  stage.provider.user = USERS.alice;
  visitor.clientId = alice.clientId;
  await stage.browse(visitor, 'https://auth.corp.test:18443/.pomerium/');
  return visitor;
}

describe('an upstream with static endpoints', () => {
  test('up-flow-: the way of a client leads through the upstream provider', async () => {
    alice = await newcomer();
    await authorize(hops('up-flow-', 6));
    await call('up-call-connected');
    expect(stage.authorizationServer.requests.at(-1)?.get('client_secret')).toBe('preregistered-secret');
    await authorize(['up-flow-second-01']);
  });

  test('up2-flow-: parameters of the configuration are added, reserved ones are not', async () => {
    alice = await newcomer();
    await authorize(hops('up2-flow-extraparams-', 6));
  });

  test('connect-, routes-, disconnect-: an application connects its user, and disconnects them', async () => {
    await call('up-call-before-connect');
    expect(await playFlow(stage, alice, hops('connect-up-', 3))).toBe('https://app.corp.test:18443/done');
    await call('connect-already');
    await call('routes-after-connect');
    await call('up-call-connected');
    await call('disconnect-real');
    await call('up-call-after-disconnect');
  });

  test('disconnect-disc: what is disconnected from is named, the rest stays', async () => {
    for (const host of ['up', 'up2', 'disc']) await stage.signIn('alice', `${host}.corp.test:18443`);
    await call('disconnect-disc');
  });

  test('up-flow-denied-, up-flow-tokenfail-: what goes wrong at the provider ends on a bare page', async () => {
    stage.authorizationServer.manner = { deny: true };
    await playFlow(stage, alice, hops('up-flow-denied-', 3));
    stage.authorizationServer.manner = { exchange: 'refused' };
    await playFlow(stage, alice, hops('up-flow-tokenfail-', 3));
  });

  test('up-flow-noexpiry-: a token without an end is used on', async () => {
    stage.authorizationServer.manner = {};
    await authorize(hops('up-flow-noexpiry-', 3));
    await call('up-call-noexpiry');
  });

  test('up-call-upstream-revoked, up-flow-after-revoked-: a revoked token that has not expired goes in circles', async () => {
    await stage.signIn('alice', 'up.corp.test:18443');
    stage.authorizationServer.valid.clear();
    await call('up-call-upstream-revoked');
    await authorize(['up-flow-after-revoked-01']);
    await call('up-call-after-revoked-reauth');
  });
});

describe('an upstream token that lives two seconds', () => {
  let start: number;

  beforeEach(() => {
    start = Date.now();
    vi.useFakeTimers({ toFake: ['Date'], now: start });
  });
  const later = (): void => {
    // Nobody keeps what has expired.
    stage.authorizationServer.valid.clear();
    vi.setSystemTime(start + 3_000);
  };

  test('up-call-expired-norefresh: without a refresh token the user is asked anew', async () => {
    stage.authorizationServer.manner = { expiresIn: 2 };
    await authorize(hops('up-flow-shortlived-norefresh-', 3));
    await call('up-call-fresh-norefresh');
    later();
    await call('up-call-expired-norefresh');
    await authorize(hops('up-flow-after-expired-norefresh-', 3));
  });

  test('up-call-expired-refresh: with one it is renewed in passing', async () => {
    stage.authorizationServer.manner = { expiresIn: 2, refresh: true };
    await authorize(hops('up-flow-shortlived-refresh-', 3));
    later();
    await call('up-call-expired-refresh');
  });

  test('up-call-expired-refresh-500, up-authorize-refresh-500, then -400: a failure is waited for, a refusal is not', async () => {
    stage.authorizationServer.manner = { expiresIn: 2, refresh: true };
    await authorize(hops('up-flow-shortlived-refresh-', 3));
    later();
    stage.authorizationServer.manner.refreshStatus = 500;
    await call('up-call-expired-refresh-500');
    await stage.playAs(alice, 'up-authorize-refresh-500', { target: stage.authorizeTarget(alice) });
    stage.authorizationServer.manner.refreshStatus = 400;
    await call('up-call-expired-refresh-400');
    await call('up-call-expired-refresh-400-second');
  });
});

describe('an upstream over plain http that says nothing of its authorization server', () => {
  test('up401-: authorization goes on without it, and each call is 502', async () => {
    alice = await newcomer();
    await authorize(hops('up401-flow-', 4));
    await call('up401-call');
    await call('connect-up401');
  });

  test('up401-call-: other refusals', async () => {
    stage.guard.refusal = 'forbidden';
    await call('up401-call-403-plain');
    stage.guard.refusal = 'insufficient';
    await call('up401-call-403-insufficient');
    stage.guard.refusal = 'foreign-metadata';
    await call('up401-call-foreign-metadata');
  });
});

describe('an upstream that tells where its authorization server is', () => {
  test('disc-: a client metadata document makes the gateway known there', async () => {
    await call('disc-call-before');
    alice = await newcomer();
    await authorize(hops('disc-flow-', 6));
    await call('disc-call');
  });

  test('disc-flow-dcr-: registration does', async () => {
    stage.authorizationServer.manner.offers = 'registration';
    await authorize(hops('disc-flow-dcr-', 3));
    await call('disc-call-dcr');
  });

  test('disc-flow-nothing-, dcroff-disc-: without a way to be known the client goes on, and its calls fail', async () => {
    stage.authorizationServer.manner.offers = 'nothing';
    await authorize(['disc-flow-nothing-01']);
    await call('disc-call-nothing');
    stage.authorizationServer.manner.offers = 'registration';
    stage.configure(variantOf('dcroff-disc-call', stage.base));
    await authorize(['dcroff-disc-flow-01']);
    await call('dcroff-disc-call');
    stage.configure(stage.base);
  });
});

test('no recording of these scenes is left out', () => {
  expect(unplayed('replay-upstream-oauth.test.ts', stage.played)).toEqual([]);
});
