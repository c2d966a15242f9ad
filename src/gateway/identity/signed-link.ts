import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Exchange } from '../exchange.ts';
import { encodeQuery } from './go-text.ts';

/** Seconds a signed link lives: Pomerium v0.33.1 internal/urlutil/signed.go. */
const LINK_LIFE = 300;
/** Seconds by which clocks may differ. */
const CLOCK_SKEW = 300;

export type Parameters = readonly (readonly [name: string, value: string])[];

/** A URL with issue date, expiry and HMAC; parameters sorted by name. */
export function signLink(key: Buffer, base: string, parameters: Parameters): string {
  const issued = Math.floor(Date.now() / 1_000);
  const dated: Parameters = [
    ...parameters,
    ['pomerium_expiry', String(issued + LINK_LIFE)],
    ['pomerium_issued', String(issued)],
  ];
  const signature = sign(key, base, dated).toString('base64url');
  return `${base}?${encodeQuery([...dated, ['pomerium_signature', `${signature}=`]])}`;
}

/** Whether the request's own URL is a link that `signLink` made with this key and that has not expired. */
export function hasValidSignature(key: Buffer, exchange: Exchange): boolean {
  const given = Buffer.from(exchange.query.get('pomerium_signature') ?? '', 'base64url');
  const rest = [...exchange.query].filter(([name]) => name !== 'pomerium_signature');
  const expected = sign(key, `https://${exchange.host}${exchange.path}`, rest);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return false;
  const now = Date.now() / 1_000;
  const issued = Number(exchange.query.get('pomerium_issued'));
  return issued <= now + CLOCK_SKEW && now <= Number(exchange.query.get('pomerium_expiry'));
}

/** W3C trace context, which Pomerium passes along a sign-in so that its hops can be found as one trace. */
export function traceParent(): readonly [string, string] {
  return ['pomerium_traceparent', `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`];
}

function sign(key: Buffer, base: string, parameters: Parameters): Buffer {
  return createHmac('sha256', key)
    .update(`${base}?${encodeQuery(parameters)}`)
    .digest();
}
