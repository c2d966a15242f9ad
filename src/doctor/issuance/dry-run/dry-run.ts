import type { Fetch } from '../../../net/fetch.ts';
import type { ExternalAccount } from '../acme/account-key.ts';
import { AcmeRefusal, AcmeUnreachable } from '../acme/problem.ts';
import { fetchDirectory, openSession, type AcmeSession } from '../acme/session.ts';
import { CHALLENGE_TYPES, type ChallengeType } from './challenge.ts';
import type { ChallengeStore } from './challenge-store.ts';
import type { DryRunReport, Trial } from './report.ts';
import { tryChallenge, type Trier } from './trial.ts';

/** Milliseconds that taking everything back may last, also after Ctrl+C. */
const CLEANUP_LIMIT = 5_000;
/** Milliseconds for all trials together, unless told otherwise. A dropped port costs an authority some 15 s. */
const TIME_LIMIT = 60_000;

export interface DryRunOptions {
  hosts: readonly string[];
  /** URL of the ACME directory that is asked. */
  directory: string;
  /** Trusts the directory's own authority where it has one. */
  fetch: Fetch;
  now: () => number;
  signal: AbortSignal;
  /** Where the authority connects to: 80 and 443 in the world. */
  ports?: Readonly<Record<ChallengeType, number>>;
  /** The address to listen on; absent: all. */
  address?: string;
  /** For ports that a running gateway holds. */
  store?: ChallengeStore;
  external?: ExternalAccount;
  /** Milliseconds for all trials together. */
  limit?: number;
  /** Milliseconds for one request to the authority. */
  requestLimit?: number;
}

export const WEB_PORTS: Readonly<Record<ChallengeType, number>> = { 'http-01': 80, 'tls-alpn-01': 443 };

/**
 * Lets an ACME server validate each host by each challenge, and never asks for a certificate: the authority is an observer from outside.
 * Whatever happens, listeners, files, authorizations and the account are taken back. Throws the signal's reason when it is aborted.
 */
export async function dryRun(options: DryRunOptions): Promise<DryRunReport> {
  const { directory: url, signal } = options;
  const undo: { name: string; act: (signal: AbortSignal) => Promise<void> }[] = [];
  try {
    const { directory, serverTime } = await fetchDirectory(options, url, signal);
    const session = await openSession({ ...options, directory }, signal);
    undo.push({ name: 'account', act: session.deactivateAccount });
    const trials = await tryAll(options, session, (name, act) => undo.unshift({ name, act }));
    const leftOver = await takeBack(undo.splice(0));
    return { kind: 'tried', directory: url, ...(serverTime === undefined ? {} : { serverTime }), trials, leftOver };
  } catch (error) {
    await takeBack(undo.splice(0));
    signal.throwIfAborted();
    return explain(url, error);
  }
}

type Remember = (name: string, act: (signal: AbortSignal) => Promise<void>) => void;

async function tryAll(options: DryRunOptions, session: AcmeSession, remember: Remember): Promise<Trial[]> {
  const { hosts, now, signal, ports = WEB_PORTS } = options;
  const deadline = now() + (options.limit ?? TIME_LIMIT);
  const trier: Trier = { ...options, ports, session, deadline, remember };
  const trials: Trial[] = [];
  // One after another: they share the ports, and an authority need not be hurried.
  for (const host of hosts) {
    for (const type of CHALLENGE_TYPES) {
      signal.throwIfAborted();
      const trial = await tryChallenge(trier, host, type);
      trials.push(trial);
      if (trial.outcome.kind === 'refused' && isForAll(trial.outcome.problem.type)) return trials;
    }
  }
  return trials;
}

/** Problems that the next order would meet as well. */
function isForAll(type: string): boolean {
  return ['rateLimited', 'userActionRequired', 'accountDoesNotExist', 'serverInternal'].includes(type);
}

/** Takes back the newest first, each within what is left of the time; answers what remained. */
async function takeBack(undo: { name: string; act: (signal: AbortSignal) => Promise<void> }[]): Promise<string[]> {
  const signal = AbortSignal.timeout(CLEANUP_LIMIT);
  const failed: string[] = [];
  for (const { name, act } of undo) await act(signal).catch(() => failed.push(name));
  return failed;
}

function explain(directory: string, error: unknown): DryRunReport {
  if (error instanceof AcmeUnreachable) {
    return { kind: 'unreachable', directory, code: error.code, message: error.message };
  }
  if (!(error instanceof AcmeRefusal)) throw error;
  const { problem, retryAt } = error;
  return { kind: 'refused', directory, problem, ...(retryAt === undefined ? {} : { retryAt }) };
}
