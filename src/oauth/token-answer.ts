import { parseRecord } from '../json.ts';
import { plainLine } from '../plain-text.ts';
import { badAnswer } from './errors.ts';
import { readLimited } from './http.ts';

/** What a token endpoint gave. */
export interface Grant {
  accessToken: string;
  tokenType: string;
  /** Seconds. */
  expiresIn?: number;
  refreshToken?: string;
  scope?: string;
}

/** The token endpoint said no (RFC 6749 §5.2); `error` is its code. */
export class GrantRefused extends Error {
  readonly error: string;
  readonly description: string | undefined;

  constructor(error: string, description: string | undefined) {
    super(`the token endpoint answered ${error}`);
    this.error = error;
    this.description = description;
  }
}

/** Reads a token answer within limits, and throws what it refuses. The id_token is dropped: nobody here asks who the user is. */
export async function readTokenAnswer(
  response: Response,
  endpoint: string,
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  const text = await readLimited(response, endpoint, signal);
  const body = parseRecord(text);
  if (!body) throw badAnswer(endpoint, `answered with status ${response.status} and no JSON object${hint(response)}`);
  if (typeof body['error'] === 'string' && body['access_token'] === undefined) {
    const description = body['error_description'];
    throw new GrantRefused(
      plainLine(body['error']),
      typeof description === 'string' ? plainLine(description) : undefined,
    );
  }
  if (response.status !== 200) throw badAnswer(endpoint, `answered with status ${response.status}`);
  if (!isJson(response))
    throw badAnswer(endpoint, `answered with the content type ${response.headers.get('content-type') ?? '(none)'}`);
  const { id_token: _, ...rest } = body;
  return rest;
}

/** b64token of RFC 6750 §2.1, with every other character a header may hold; no blanks, no control characters. */
export function isTokenText(token: string): boolean {
  return /^[\x21-\x7e]+$/.test(token);
}

function isJson(response: Response): boolean {
  return /^application\/(?:json|[\w.+-]+\+json)\s*(?:;|$)/i.test(response.headers.get('content-type') ?? '');
}

function hint(response: Response): string {
  const type = response.headers.get('content-type');
  return type ? ` (${plainLine(type)})` : '';
}
