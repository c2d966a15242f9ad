import type { Resolve } from '../../net/resolve.ts';
import { Pool, type Origin } from './pool.ts';

/** The pools of all upstreams. Routes with the same upstream share one, and a reload keeps those that are still wanted. */
export class Pools {
  readonly #resolve: Resolve;
  /** PEM texts trusted beside what routes name. */
  readonly ca: readonly string[];
  readonly #byOrigin = new Map<string, Pool>();
  readonly #wanted = new Set<string>();
  readonly #retired = new Set<Pool>();

  constructor(resolve: Resolve, ca: readonly string[]) {
    this.#resolve = resolve;
    this.ca = ca;
  }

  get(origin: Origin): Pool {
    const key = JSON.stringify(origin);
    this.#wanted.add(key);
    let pool = this.#byOrigin.get(key);
    if (!pool) {
      pool = new Pool(origin, this.#resolve);
      this.#byOrigin.set(key, pool);
    }
    return pool;
  }

  /** Retires what was not asked for since the last call; running exchanges finish. */
  sweep(): void {
    for (const [key, pool] of this.#byOrigin) {
      if (this.#wanted.has(key)) continue;
      pool.retire();
      this.#retired.add(pool);
      this.#byOrigin.delete(key);
    }
    this.#wanted.clear();
  }

  destroy(): void {
    for (const pool of [...this.#byOrigin.values(), ...this.#retired]) pool.destroy();
    this.#byOrigin.clear();
    this.#retired.clear();
  }
}
