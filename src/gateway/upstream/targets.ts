import { createHash } from 'node:crypto';
import type { LoadBalancingPolicy, Upstream } from '../../pomerium/model.ts';

/** Chooses the upstream of a request. */
export interface Balancer<T> {
  /** Undefined: there is none. Equal keys go to the same upstream, where the policy hashes. */
  next(key: string): T | undefined;
}

/** What is chosen among. */
export interface Choice<T> {
  item: T;
  weight: Upstream['weight'];
  /** Tells it from the others, also after a restart: its URL. */
  name: string;
  /** Requests that it is answering now. */
  active: () => number;
}

/** Without a policy Pomerium's clusters have round robin: v0.33.1 config/envoyconfig/clusters.go. */
export function balance<T>(choices: readonly Choice<T>[], policy: LoadBalancingPolicy = 'round_robin'): Balancer<T> {
  const [only] = choices;
  if (choices.length <= 1) return { next: () => only?.item };
  switch (policy) {
    case 'random':
      return new RandomChoice(choices);
    case 'least_request':
      return new LeastRequest(choices);
    case 'ring_hash':
    case 'maglev':
      return new HashChoice(choices);
    default:
      return new RoundRobin(choices);
  }
}

const weightOf = ({ weight }: Choice<unknown>): number => Math.max(weight, 1);

/** Smooth weighted round robin: each turn the one with the most credit goes, and pays for all. */
class RoundRobin<T> implements Balancer<T> {
  readonly #entries: { item: T; weight: number; credit: number }[];
  readonly #total: number;

  constructor(choices: readonly Choice<T>[]) {
    this.#entries = choices.map((choice) => ({ item: choice.item, weight: weightOf(choice), credit: 0 }));
    this.#total = this.#entries.reduce((sum, { weight }) => sum + weight, 0);
  }

  next(): T | undefined {
    let best = this.#entries[0];
    for (const entry of this.#entries) {
      entry.credit += entry.weight;
      if (best === undefined || entry.credit > best.credit) best = entry;
    }
    if (best) best.credit -= this.#total;
    return best?.item;
  }
}

class RandomChoice<T> implements Balancer<T> {
  readonly #choices: readonly Choice<T>[];
  readonly #total: number;

  constructor(choices: readonly Choice<T>[]) {
    this.#choices = choices;
    this.#total = choices.reduce((sum, choice) => sum + weightOf(choice), 0);
  }

  next(): T | undefined {
    let left = Math.random() * this.#total;
    const found = this.#choices.find((choice) => (left -= weightOf(choice)) < 0);
    return (found ?? this.#choices.at(-1))?.item;
  }
}

/** The most weight for each request that would then be open. Ties go round, so that idle upstreams share. */
class LeastRequest<T> implements Balancer<T> {
  readonly #choices: readonly Choice<T>[];
  #turn = 0;

  constructor(choices: readonly Choice<T>[]) {
    this.#choices = choices;
  }

  next(): T | undefined {
    const count = this.#choices.length;
    let best: Choice<T> | undefined;
    let most = 0;
    for (let i = 0; i < count; i++) {
      const choice = this.#choices[(this.#turn + i) % count];
      const share = choice ? weightOf(choice) / (choice.active() + 1) : 0;
      if (share <= most) continue;
      best = choice;
      most = share;
    }
    this.#turn = (this.#turn + 1) % count;
    return best?.item;
  }
}

/**
 * The highest score of key and upstream wins (rendezvous hashing): like Envoy's rings and tables, a key keeps its upstream when others
 * come or go. Which one that is differs from Envoy's choice.
 */
class HashChoice<T> implements Balancer<T> {
  readonly #choices: readonly Choice<T>[];

  constructor(choices: readonly Choice<T>[]) {
    this.#choices = choices;
  }

  next(key: string): T | undefined {
    let best: T | undefined;
    let highest = Number.NEGATIVE_INFINITY;
    for (const choice of this.#choices) {
      const score = -weightOf(choice) / Math.log(unitOf(`${choice.name}\0${key}`));
      if (score <= highest) continue;
      best = choice.item;
      highest = score;
    }
    return best;
  }
}

/** A number between 0 and 1, neither included. */
function unitOf(text: string): number {
  const value = createHash('sha256').update(text).digest().readUInt32BE(0);
  return (value + 1) / (2 ** 32 + 1);
}
