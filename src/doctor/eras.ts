import { listTools } from '../mcp/index.ts';
import { MODERN_VERSION } from '../oauth/envelope.ts';
import type { Patient } from './patient.ts';
import type { Way } from './reach.ts';

/** Newest revision with the initialize handshake. */
const LEGACY_VERSION = '2025-11-25';

export type Era = 'modern' | 'legacy';

export function versionOf(era: Era): string {
  return era === 'modern' ? MODERN_VERSION : LEGACY_VERSION;
}

/** Lists the tools in one era of the protocol only; what went wrong, or undefined. */
export async function tryEra(
  { fetch }: Pick<Patient, 'fetch'>,
  { server, accessToken }: Way,
  era: Era,
  signal: AbortSignal,
): Promise<string | undefined> {
  const token = accessToken === undefined ? {} : { accessToken };
  const options = { server: server.url, fetch: await fetch(), signal, protocolVersion: versionOf(era), ...token };
  try {
    await listTools(options);
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    return error instanceof Error ? error.message : String(error);
  }
}
