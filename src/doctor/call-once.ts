import type { Patient } from './patient.ts';
import type { Way } from './reach.ts';

/** Characters of a refusal that are looked at. */
const START = 300;

/** One request to a server as a signed-in client sends it, with these headers too; whatever is answered. */
export async function callOnce(
  { fetch }: Pick<Patient, 'fetch'>,
  way: Way,
  signal: AbortSignal,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const send = await fetch();
  return send(way.server.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...authorizationOf(way),
      ...headers,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' }),
    signal,
  });
}

/** The header by which a server knows the user of a way; none where it asks for none. */
export function authorizationOf({ accessToken }: Way): Record<string, string> {
  return accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` };
}

/** The beginning of an answer's text; the rest is left. */
export async function readStart(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  if (!reader) return '';
  const { value } = await reader.read();
  await reader.cancel();
  return new TextDecoder().decode(value?.slice(0, START));
}
