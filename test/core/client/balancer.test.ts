import { seededRandom } from '@sluice/core';
import { describe, expect, it } from 'vitest';
import {
  type Balancer,
  type BalancerStrategy,
  createBalancer,
  type TargetLoad,
} from '../../../packages/core/src/client/balancer.ts';

describe('a balancer', () => {
  it('asks them in the order of registration, when the strategy is failover', () => {
    const balancer = aBalancer('failover');

    const counts = countFirsts(balancer, 50, targets({ a: {}, b: {} }));

    expect(counts).toEqual({ a: 50 });
  });

  it('gives each healthy target the same number of calls, by round robin', () => {
    const balancer = aBalancer('round-robin');

    const counts = countFirsts(balancer, 300, targets({ a: {}, b: {}, c: {} }));

    expect(counts).toEqual({ a: 100, b: 100, c: 100 });
  });

  it('gives those that are left the same number of calls, whichever is out', () => {
    const balancer = aBalancer('round-robin');

    const counts = countFirsts(balancer, 300, targets({ a: {}, c: {}, d: {} }));

    expect(counts).toEqual({ a: 100, c: 100, d: 100 });
  });

  it('takes the target with the fewest live leases', () => {
    const balancer = aBalancer('least-loaded');

    const order = balancer.order(targets({ a: { inUse: 3 }, b: { inUse: 1 }, c: { inUse: 2 } }));

    expect(order.map(({ target }) => target)).toEqual(['b', 'c', 'a']);
  });

  it('takes targets of the same load in turn', () => {
    const balancer = aBalancer('least-loaded');

    const counts = countFirsts(balancer, 300, targets({ a: {}, b: {}, c: {} }));

    expect(counts).toEqual({ a: 100, b: 100, c: 100 });
  });

  it('lets a target of twice the weight bear twice the load', () => {
    const balancer = aBalancer('least-loaded');

    const order = balancer.order(targets({ a: { inUse: 3, weight: 2 }, b: { inUse: 2 } }));

    expect(order[0]?.target).toBe('a');
  });

  it('keeps the weights within 1 %', () => {
    const balancer = aBalancer('weighted');
    const weighted = targets({ a: { weight: 5 }, b: { weight: 3 }, c: { weight: 2 } });

    const counts = countFirsts(balancer, 10_000, weighted);

    expect(Math.abs((counts['a'] ?? 0) - 5_000)).toBeLessThanOrEqual(100);
    expect(Math.abs((counts['b'] ?? 0) - 3_000)).toBeLessThanOrEqual(100);
    expect(Math.abs((counts['c'] ?? 0) - 2_000)).toBeLessThanOrEqual(100);
  });

  it('spreads a heavy target evenly over time', () => {
    const balancer = aBalancer('weighted');
    const weighted = targets({ a: { weight: 2 }, b: { weight: 1 } });

    const firsts = Array.from({ length: 6 }, () => balancer.order(weighted)[0]?.target);

    expect(firsts).toEqual(['a', 'b', 'a', 'a', 'b', 'a']);
  });

  it('asks a target that came back neither more nor less than its share', () => {
    const balancer = aBalancer('weighted');
    countFirsts(balancer, 500, targets({ a: {}, b: {} }));
    countFirsts(balancer, 500, targets({ a: {} }));

    const counts = countFirsts(balancer, 500, targets({ a: {}, b: {} }));

    expect(Math.abs((counts['b'] ?? 0) - 250)).toBeLessThanOrEqual(1);
  });

  it('takes the faster of two drawn by lot', () => {
    const balancer = aBalancer('power-of-two');
    const two = targets({ slow: { firstContentMs: 900 }, fast: { firstContentMs: 100 } });

    const counts = countFirsts(balancer, 100, two);

    expect(counts).toEqual({ fast: 100 });
  });

  it('does not send everybody to the fastest of many', () => {
    const balancer = aBalancer('power-of-two');
    const many = targets({
      a: { firstContentMs: 100 },
      b: { firstContentMs: 200 },
      c: { firstContentMs: 300 },
      d: { firstContentMs: 400 },
    });

    const counts = countFirsts(balancer, 6_000, many);

    expect((counts['a'] ?? 0) / 6_000).toBeCloseTo(1 / 2, 1); // drawn in half of all pairs
    expect((counts['b'] ?? 0) / 6_000).toBeCloseTo(1 / 3, 1);
    expect(counts['d']).toBeUndefined(); // the slowest of all wins no pair
  });

  it('names every target once, whatever the strategy', () => {
    const strategies = [
      'failover',
      'round-robin',
      'least-loaded',
      'weighted',
      'power-of-two',
    ] as const;
    const some = targets({ a: { inUse: 1 }, b: { weight: 3 }, c: { firstContentMs: 5 }, d: {} });

    for (const strategy of strategies) {
      const balancer = aBalancer(strategy);
      const names = balancer.order(some).map(({ target }) => target);
      expect(names.toSorted()).toEqual(['a', 'b', 'c', 'd']);
    }
  });
});

function aBalancer(strategy: BalancerStrategy): Balancer {
  return createBalancer(strategy, seededRandom(7));
}

function targets(loads: Record<string, Partial<TargetLoad>>): TargetLoad[] {
  return Object.entries(loads).map(([target, load]) => ({ target, inUse: 0, weight: 1, ...load }));
}

function countFirsts(
  balancer: Balancer,
  times: number,
  loads: readonly TargetLoad[],
): Record<string, number> {
  const counts: Record<string, number> = {};
  for (let i = 0; i < times; i += 1) {
    const first = balancer.order(loads)[0]?.target ?? 'none';
    counts[first] = (counts[first] ?? 0) + 1;
  }
  return counts;
}
