import type { Answer, Received } from '../http.ts';
import type { Place } from '../endpoints.ts';
import type { Behaviour, Site } from '../site.ts';

/** What a fault sees of a request. */
export interface Strike {
  place: Place;
  received: Received;
  site: Site;
  /** What stands after `=` in the fault's name; its default when nothing does. */
  value: number;
  /** Aborted when the provider closes, or the other side went away. */
  signal: AbortSignal;
}

/** `close` ends the connection without an answer. */
export type Outcome = Answer | 'close';

/** One thing that goes wrong. It changes how the provider behaves, answers in its place, or changes its answer. */
export interface Fault {
  /** What the provider does; one line. */
  summary: string;
  /** What is seen at the gateway, as Pomerium v0.33.1 has it. */
  symptom: string;
  /** What to do about it when a real provider does it. */
  fix: string;
  /** Default of the value that may stand after `=`, and its unit; a fault without it takes none. */
  value?: { default: number; unit: 'ms' | 's' };
  /** Empty for a fault that only changes behaviour. */
  places: readonly Place[];
  behave?(behaviour: Behaviour, value: number): Behaviour;
  /** Answers in the place of the provider, which then does nothing; undefined lets it. */
  instead?(strike: Strike): Outcome | undefined | Promise<Outcome | undefined>;
  /** Changes the answer, after the provider did its work. */
  after?(answer: Answer, strike: Strike): Outcome;
}
