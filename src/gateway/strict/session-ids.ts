import { createHash } from 'node:crypto';

/** Sessions of MCP servers whose users are remembered. */
const REMEMBERED = 50_000;

/** Whose a session of an MCP server is (`Mcp-Session-Id`, up to MCP 2025-11-25): of the first user who comes with it. */
export class SessionIds {
  readonly #owners = new Map<string, string>();

  /** False: it is another user's. */
  belongsTo(userId: string, routeId: string, sessionId: string): boolean {
    const key = createHash('sha256').update(`${routeId} ${sessionId}`).digest('base64url');
    const owner = this.#owners.get(key);
    if (owner !== undefined) return owner === userId;
    if (this.#owners.size >= REMEMBERED) this.#forgetOldest();
    this.#owners.set(key, userId);
    return true;
  }

  #forgetOldest(): void {
    for (const key of this.#owners.keys()) {
      this.#owners.delete(key);
      return;
    }
  }
}
