/** Registrations that one address may make in a minute, and that all of them may have made. */
export const PER_MINUTE = 30;
export const REGISTERED_AT_MOST = 5_000;
const MINUTE = 60_000;
/** Addresses remembered; more are a flood, in which all share one allowance. */
const ADDRESSES = 10_000;

/** How often each address has registered a client in the minute that runs. */
export class RegistrationLimits {
  readonly #counts = new Map<string, number>();
  #minute = 0;

  /** Counts a registration; false: there were too many. `now`: milliseconds. */
  admits(address: string, now: number): boolean {
    const minute = Math.floor(now / MINUTE);
    if (minute !== this.#minute) {
      this.#counts.clear();
      this.#minute = minute;
    }
    const key = this.#counts.has(address) || this.#counts.size < ADDRESSES ? address : '';
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    return count <= PER_MINUTE;
  }
}
