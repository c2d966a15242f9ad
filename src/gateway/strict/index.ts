import { RegistrationLimits } from './registration-limits.ts';

/**
 * What `gateway --strict` remembers besides its store. Each rule stands in a file of its own here; where the gateway has a choice between
 * Pomerium's way and the strict one, it asks whether this is there.
 */
export interface Strict {
  readonly registrations: RegistrationLimits;
}

export function createStrict(): Strict {
  return { registrations: new RegistrationLimits() };
}
