import type { ProgressEvent } from '../engine.ts';

export type Report = (event: ProgressEvent) => void;

/** What the engine tells while it works, for whoever listens at that time. */
export interface Announcements {
  tell: Report;
  /** Passes on what is told until `work` ends, and how it ended. */
  during<T>(work: Promise<T>, report: Report): Promise<T>;
  /** Told so far, while it was kept: for clients that connect in the middle of a start. */
  readonly told: readonly ProgressEvent[];
  /** From now on nothing is kept. */
  forget(): void;
  /** Resolves once somebody has been told how a piece of work ended. */
  readonly heard: Promise<void>;
}

export function createAnnouncements(): Announcements {
  const told: ProgressEvent[] = [];
  const listeners = new Set<Report>();
  const { promise: heard, resolve } = Promise.withResolvers<void>();
  let isKept = true;
  return {
    told,
    heard,
    tell: (event) => {
      if (isKept) told.push(event);
      for (const listener of listeners) listener(event);
    },
    during: async (work, report) => {
      listeners.add(report);
      return work.finally(() => {
        listeners.delete(report);
        // The answer itself leaves first.
        setImmediate(resolve);
      });
    },
    forget: () => {
      isKept = false;
    },
  };
}
