import type { Exchange, Reply } from '../exchange.ts';
import { json } from '../identity/answers.ts';
import type { Gate } from '../identity/gate.ts';
import { REGISTERED_AT_MOST } from './registration-limits.ts';
import { typedRedirectProblem } from './redirect-rules.ts';

/** Bytes of a registration, and how many redirect URIs it may have. */
export const MAX_REGISTRATION = 16_384;
const MAX_REDIRECTS = 10;
const GRANTS = ['authorization_code', 'refresh_token'];
const APPLICATION_TYPES = [undefined, 'web', 'native'];

/** The answer to whoever registers too often; undefined: go on. */
export async function registrationFlood(gate: Gate, exchange: Exchange): Promise<Reply | undefined> {
  if (gate.strict?.registrations.admits(exchange.remoteAddress, Date.now()) === false) {
    return refusal(429, 'temporarily_unavailable', 'too many registrations from this address; try again in a minute');
  }
  if ((await gate.store.clients.count()) < REGISTERED_AT_MOST) return undefined;
  return refusal(429, 'temporarily_unavailable', `${REGISTERED_AT_MOST} clients are registered, and no more can be`);
}

/** What RFC 7591 leaves to the server's policy. `text`: the request as it came; undefined: it may be registered. */
export function registrationProblem(text: string, metadata: Record<string, unknown>): Reply | undefined {
  if (Buffer.byteLength(text) > MAX_REGISTRATION) return invalid('client', `longer than ${MAX_REGISTRATION} bytes`);
  const redirects = listOf(metadata['redirect_uris']);
  if (redirects.length > MAX_REDIRECTS) return invalid('redirect', `more than ${MAX_REDIRECTS} redirect URIs`);
  const type = applicationType(text);
  if (!APPLICATION_TYPES.includes(type)) return invalid('client', 'application_type is neither web nor native');
  for (const uri of redirects) {
    const problem = typedRedirectProblem(uri, type);
    if (problem !== undefined) return invalid('redirect', `the redirect URI ${problem}`);
  }
  if (listOf(metadata['grant_types']).some((grant) => !GRANTS.includes(grant))) {
    return invalid('client', `grant_types beyond ${GRANTS.join(' and ')}`);
  }
  if (listOf(metadata['response_types']).some((response) => response !== 'code')) {
    return invalid('client', 'response_types beyond code');
  }
  return undefined;
}

/** Pomerium's schema does not know it, so that it is gone from the metadata. */
function applicationType(text: string): string | undefined {
  const value = (JSON.parse(text) as Record<string, unknown>)['application_type'];
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : '';
}

function listOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function invalid(what: 'client' | 'redirect', description: string): Reply {
  return refusal(400, what === 'client' ? 'invalid_client_metadata' : 'invalid_redirect_uri', description);
}

function refusal(status: number, error: string, description: string): Reply {
  const reply = json(status, { error, error_description: description }, { noStore: true, newline: false });
  return status === 429 ? { ...reply, headers: [...reply.headers, ['Retry-After', '60']] } : reply;
}
