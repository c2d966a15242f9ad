import { stringOf } from '../provider/json.ts';
import type { Meaning, Refusal } from '../provider/refusal.ts';

/** Of a secondary limit that names no time: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api */
const SECONDARY_WAIT = 60_000;
const SCOPE = /^[\w:.-]+$/;

/** 403 stands for four things at GitHub, and 404 for a fifth: what the token may not see. */
export function meaningOf(refusal: Refusal, now: number): Meaning | undefined {
  const { status, headers, json } = refusal;
  if (status === 404) return { kind: 'other', text: notFound(refusal) };
  if (status !== 403 && status !== 429) return undefined;
  if (headers.get('x-ratelimit-remaining') === '0') {
    const reset = Number(headers.get('x-ratelimit-reset'));
    return reset > 0 ? { kind: 'rate-limit', wait: Math.max(0, reset * 1000 - now) } : { kind: 'rate-limit' };
  }
  if (headers.has('retry-after') || /secondary rate limit|abuse detection/i.test(stringOf(json['message']))) {
    return { kind: 'rate-limit', wait: SECONDARY_WAIT };
  }
  const sso = /\burl=(https:\/\/github\.com\/[\w/?=&.%-]+)/.exec(headers.get('x-github-sso') ?? '')?.[1];
  if (sso) return { kind: 'other', text: `GitHub wants single sign-on for this organization first: ${sso}` };
  const scope = missingScope(headers);
  return scope === undefined ? undefined : { kind: 'scope', scope };
}

function notFound({ headers }: Refusal): string {
  const scope = missingScope(headers);
  const lacks = scope === undefined ? '' : `; the token lacks the scope ${scope}, which private repositories need`;
  return `GitHub has no such thing, or does not show it to this user${lacks}`;
}

/** A scope of which the token has no alternative. Only tokens of OAuth apps have scopes. */
function missingScope(headers: Headers): string | undefined {
  const granted = headers.get('x-oauth-scopes');
  if (granted === null) return undefined;
  const accepted = scopesOf(headers.get('x-accepted-oauth-scopes') ?? '');
  const isGranted = accepted.some((scope) => scopesOf(granted).includes(scope));
  return isGranted ? undefined : accepted[0];
}

function scopesOf(list: string): string[] {
  return list
    .split(',')
    .map((scope) => scope.trim())
    .filter((scope) => SCOPE.test(scope));
}
