import { setTimeout as sleep } from 'node:timers/promises';
import type { Authorization, Challenge } from '../acme/objects.ts';
import { AcmeRefusal } from '../acme/problem.ts';
import type { AcmeSession } from '../acme/session.ts';
import { CannotAnswer, type ChallengeType, type OpenChallenge, type Responder } from './challenge.ts';
import type { ChallengeStore } from './challenge-store.ts';
import { answerHttp, answerTls } from './listeners.ts';
import type { Outcome, Trial } from './report.ts';

/** Milliseconds between two looks at an authorization, unless the server asks for more. */
const PAUSE = 250;
const LONGEST_PAUSE = 3_000;

export interface Trier {
  session: AcmeSession;
  ports: Readonly<Record<ChallengeType, number>>;
  address?: string;
  store?: ChallengeStore;
  now: () => number;
  signal: AbortSignal;
  /** Milliseconds since 1970. */
  deadline: number;
  /** What has to be taken back should the run end early. */
  remember(name: string, act: (signal: AbortSignal) => Promise<void>): void;
}

/** One order, one challenge, one look at what the authority says. */
export async function tryChallenge(trier: Trier, host: string, type: ChallengeType): Promise<Trial> {
  const port = trier.ports[type];
  const done = (outcome: Outcome): Trial => ({ host, type, port, outcome });
  if (trier.now() >= trier.deadline) return done(notTried('no time', 'the time of the dry run was used up'));
  try {
    return done(await validate(trier, host, type));
  } catch (error) {
    if (error instanceof CannotAnswer) return done(notTried(error.reason, error.message));
    if (!(error instanceof AcmeRefusal)) throw error;
    const { problem, retryAt } = error;
    return done({ kind: 'refused', problem, ...(retryAt === undefined ? {} : { retryAt }) });
  }
}

async function validate(trier: Trier, host: string, type: ChallengeType): Promise<Outcome> {
  const { session, signal } = trier;
  const opened = await openAuthorization(trier, host);
  if ('kind' in opened) return opened;
  const { url, challenges, taking } = opened;
  const challenge = challenges.find((one) => one.type === type);
  if (!challenge) return notTried('not offered', `the authority offers no ${type} for ${host}`);
  const { means, close } = await respond(trier, host, type, challenge);
  const closeOnce = once(close);
  trier.remember(`answer for ${host}`, closeOnce);
  try {
    await session.answer(challenge.url, signal);
    const { status, problem } = await settled(trier, url, type);
    if (status === 'valid') {
      // At once, or the next order would find it valid and validate nothing.
      await taking.back(signal);
      return { kind: 'valid', means };
    }
    if (status.startsWith('invalid')) taking.isNeeded = false;
    if (problem) return { kind: 'invalid', means, problem };
    return notTried('no time', `the authority had not decided on ${host} by then (${status})`);
  } finally {
    await closeOnce();
  }
}

interface Opened extends Authorization {
  /** A valid one would let somebody with the account's key have a certificate; an invalid one is closed already (RFC 8555 §7.5.2). */
  taking: { isNeeded: boolean; back(signal: AbortSignal): Promise<void> };
}

/** A pending authorization. Where the authority takes a former one up again (RFC 8555 §7.1.3), that is closed and another asked for. */
async function openAuthorization(trier: Trier, host: string, mayRepeat = true): Promise<Opened | Outcome> {
  const { session, signal } = trier;
  const order = await session.newOrder(host, signal);
  const [url] = order.authorizations;
  if (order.error) return { kind: 'refused', problem: order.error };
  if (url === undefined) return notTried('not offered', 'the order has no authorization');
  const deactivate = once(async (at: AbortSignal) => session.deactivateAuthorization(url, at));
  const taking: Opened['taking'] = {
    isNeeded: true,
    back: async (at) => (taking.isNeeded ? deactivate(at) : undefined),
  };
  trier.remember(`authorization of ${host}`, async (at) =>
    taking.back(at).catch((error: unknown) => {
      // Closed already: two orders may have had the same one.
      if (!(error instanceof AcmeRefusal)) throw error;
    }),
  );
  const { object } = await session.authorization(url, signal);
  if (object.status === 'pending' || !mayRepeat) return { ...object, taking };
  await taking.back(signal);
  return openAuthorization(trier, host, false);
}

async function respond(trier: Trier, host: string, type: ChallengeType, { token, url }: Challenge): Promise<Responder> {
  const { session, ports, address, store } = trier;
  const open: OpenChallenge = { type, host, token, url, keyAuthorization: `${token}.${session.thumbprint}` };
  const options = { port: ports[type], ...(address === undefined ? {} : { address }) };
  try {
    return await (type === 'http-01' ? answerHttp(open, options) : answerTls(open, options));
  } catch (error) {
    if (!(error instanceof CannotAnswer) || error.reason !== 'held' || !store) throw error;
    return store.answer(open);
  }
}

interface Settled {
  status: string;
  problem?: Challenge['error'];
}

/** Looks again, at the server's pace, until the authority has decided or the time is up. */
async function settled(trier: Trier, url: string, type: ChallengeType): Promise<Settled> {
  const { session, signal, now, deadline } = trier;
  for (let pause = PAUSE; ; pause = Math.min(pause * 1.5, LONGEST_PAUSE)) {
    const { object, retryAt } = await session.authorization(url, signal);
    const found = stateOf(object, type);
    if (found.status !== 'pending' && found.status !== 'processing') return found;
    const wait = Math.max(pause, retryAt === undefined ? 0 : retryAt - now());
    if (now() + wait > deadline) return found;
    await sleep(wait, undefined, { signal });
  }
}

/** A challenge may have failed before its authorization says so. */
function stateOf({ status, challenges }: Authorization, type: ChallengeType): Settled {
  const challenge = challenges.find((one) => one.type === type);
  const problem = challenge?.error;
  if (problem && (status === 'invalid' || challenge?.status === 'invalid')) return { status: 'invalid', problem };
  // RFC 8555 §8: a server may try again and tell the last error meanwhile.
  return { status: status === 'invalid' ? 'invalid without a reason' : status };
}

function notTried(
  reason: Extract<Outcome, { kind: 'not tried' }>['reason'],
  text: string,
): Extract<Outcome, { kind: 'not tried' }> {
  return { kind: 'not tried', reason, text };
}

function once<A extends unknown[]>(act: (...args: A) => Promise<void>): (...args: A) => Promise<void> {
  let running: Promise<void> | undefined;
  return async (...args) => {
    running ??= act(...args);
    try {
      await running;
    } catch (error) {
      // What failed, as by Ctrl+C, is tried once more when everything is taken back.
      running = undefined;
      throw error;
    }
  };
}
