import { isRecord } from '../../json.ts';
import { compileStringMatcher, MatcherError } from './matchers.ts';
import { parserType } from './parser-type.ts';

/*
 * Criteria on what no request through this program can carry: a client certificate, a registered device, SSH. Their values are checked
 * all the same, as Pomerium v0.33.1 does (pkg/policy/criteria), because it does not start with a wrong one.
 */

const SAN_CONDITIONS = ['san_email', 'san_dns', 'san_uri'];
/** 32 bytes: lower-case digits, or upper-case ones between colons. */
const FINGERPRINT = /^(?:[0-9a-f]{64}|[0-9A-F]{2}(?::[0-9A-F]{2}){31})$/;

/** Throws MatcherError. */
export function assertCertificateMatcher(data: unknown): void {
  if (!isRecord(data)) throw new MatcherError(`expected object for certificate matcher, got: ${parserType(data)}`);
  for (const [condition, value] of Object.entries(data)) {
    if (SAN_CONDITIONS.includes(condition)) compileStringMatcher(value);
    else if (condition === 'fingerprint') for (const one of listOf(value, 'fingerprint')) assertFingerprint(one);
    else if (condition === 'spki_hash') for (const one of listOf(value, 'SPKI hash')) assertHash(one);
    else throw new MatcherError(`unsupported certificate matcher condition: ${condition}`);
  }
}

function listOf(value: unknown, what: string): string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  if (!Array.isArray(value) && typeof value !== 'string')
    throw new MatcherError(`certificate ${what} condition expects a string or array of strings`);
  return list.map((one) => {
    if (typeof one !== 'string') throw new MatcherError(`certificate ${what} must be a string (was ${String(one)})`);
    if (one === '') throw new MatcherError(`certificate ${what} must not be empty`);
    return one;
  });
}

function assertFingerprint(text: string): void {
  if (!FINGERPRINT.test(text)) throw new MatcherError(`unsupported certificate fingerprint format (${text})`);
}

function assertHash(text: string): void {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== 32 || bytes.toString('base64') !== text)
    throw new MatcherError(`certificate SPKI hash must be a base64-encoded SHA-256 hash (was ${text})`);
}

/** Throws MatcherError. Returns whether it holds for somebody without any device, as `{}` and `approved: false` do. */
export function deviceHoldsWithout(data: unknown): boolean {
  if (!isRecord(data)) throw new MatcherError(`expected object for device criterion, got: ${parserType(data)}`);
  const unknown = Object.keys(data).find((key) => !['approved', 'is', 'type'].includes(key));
  if (unknown !== undefined) throw new MatcherError(`unexpected field in device criterion: ${unknown}`);
  if ('is' in data && typeof data['is'] !== 'string')
    throw new MatcherError(`expected string for device criterion is operator, got ${parserType(data['is'])}`);
  if ('type' in data && typeof data['type'] !== 'string')
    throw new MatcherError(`expected string for device criterion type operator, got ${parserType(data['type'])}`);
  return !('is' in data) && !('type' in data) && !data['approved'];
}

/** Keys in the form of an authorized_keys file. Throws MatcherError. */
export function assertAuthorizedKeys(data: unknown): void {
  if (!Array.isArray(data) && typeof data !== 'string')
    throw new MatcherError(`expected string or array of strings, got: ${parserType(data)}`);
  for (const key of Array.isArray(data) ? (data as unknown[]) : [data]) {
    if (typeof key !== 'string') throw new MatcherError(`expected string value, got: ${parserType(key)}`);
    if (!isAuthorizedKey(key)) throw new MatcherError('ssh: no key found');
  }
}

/** Two words of a line are a key's type and the key, which begins with its type once more (RFC 4253 §6.6). */
function isAuthorizedKey(text: string): boolean {
  return text.split('\n').some((line) => {
    const words = line.trim().split(/\s+/);
    return words.some((word, i) => {
      const wire = Buffer.from(words[i + 1] ?? '', 'base64');
      const length = wire.length > 4 ? wire.readUInt32BE(0) : 0;
      return length > 0 && wire.toString('latin1', 4, 4 + length) === word;
    });
  });
}
