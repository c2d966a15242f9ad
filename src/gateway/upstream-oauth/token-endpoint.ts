import { encodeQuery } from '../identity/go-text.ts';
import type { UpstreamHttp } from './http.ts';

/** RFC 6749 §5.1, as far as it is used. */
export interface TokenResponse {
  accessToken: string;
  tokenType?: string;
  /** Seconds. */
  expiresIn?: number;
  refreshToken?: string;
}

/** The token endpoint answered, and gave no token. */
export class TokenEndpointError extends Error {
  readonly status: number;

  constructor(status: number, reason: string) {
    super(`token endpoint returned ${status}: ${reason}`);
    this.status = status;
  }

  /** A refusal for good; everything else may pass. */
  get isPermanent(): boolean {
    return this.status >= 400 && this.status < 500;
  }
}

/**
 * Asks for a token. The client's secret goes into the form, whatever `auth_style` says: Pomerium v0.33.1 ignores that key
 * (internal/mcp/upstream_token_exchange.go). Empty fields are left out. Throws TokenEndpointError for another status than 200.
 */
export async function requestToken(
  http: UpstreamHttp,
  endpoint: string,
  form: Readonly<Record<string, string | undefined>>,
): Promise<TokenResponse> {
  const fields = Object.entries(form).filter((field): field is [string, string] => Boolean(field[1]));
  const { status, body } = await http.post(endpoint, 'application/x-www-form-urlencoded', encodeQuery(fields));
  if (status !== 200) throw new TokenEndpointError(status, errorOf(body));
  return readToken(body);
}

/** The error code alone: a description, or a page, may hold what was sent. */
function errorOf(body: string): string {
  try {
    const { error } = JSON.parse(body) as { error?: unknown };
    if (typeof error === 'string' && /^[\x21-\x7e]{1,60}$/.test(error)) return error;
  } catch {
    // Said below.
  }
  return 'no OAuth error code';
}

/** Go's decoder takes no text for a number: an `expires_in` of "3600" is an error in Pomerium as well. */
function readToken(body: string): TokenResponse {
  let members: Record<string, unknown>;
  try {
    members = JSON.parse(body) as Record<string, unknown>;
  } catch {
    throw new Error('parsing token response: not JSON');
  }
  const text = (name: string): string | undefined => {
    const value = members[name] ?? undefined;
    if (value !== undefined && typeof value !== 'string') throw wrongType(name);
    return value || undefined;
  };
  if (typeof members !== 'object' || members === null) throw new Error('parsing token response: not an object');
  const expiresIn = members['expires_in'] ?? 0;
  if (!Number.isSafeInteger(expiresIn)) throw wrongType('expires_in');
  const accessToken = text('access_token');
  const tokenType = text('token_type');
  const refreshToken = text('refresh_token');
  text('scope');
  if (accessToken === undefined) throw new Error('token response missing access_token');
  // RFC 6749 A.12. It goes into a header, where a line end would begin another.
  if (!/^[\x20-\x7e]+$/.test(accessToken)) throw new Error('access_token holds what no header can carry');
  return {
    accessToken,
    ...(tokenType === undefined ? {} : { tokenType }),
    ...(Number(expiresIn) > 0 ? { expiresIn: Number(expiresIn) } : {}),
    ...(refreshToken === undefined ? {} : { refreshToken }),
  };
}

function wrongType(name: string): Error {
  return new Error(`parsing token response: ${name} has the wrong type`);
}
