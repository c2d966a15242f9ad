import { invalidTokenChallenge, scopeChallenge } from './challenge.ts';
import { ProviderFailure } from './failure.ts';
import type { Json } from './json.ts';
import { line } from './text.ts';

/** An answer of the provider that is no success. */
export interface Refusal {
  status: number;
  headers: Headers;
  /** The body when it was a JSON object. */
  json: Json;
}

/** What a provider means by a refusal, where its status alone does not tell. */
export type Meaning =
  /** Asked too often. `wait`: milliseconds until it may be asked again, when it says so. */
  | { kind: 'rate-limit'; wait?: number }
  /** The token is good and lacks this scope. */
  | { kind: 'scope'; scope: string }
  | { kind: 'other'; text: string };

export interface Provider {
  /** Name of the server, for the challenge: `google-drive`. */
  name: string;
  /** As users know it: `Google Drive`. */
  title: string;
  /** The message in the body of a refusal. */
  messageOf: (json: Json) => string;
  meaningOf?: (refusal: Refusal, now: number) => Meaning | undefined;
}

export function failureOf(provider: Provider, refusal: Refusal, meaning: Meaning | undefined): ProviderFailure {
  const { name, title } = provider;
  const { status } = refusal;
  const message = line(provider.messageOf(refusal.json));
  const said = message ? `: ${message}` : '';
  if (status === 401)
    return new ProviderFailure(`${title} does not accept the token${said}`, invalidTokenChallenge(name));
  if (meaning?.kind === 'scope') {
    const needs = `${title} needs the scope ${meaning.scope} for this${said}`;
    return new ProviderFailure(needs, scopeChallenge(name, meaning.scope));
  }
  if (meaning?.kind === 'other') return new ProviderFailure(meaning.text);
  if (status === 403) return new ProviderFailure(`${title} does not allow this${said}`);
  if (status === 404) return new ProviderFailure(`${title} has no such thing, or does not show it to this user${said}`);
  if (status >= 500) return new ProviderFailure(`${title} has a fault of its own (HTTP ${status}); try again later`);
  return new ProviderFailure(`${title} answers HTTP ${status}${said}`);
}

export function rateLimitFailure(title: string, wait: number | undefined): ProviderFailure {
  const when = wait === undefined ? 'later' : `in ${Math.ceil(wait / 1000)} s`;
  return new ProviderFailure(`${title} was asked too often; try again ${when}`);
}
