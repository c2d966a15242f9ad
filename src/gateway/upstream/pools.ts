import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import type { Resolve } from '../../net/resolve.ts';
import { Pool, type Origin, type UpstreamTls } from './pool.ts';

/** The pools of all upstreams. Routes with the same upstream share one, and a reload keeps those that are still wanted. */
export class Pools {
  readonly #resolve: Resolve;
  /** PEM texts trusted beside what routes name. */
  readonly ca: readonly string[];
  readonly #byOrigin = new Map<string, Pool>();
  /** The well-known roots take milliseconds and megabytes: what is trusted alike is made once. */
  readonly #contexts = new Map<string, SecureContext>();
  readonly #wanted = new Set<string>();
  readonly #retired = new Set<Pool>();

  constructor(resolve: Resolve, ca: readonly string[]) {
    this.#resolve = resolve;
    this.ca = ca;
  }

  /** A configuration is going to ask for its upstreams; what one before it asked for in vain is forgotten. */
  begin(): void {
    this.#wanted.clear();
  }

  get(origin: Origin): Pool {
    const key = JSON.stringify(origin);
    this.#wanted.add(key);
    let pool = this.#byOrigin.get(key);
    if (!pool) {
      pool = new Pool(origin, this.#resolve, (tls) => this.#contextOf(tls));
      this.#byOrigin.set(key, pool);
    }
    return pool;
  }

  /** Retires what was not asked for since `begin`; running exchanges finish. */
  sweep(): void {
    for (const pool of this.#retired) if (pool.active === 0) this.#retired.delete(pool);
    for (const [key, pool] of this.#byOrigin) {
      if (this.#wanted.has(key)) continue;
      pool.retire();
      this.#retired.add(pool);
      this.#byOrigin.delete(key);
    }
    this.#contexts.clear();
  }

  destroy(): void {
    for (const pool of [...this.#byOrigin.values(), ...this.#retired]) pool.destroy();
    this.#byOrigin.clear();
    this.#retired.clear();
  }

  #contextOf({ wellKnownRoots, ca, client }: UpstreamTls): SecureContext {
    const key = JSON.stringify([wellKnownRoots, ca, client]);
    let context = this.#contexts.get(key);
    if (!context) {
      context = createSecureContext({ ca: [...(wellKnownRoots ? rootCertificates : []), ...ca], ...client });
      this.#contexts.set(key, context);
    }
    return context;
  }
}
