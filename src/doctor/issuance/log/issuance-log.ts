import type { LoggedLine } from '../../check.ts';
import { readProblem, type AcmeProblem } from '../acme/problem.ts';
import { causeOf, type Cause } from './cause.ts';

export interface FailedChallenge {
  type: string;
  problem: AcmeProblem;
}

/** How far Pomerium has come with one host. */
export interface HostIssuance {
  host: string;
  /** As of the last attempt. */
  state: 'pending' | 'obtained' | 'failed';
  attempts: number;
  /** Of all attempts. */
  failedChallenges: FailedChallenge[];
  /** What the newest trouble was; absent once there is a certificate. */
  cause?: Cause;
}

export interface RateLimit {
  host: string;
  detail: string;
  /** Milliseconds since 1970; undefined where the text names no date. */
  retryAt?: number;
}

/** What the log of Pomerium v0.33.1 says about automatic certificates; certmagic's lines below it have `msg` instead of `message`. */
export interface IssuanceLog {
  hosts: HostIssuance[];
  rateLimits: RateLimit[];
  /** Port 80 for redirects could not be opened. */
  redirectFault?: string;
  /** A background renewal fails; configuration changes wait behind it. */
  stuckRenewal?: { error: string; attempts: number; staging: boolean };
  /** Renewed, and the new certificate did not reach Envoy. */
  lostHandOver: string[];
  /** Hosts whose served certificate ends within a day. */
  expiring: string[];
}

/** Reads lines in the order of time. A host counts as failed when its last attempt was not followed by a certificate. */
export function readIssuanceLog(lines: readonly LoggedLine[]): IssuanceLog {
  const state: State = { hosts: new Map(), rateLimits: [], lostHandOver: [], expiring: [] };
  for (const { fields } of lines) {
    if (!fields) continue;
    const message = text(fields['message']) || text(fields['msg']);
    READERS[message]?.(state, fields);
  }
  const { hosts, current: _current, ...rest } = state;
  return { ...rest, hosts: [...hosts.values()] };
}

type State = Omit<IssuanceLog, 'hosts'> & { hosts: Map<string, HostIssuance>; current?: string };
type Fields = Readonly<Record<string, unknown>>;
type Reader = (state: State, fields: Fields) => void;

const begin: Reader = (state, fields) => {
  const host = text(fields['domain']);
  if (!host) return;
  const before = entry(state, host);
  state.hosts.set(host, { ...before, state: 'pending', attempts: before.attempts + 1 });
  state.current = host;
};

const READERS: Readonly<Record<string, Reader>> = {
  'obtaining certificate': begin,
  'renewing certificate': begin,
  'autocert: added certificate': (state, fields) => {
    for (const host of texts(fields['names'])) {
      const { cause: _settled, ...kept } = entry(state, host);
      state.hosts.set(host, { ...kept, state: 'obtained' });
      delete state.stuckRenewal;
    }
  },
  // Up to 91 s before the attempt itself fails: the authority is silent.
  'HTTP request failed; retrying': (state, fields) => {
    const host = state.hosts.get(state.current ?? '');
    if (host?.state === 'pending') state.hosts.set(host.host, { ...host, cause: causeOf(text(fields['error'])) });
  },
  'challenge failed': (state, fields) => {
    const problem = readProblem(fields['problem']);
    const host = text(fields['identifier']);
    if (problem && host) entry(state, host).failedChallenges.push({ type: text(fields['challenge_type']), problem });
  },
  'could not get certificate from issuer': (state, fields) => fail(state, text(fields['identifier']), fields),
  'autocert failed to obtain client certificate': failCurrent,
  'autocert: failed to obtain client certificate': failCurrent,
  'renew client certificated failed, use existing cert': failCurrent,
  'failed to listen on http redirect addr': (state, fields) => {
    state.redirectFault = text(fields['error']);
  },
  'will retry': (state, fields) => {
    if (fields['logger'] !== 'renew') return;
    const error = text(fields['error']);
    const attempts = typeof fields['attempt'] === 'number' ? fields['attempt'] : 1;
    state.stuckRenewal = { error, attempts, staging: error.includes('acme-staging-v02.api.letsencrypt.org') };
  },
  'config change': (state, fields) => {
    if (fields['error'] === 'context canceled') state.lostHandOver.push(...texts(fields['renew-domains']));
  },
  'unmanaged certificate expires within 1 day': (state, fields) => state.expiring.push(...texts(fields['sans'])),
};

/** A line that names its host inside its error, or not at all: hosts are worked on one after another. */
function failCurrent(state: State, fields: Fields): void {
  const named = /^\[([^\]]+)\]/.exec(text(fields['error']))?.[1];
  fail(state, named ?? state.current ?? '', fields);
}

function fail(state: State, host: string, fields: Fields): void {
  if (!host) return;
  const cause = causeOf(text(fields['error']));
  const before = entry(state, host);
  // Pomerium's last line only says that it failed; what was told before it is the reason.
  const known = cause.kind === 'other' ? (before.cause ?? cause) : cause;
  state.hosts.set(host, { ...before, state: 'failed', cause: known });
  if (cause.kind !== 'problem' || cause.problem.type !== 'rateLimited') return;
  const { detail } = cause.problem;
  // Each refusal is logged by certmagic and by Pomerium.
  if (!state.rateLimits.some((limit) => limit.host === host && limit.detail === detail)) {
    state.rateLimits.push(limitOf(host, cause.problem));
  }
}

/** `… retry after 2026-11-24 05:00:00 UTC`: Let's Encrypt tells the date in the text; Pomerium does not log Retry-After. */
function limitOf(host: string, { detail }: AcmeProblem): RateLimit {
  const [, day, time] = /retry after (\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2})/.exec(detail) ?? [];
  const retryAt = day && time ? Date.parse(`${day}T${time}Z`) : Number.NaN;
  return { host, detail, ...(Number.isNaN(retryAt) ? {} : { retryAt }) };
}

function entry(state: State, host: string): HostIssuance {
  const found = state.hosts.get(host) ?? { host, state: 'pending', attempts: 0, failedChallenges: [] };
  state.hosts.set(host, found);
  return found;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : typeof value === 'string' ? [value] : [];
}
