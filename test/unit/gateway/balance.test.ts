import { describe, expect, test } from 'vitest';
import { balance, type Choice } from '../../../src/gateway/upstream/targets.ts';
import type { LoadBalancingPolicy } from '../../../src/pomerium/model.ts';

interface Upstream {
  name: string;
  active: number;
}

function choices(...weights: number[]): { upstreams: Upstream[]; list: Choice<Upstream>[] } {
  const upstreams = weights.map((_, i) => ({ name: `http://u${i}`, active: 0 }));
  const list = upstreams.map((item, i) => ({
    item,
    weight: weights[i] ?? 0,
    name: item.name,
    active: () => item.active,
  }));
  return { upstreams, list };
}

/** How often each was chosen in so many turns, with a key for each turn. */
function counts(list: Choice<Upstream>[], policy: LoadBalancingPolicy | undefined, turns: number): number[] {
  const balancer = balance(list, policy);
  const chosen = Array.from({ length: turns }, (_, i) => balancer.next(`user-${i}`)?.name);
  return list.map(({ name }) => chosen.filter((one) => one === name).length);
}

describe('load balancing', () => {
  test('no upstream is none, and one is always it', () => {
    expect(balance<Upstream>([]).next('')).toBeUndefined();
    const { list, upstreams } = choices(0);
    expect(balance(list, 'maglev').next('any')).toBe(upstreams[0]);
  });

  test.each([undefined, 'round_robin'] as const)('%s goes round, as often as the weights say', (policy) => {
    expect(counts(choices(0, 0, 0).list, policy, 30)).toEqual([10, 10, 10]);
    expect(counts(choices(3, 1).list, policy, 40)).toEqual([30, 10]);
  });

  test('round robin mixes: the heavy one does not come three times in a row', () => {
    const { list } = choices(2, 1);
    const balancer = balance(list);
    const names = Array.from({ length: 6 }, () => balancer.next('')?.name.at(-1)).join('');
    expect(names).not.toContain('000');
  });

  test('random reaches all, in the proportion of the weights', () => {
    const [heavy = 0, light = 0] = counts(choices(9, 1).list, 'random', 5_000);
    expect(heavy + light).toBe(5_000);
    expect(light).toBeGreaterThan(250);
    expect(light).toBeLessThan(1_000);
  });

  test('least_request takes the one with the fewest requests for its weight, and goes round among equals', () => {
    const { list, upstreams } = choices(1, 1, 2);
    const balancer = balance(list, 'least_request');
    const [a, b, c] = upstreams as [Upstream, Upstream, Upstream];
    [a.active, b.active, c.active] = [3, 0, 4];
    expect(balancer.next('')).toBe(b);
    [a.active, b.active, c.active] = [2, 2, 3];
    expect(balancer.next('')).toBe(c);
    expect(counts(choices(1, 1).list, 'least_request', 10)).toEqual([5, 5]);
  });

  test.each(['ring_hash', 'maglev'] as const)('%s keeps a user on an upstream, also when another goes', (policy) => {
    const { list } = choices(1, 1, 1);
    const all = balance(list, policy);
    const without = balance(list.slice(0, 2), policy);
    const users = Array.from({ length: 300 }, (_, i) => `user-${i}`);
    for (const user of users) {
      const chosen = all.next(user);
      expect(all.next(user)).toBe(chosen);
      if (chosen !== list[2]?.item) expect(without.next(user)).toBe(chosen);
    }
    for (const share of counts(list, policy, 3_000)) expect(share).toBeGreaterThan(800);
    const [heavy = 0, light = 0] = counts(choices(3, 1).list, policy, 2_000);
    expect(heavy).toBeGreaterThan(2 * light);
  });
});
