import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { seal, unseal } from './seal.ts';

/** Seconds a sign-in at the identity provider may take. */
const SIGN_IN_LIFE = 300;
const TOKEN_BYTES = 32;

/** Why a state is refused. `expired` still tells where the person wanted to go. */
export type StateVerdict = { kind: 'ok' | 'expired'; returnTo: string } | { kind: 'invalid'; reason: string };

/** A token that a browser keeps in a cookie; a sign-in counts only in the browser that began it. */
export function createCsrfCookie(key: Buffer): { token: Buffer; value: string } {
  const token = randomBytes(TOKEN_BYTES);
  return { token, value: seal(key, token, 'csrf').toString('base64url') };
}

export function openCsrfCookie(key: Buffer, value: string | undefined): Buffer | undefined {
  return value === undefined ? undefined : unseal(key, Buffer.from(value, 'base64url'), 'csrf');
}

/**
 * The `state` of the authorization request: masked CSRF token, time, and the encrypted way back, as Pomerium v0.33.1
 * authenticate/handlers.go builds it. The mask makes each state look new although the token stays.
 */
export function createState(key: Buffer, csrfToken: Buffer, returnTo: string): string {
  const mask = randomBytes(TOKEN_BYTES);
  const nonce = Buffer.concat([mask, xor(mask, csrfToken)]).toString('base64');
  const head = `${nonce}|${Math.floor(Date.now() / 1_000)}|`;
  const sealed = seal(key, Buffer.from(returnTo), head);
  return Buffer.concat([Buffer.from(head), sealed]).toString('base64url');
}

export function openState(key: Buffer, csrfToken: Buffer | undefined, state: string): StateVerdict {
  const bytes = Buffer.from(state, 'base64url');
  const first = bytes.indexOf('|');
  const second = bytes.indexOf('|', first + 1);
  if (first === -1 || second === -1) return { kind: 'invalid', reason: 'the state is malformed' };
  const nonce = Buffer.from(bytes.toString('latin1', 0, first), 'base64');
  if (!csrfToken || !matches(nonce, csrfToken)) {
    return { kind: 'invalid', reason: 'the state belongs to another browser, or the cookie is gone' };
  }
  const returnTo = unseal(key, bytes.subarray(second + 1), bytes.toString('latin1', 0, second + 1));
  if (!returnTo) return { kind: 'invalid', reason: 'the state was not made here, or with another secret' };
  const age = Date.now() / 1_000 - Number(bytes.toString('latin1', first + 1, second));
  return { kind: age <= SIGN_IN_LIFE ? 'ok' : 'expired', returnTo: returnTo.toString('utf8') };
}

/** The cookie in which the PKCE verifier of one sign-in waits; several sign-ins may be under way in one browser. */
export function pkceCookieName(cookieName: string, state: string): string {
  return `${cookieName}_pkce_${createHash('sha256').update(state).digest('hex').slice(0, 16)}`;
}

export function sealVerifier(key: Buffer, verifier: string, state: string): string {
  return seal(key, Buffer.from(verifier), state).toString('base64url');
}

export function openVerifier(key: Buffer, value: string | undefined, state: string): string | undefined {
  return value === undefined ? undefined : unseal(key, Buffer.from(value, 'base64url'), state)?.toString('latin1');
}

function matches(nonce: Buffer, token: Buffer): boolean {
  if (nonce.length !== 2 * TOKEN_BYTES || token.length !== TOKEN_BYTES) return false;
  return timingSafeEqual(xor(nonce.subarray(0, TOKEN_BYTES), nonce.subarray(TOKEN_BYTES)), token);
}

function xor(a: Buffer, b: Buffer): Buffer {
  return Buffer.from(a.map((byte, index) => byte ^ (b[index] ?? 0)));
}
