import { expect } from 'vitest';
import type { StateStore } from '../../../src/gateway/identity/state-store.ts';
import { aRefreshToken } from './samples.ts';
import { factsAfter, type Fact, type Step } from './steps.ts';

/** What a process that was killed had told of its steps. A last line may be cut off. */
export class Account {
  readonly #facts = new Map<string, Fact>();
  /** Begun, and nobody knows whether they were made. */
  readonly doubtful: Step[] = [];
  done = 0;

  constructor(text: string) {
    const begun = new Map<string, Step>();
    for (const line of text.split('\n').slice(0, -1)) {
      const json = line.slice(line.indexOf(' ') + 1);
      if (line.startsWith('begin')) begun.set(json, JSON.parse(json) as Step);
      else this.#know(begun, json);
    }
    this.doubtful.push(...begun.values());
    const inDoubt = this.doubtful.flatMap((step) => factsAfter(step));
    for (const fact of inDoubt) this.#facts.delete(nameOf(fact));
  }

  #know(begun: Map<string, Step>, json: string): void {
    const step = begun.get(json);
    if (!step) throw new Error(`done without having begun: ${json}`);
    begun.delete(json);
    this.done += 1;
    for (const fact of factsAfter(step)) this.#facts.set(nameOf(fact), fact);
  }

  /** Every answer is honoured, and every step was made whole or not at all. */
  async expectHonoured(store: StateStore): Promise<void> {
    for (const fact of this.#facts.values()) expect([fact, await isSo(store, fact)]).toEqual([fact, true]);
    for (const step of this.doubtful) {
      const found = await Promise.all(factsAfter(step).map(async (fact) => isSo(store, fact)));
      expect([step, new Set(found).size]).toEqual([step, 1]);
    }
  }

  /** No code is good twice, whether its answer arrived or not. Redeems those that are left. */
  async expectRedeemedOnce(store: StateStore): Promise<void> {
    for (const { of, id, there } of this.#facts.values()) {
      if (of === 'code' && !there) expect(await store.redeem(id, aRefreshToken('s'))).toBe(false);
    }
    for (const step of this.doubtful) {
      if (step.kind !== 'redeem') continue;
      const isGood = (await store.authorizations.find(step.code)) !== undefined;
      expect(await store.redeem(step.code, aRefreshToken('s'))).toBe(isGood);
      expect(await store.redeem(step.code, aRefreshToken('s'))).toBe(false);
    }
  }
}

function nameOf({ of, id, sealed = '' }: Fact): string {
  return `${of} ${id} ${sealed}`;
}

async function isSo(store: StateStore, { of, id, sealed, there }: Fact): Promise<boolean> {
  switch (of) {
    case 'client':
      return ((await store.clients.find(id)) !== undefined) === there;
    case 'session':
      return ((await store.sessions.find(id)) !== undefined && store.sessions.findNow(id) !== undefined) === there;
    case 'code':
      return ((await store.authorizations.find(id)) !== undefined) === there;
    case 'token':
      return ((await store.refreshTokens.find(id)) !== undefined) === there;
    default: {
      const found = await store.upstreamTokens.find({ userId: id, routeId: 'r', upstreamUrl: 'u' });
      return (found?.sealed === sealed) === there;
    }
  }
}
