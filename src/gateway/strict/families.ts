import { randomUUID } from 'node:crypto';
import type { Gate } from '../identity/gate.ts';
import type { RefreshToken } from '../identity/refresh-token-table.ts';
import type { StoredSession } from '../identity/session-table.ts';

/** A session of the client's own, so that it can end without the person being signed out. */
export async function sessionForClient(gate: Gate, session: StoredSession): Promise<StoredSession> {
  const own = { ...session, id: randomUUID() };
  await gate.sessions.add(own);
  return own;
}

/** Notes which line a token that is about to be issued belongs to. Before it is: a token without a line could not be called back. */
export async function joinFamily(gate: Gate, family: string, token: RefreshToken): Promise<void> {
  const { id: refreshTokenId, sessionId, expiresAt } = token;
  await gate.store.families.add({ refreshTokenId, sessionId, family, expiresAt });
}

/** The line of a refresh token; one that was issued before lines were kept begins its own. */
export async function familyOf(gate: Gate, refreshTokenId: string): Promise<string> {
  return (await gate.store.families.familyOf(refreshTokenId)) ?? refreshTokenId;
}

/** Ends all that came from one code: somebody used a code or a refresh token twice, and who of the two was the thief is not known. */
export async function revokeFamily(gate: Gate, family: string): Promise<void> {
  const sessions = await gate.store.families.sessionsOf(family);
  for (const id of sessions) await gate.sessions.end(id);
  if (sessions.length === 0) return;
  gate.log({
    level: 'warn',
    message: 'strict: a code or a refresh token was used twice; what was issued for it is revoked',
    'session-ids': sessions,
  });
}
