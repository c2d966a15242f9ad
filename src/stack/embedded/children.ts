import type { ProcessIdentity } from '../process-identity.ts';

/** Told when a child process came or went: kept on disk, so that whoever finds this process gone can end them. */
export type OnChildren = (children: (ProcessIdentity & { name: string })[]) => void;

/** The servers that run as processes of their own. */
export class Children {
  readonly #running = new Map<string, ProcessIdentity>();
  readonly #tell: OnChildren;

  constructor(tell: OnChildren) {
    this.#tell = tell;
  }

  /** `identity` is undefined when the process has ended. */
  note(name: string, identity: ProcessIdentity | undefined): void {
    if (identity) this.#running.set(name, identity);
    else this.#running.delete(name);
    this.#tell([...this.#running].map(([child, one]) => ({ name: child, ...one })));
  }

  /** Ends all of them at once. */
  abandon(): void {
    for (const { pid } of this.#running.values()) {
      try {
        process.kill(-pid, 'SIGTERM');
      } catch {
        // ESRCH: it has ended by itself.
      }
    }
  }
}
