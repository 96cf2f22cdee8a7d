import { VirtualClock } from '@sluice/core/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Limiter, type LimiterOptions } from '../../../packages/adapters/src/mock/limiter.ts';

const KEY = { authorization: 'Bearer a' };

/** A question of so many tokens, as characters estimate them. */
function costing(tokens: number): Parameters<Limiter['admit']>[1] {
  return { messages: [{ role: 'user', text: 'x'.repeat(tokens * 4) }] };
}

function aLimiter(options: LimiterOptions): { limiter: Limiter; clock: VirtualClock } {
  const clock = new VirtualClock();
  return { limiter: new Limiter(options, clock), clock };
}

describe('a limiter', () => {
  it('lets so many requests in within any minute, and says how long the next has to wait', async () => {
    const { limiter, clock } = aLimiter({ requestsPerMinute: 2 });

    const first = limiter.admit(KEY, costing(1));
    await clock.advance(10_000);
    const second = limiter.admit(KEY, costing(1));
    await clock.advance(5_000);
    const third = limiter.admit(KEY, costing(1));

    expect([first, second, third].map(({ isAdmitted }) => isAdmitted)).toEqual([true, true, false]);
    expect(third).toMatchObject({ retryAfterMs: 45_000 });
    await clock.advance(44_999);
    expect(limiter.admit(KEY, costing(1)).isAdmitted).toBe(false);
    await clock.advance(1);
    expect(limiter.admit(KEY, costing(1)).isAdmitted).toBe(true);
  });

  it('counts the tokens of questions and answers', () => {
    const { limiter } = aLimiter({ tokensPerMinute: 100 });

    const first = limiter.admit(KEY, costing(30));
    if (first.isAdmitted) first.charge(60);

    expect(limiter.admit(KEY, costing(11)).isAdmitted).toBe(false);
    expect(limiter.admit(KEY, costing(10)).isAdmitted).toBe(true);
  });

  it('lets in what alone is too much once nothing else is in the window', () => {
    const { limiter } = aLimiter({ tokensPerMinute: 10 });

    expect(limiter.admit(KEY, costing(50)).isAdmitted).toBe(true);
    expect(limiter.admit(KEY, costing(1)).isAdmitted).toBe(false);
  });

  it('counts each key by itself, wherever its provider puts it', () => {
    const { limiter } = aLimiter({ requestsPerMinute: 1 });
    const keys = [KEY, { 'x-api-key': 'a' }, { 'x-goog-api-key': 'b' }, { 'api-key': 'c' }, {}];

    expect(keys.map((key) => limiter.admit(key, costing(1)).isAdmitted)).toEqual(
      keys.map(() => true),
    );
    expect(keys.map((key) => limiter.admit(key, costing(1)).isAdmitted)).toEqual(
      keys.map(() => false),
    );
  });

  it('tells what is left, and when all of it will be back', async () => {
    const { limiter, clock } = aLimiter({ requestsPerMinute: 3, tokensPerMinute: 100 });

    limiter.admit(KEY, costing(20));
    await clock.advance(20_000);
    const { limits } = limiter.admit(KEY, costing(30));

    expect(limits).toEqual({
      requests: { limit: 3, remaining: 1, resetMs: 60_000 },
      tokens: { limit: 100, remaining: 50, resetMs: 60_000 },
    });
  });

  it('never lets more in than its limit within any window, and always after the wait it named', async () => {
    const waits = fc.array(fc.integer({ min: 0, max: 30_000 }), { minLength: 1, maxLength: 60 });

    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 5 }), waits, async (limit, delays) => {
        const { limiter, clock } = aLimiter({ requestsPerMinute: limit });
        const admitted: number[] = [];

        for (const delayMs of delays) {
          await clock.advance(delayMs);
          const admission = limiter.admit(KEY, costing(1));
          if (admission.isAdmitted) {
            admitted.push(clock.now());
            continue;
          }
          await clock.advance(admission.retryAfterMs);
          expect(limiter.admit(KEY, costing(1)).isAdmitted).toBe(true);
          admitted.push(clock.now());
        }

        for (const at of admitted) {
          const within = admitted.filter((other) => other > at - 60_000 && other <= at);
          expect(within.length).toBeLessThanOrEqual(limit);
        }
      }),
      { numRuns: 50 },
    );
  });
});
