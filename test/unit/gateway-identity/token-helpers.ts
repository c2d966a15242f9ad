import { expect } from 'vitest';
import type { Reply } from '../../../src/gateway/exchange.ts';
import { readRecording } from './fixture.ts';
import { bodyOf, type Browser, header, obtainCode } from './harness.ts';

/** A good token request for a fresh code. */
export async function goodForm(
  browser: Browser,
  provider: string,
  changes: Parameters<typeof obtainCode>[2] = {},
): Promise<Record<string, string>> {
  const { clientId, code, verifier } = await obtainCode(browser, provider, changes);
  return { grant_type: 'authorization_code', client_id: clientId, code, code_verifier: verifier };
}

/** The reply says what the recorded one says, tokens aside. */
export function expectRecorded(reply: Reply, name: string): void {
  const recording = readRecording(name);
  expect(reply.status).toBe(recording.status);
  for (const field of ['content-type', 'cache-control', 'pragma'])
    expect(header(reply, field)).toBe(recording.headers[field]);
  if (recording.status === 200) {
    expect(Object.keys(bodyOf(reply))).toEqual(Object.keys(JSON.parse(recording.body) as object));
    expect(String(reply.body)).not.toMatch(/\n$/);
  } else {
    expect(String(reply.body)).toBe(`${recording.body}\n`);
  }
}

export function without(form: Record<string, string>, name: string): Record<string, string> {
  return Object.fromEntries(Object.entries(form).filter(([key]) => key !== name));
}
