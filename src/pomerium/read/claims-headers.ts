import { isRecord } from '../../json.ts';

/** Header names of RFC 9110 §5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~\w]+$/;

/**
 * Reads `jwt_claims_headers`: a mapping from header to claim, or the claims alone as a list or a text with commas or blanks
 * (Pomerium v0.33.1 config/custom.go, JWTClaimHeaders). Throws an Error with Pomerium's message.
 */
export function parseClaimsHeaders(value: unknown): Record<string, string> {
  if (value === undefined || value === null) return {};
  if (isRecord(value)) return fromMapping(value);
  if (Array.isArray(value)) {
    if (value.some(isRecord)) throw new Error('syntax error: found nested object in array of values');
    return named(value.map(toText));
  }
  const text = toText(value);
  if (text.trimStart().startsWith('{')) return fromMapping(JSON.parse(text) as Record<string, unknown>);
  return named(text.split(/[,\s]+/).filter(Boolean));
}

const toText = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));

function fromMapping(mapping: Record<string, unknown>): Record<string, string> {
  const wrong = Object.keys(mapping).find((header) => !TOKEN.test(header));
  if (wrong !== undefined) throw new Error(`has invalid header name ${JSON.stringify(wrong)}`);
  return Object.fromEntries(Object.entries(mapping).map(([header, claim]) => [header, toText(claim)]));
}

const named = (claims: readonly string[]): Record<string, string> =>
  Object.fromEntries(claims.map((claim) => [`x-pomerium-claim-${claim}`, claim]));
