import type { Session } from '../../../pomerium/model.ts';

/** The sessions of the database in memory, so that a request need not ask for one. */
export class SessionMirror {
  /** Changes when a session may have ended. */
  version = 0;
  #sessions = new Map<string, Session>();

  find(id: string): Session | undefined {
    const session = this.#sessions.get(id);
    return session && session.expiresAt > Date.now() ? session : undefined;
  }

  has(id: string): boolean {
    return this.#sessions.has(id);
  }

  set(session: Session): void {
    this.#sessions.set(session.id, session);
  }

  delete(id: string): void {
    if (this.#sessions.delete(id)) this.version += 1;
  }

  replace(sessions: readonly Session[]): void {
    this.#sessions = new Map(sessions.map((session) => [session.id, session]));
    this.version += 1;
  }

  dropExpired(now: number): void {
    for (const [id, { expiresAt }] of this.#sessions) if (expiresAt <= now) this.#sessions.delete(id);
  }

  /** Oldest first. */
  live(): Session[] {
    const now = Date.now();
    return [...this.#sessions.values()]
      .filter(({ expiresAt }) => expiresAt > now)
      .sort((a, b) => a.issuedAt - b.issuedAt || (a.id < b.id ? -1 : 1));
  }
}
