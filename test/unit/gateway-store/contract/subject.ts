import type { Opener } from '../stores.ts';

/** A kind of store under test. */
export interface Subject {
  /** What is opened a second time finds what the first has stored, after a restart and in another process. */
  shared: boolean;
  /** Each test has data of its own; `skip` does not return. */
  opener: (skip: (why: string) => void) => Promise<Opener>;
}
