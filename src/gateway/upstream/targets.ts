import type { Upstream } from '../../pomerium/model.ts';

/** Smooth weighted round robin: each turn the one with the most credit goes, and pays for all. */
export class Rotation<T> {
  readonly #entries: { item: T; weight: number; credit: number }[];
  readonly #total: number;

  constructor(items: readonly T[], weights: readonly Upstream['weight'][]) {
    this.#entries = items.map((item, index) => ({ item, weight: Math.max(weights[index] ?? 1, 1), credit: 0 }));
    this.#total = this.#entries.reduce((sum, { weight }) => sum + weight, 0);
  }

  next(): T | undefined {
    const [only] = this.#entries;
    if (this.#entries.length <= 1) return only?.item;
    let best = only;
    for (const entry of this.#entries) {
      entry.credit += entry.weight;
      if (best === undefined || entry.credit > best.credit) best = entry;
    }
    if (best) best.credit -= this.#total;
    return best?.item;
  }
}
