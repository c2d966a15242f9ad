import { randomUUID } from 'node:crypto';
import { writeSync } from 'node:fs';
import type { StateStore } from '../../../src/gateway/identity/state-store.ts';
import type { Options } from '../../../src/pomerium/model.ts';
import { storeOf } from './open.ts';
import { anAuthorization, aRefreshToken, aSession, METADATA } from './samples.ts';
import { tell, type Step } from './steps.ts';

/** Uses a store without end, until the test kills it: `<options as JSON>`. Before each step a line, and one when the store has said that it is done. */
const [, , options = '{}'] = process.argv;
const store = storeOf(JSON.parse(options) as Partial<Options>);
await store.settled;

async function make(step: Step, work: (using: StateStore) => unknown): Promise<void> {
  writeSync(1, tell('begin', step));
  await work(store);
  writeSync(1, tell('done', step));
}

/** What a client and a browser do from the registration to the sign-out, with two refreshes in between. */
async function visit(user: string, before: string): Promise<string> {
  const client = { id: randomUUID(), metadata: METADATA };
  await make({ kind: 'register', client: client.id }, async ({ clients }) => clients.add(client));
  const session = aSession({ userId: user });
  await make({ kind: 'signIn', session: session.id }, async ({ sessions }) => sessions.add(session));
  const code = anAuthorization(session.id, { clientId: client.id });
  await make({ kind: 'grant', code: code.id }, async ({ authorizations }) => authorizations.add(code));
  let token = aRefreshToken(session.id);
  await make({ kind: 'redeem', code: code.id, token: token.id }, async (one) => one.redeem(code.id, token));
  for (let refresh = 0; refresh < 2; refresh++) {
    const renewed = aSession({ userId: user });
    const [used, next] = [token, aRefreshToken(renewed.id)];
    const step: Step = { kind: 'rotate', token: used.id, session: renewed.id, next: next.id };
    await make(step, async (one) => one.rotate(used.id, renewed, next));
    token = next;
  }
  const sealed = randomUUID();
  await make({ kind: 'renew', user, before, sealed }, async ({ upstreamTokens }) =>
    upstreamTokens.put({ userId: user, routeId: 'r', upstreamUrl: 'u', sealed }),
  );
  if (Math.random() < 0.3) {
    const step: Step = { kind: 'signOut', session: token.sessionId, token: token.id };
    await make(step, async (one) => one.endSession(token.sessionId));
  }
  return sealed;
}

async function live(): Promise<void> {
  const user = randomUUID();
  let sealed = '';
  for (;;) sealed = await visit(user, sealed);
}

await Promise.all([live(), live(), live()]);
