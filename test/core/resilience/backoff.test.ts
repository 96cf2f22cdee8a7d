import { seededRandom } from '@sluice/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffMs, DEFAULT_BACKOFF } from '../../../packages/core/src/resilience/backoff.ts';

const random = seededRandom(1);

describe('backoff', () => {
  it('doubles the wait with every failure, up to the longest', () => {
    const exponential = { ...DEFAULT_BACKOFF, jitter: 'none' } as const;

    const waits = [1, 2, 3, 7, 8, 500].map((n) => backoffMs(exponential, n, { random }));

    expect(waits).toEqual([100, 200, 400, 6_400, 10_000, 10_000]);
  });

  it('keeps the wait when the factor is 1', () => {
    const constant = { baseMs: 50, factor: 1, capMs: 1_000, jitter: 'none' } as const;

    const waits = [1, 2, 30].map((failures) => backoffMs(constant, failures, { random }));

    expect(waits).toEqual([50, 50, 50]);
  });

  it('spreads the wait by chance, never beyond its bounds', () => {
    const failures = fc.integer({ min: 1, max: 10_000 });
    const previous = fc.integer({ min: 0, max: 100_000 });
    const jitter = fc.constantFrom('full', 'equal', 'decorrelated');
    const holds = fc.property(failures, previous, jitter, fc.nat(), (n, previousMs, kind, seed) => {
      const backoff = { ...DEFAULT_BACKOFF, jitter: kind } as const;
      const waitMs = backoffMs(backoff, n, { random: seededRandom(seed), previousMs });
      return waitMs >= 0 && waitMs <= backoff.capMs;
    });

    fc.assert(holds);
  });

  it('waits at least half as long as computed, when equal', () => {
    const backoff = { ...DEFAULT_BACKOFF, jitter: 'equal' } as const;

    const least = backoffMs(backoff, 3, { random: { next: () => 0 } });
    const most = backoffMs(backoff, 3, { random: { next: () => 0.9999 } });

    expect(least).toBe(200);
    expect(most).toBeCloseTo(400, 0);
  });

  it('waits at least the base and at most three times as long as before, when decorrelated', () => {
    const backoff = { ...DEFAULT_BACKOFF, jitter: 'decorrelated' } as const;

    const least = backoffMs(backoff, 3, { random: { next: () => 0 }, previousMs: 400 });
    const most = backoffMs(backoff, 3, { random: { next: () => 0.9999 }, previousMs: 400 });

    expect(least).toBe(100);
    expect(most).toBeCloseTo(1_200, 0);
  });
});
