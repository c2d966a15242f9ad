import type { Verdict } from '../model.ts';

/**
 * The outcome of a criterion or a rule, packed into one integer so that a decision allocates nothing: bit 30 is the truth, the bits
 * below are the reasons. Names: Pomerium v0.33.1 pkg/policy/criteria/reasons.go.
 */
export type Outcome = number;

const NAMES = [
  'accept',
  'claim-ok',
  'claim-unauthorized',
  'client-certificate-unauthorized',
  'cors-request',
  'device-ok',
  'device-unauthenticated',
  'domain-ok',
  'domain-unauthorized',
  'email-ok',
  'email-unauthorized',
  'groups-unauthorized',
  'http-method-ok',
  'http-method-unauthorized',
  'http-path-ok',
  'http-path-unauthorized',
  'mcp-tool-match',
  'mcp-not-a-tool-call',
  'mcp-tool-no-match',
  'non-cors-request',
  'reject',
  'source-ip-ok',
  'source-ip-unauthorized',
  'ssh-publickey-unauthorized',
  'ssh-username-unauthorized',
  'user-ok',
  'user-unauthenticated',
  'user-unauthorized',
  'valid-client-certificate',
] as const;

export type Reason = (typeof NAMES)[number];

const TRUE = 1 << 30;

export function outcome(value: boolean, reason: Reason): Outcome {
  return (value ? TRUE : 0) | (1 << NAMES.indexOf(reason));
}

export const isTrue = (result: Outcome): boolean => (result & TRUE) !== 0;
export const invert = (result: Outcome): Outcome => result ^ TRUE;
export const USER_UNAUTHENTICATED = 1 << NAMES.indexOf('user-unauthenticated');
export const DEVICE_UNAUTHENTICATED = 1 << NAMES.indexOf('device-unauthenticated');

const verdicts = new Map<Outcome, Verdict>();

/** Reasons are sorted, as Pomerium logs them. Equal outcomes share one object; there are as many as the policies have ways to end. */
export function verdictOf(result: Outcome): Verdict {
  let verdict = verdicts.get(result);
  if (!verdict) {
    verdict = { value: isTrue(result), reasons: NAMES.filter((_, i) => (result & (1 << i)) !== 0).toSorted() };
    verdicts.set(result, verdict);
  }
  return verdict;
}
