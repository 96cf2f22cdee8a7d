import { VirtualClock } from '@sluice/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RateLimiter } from '../../../packages/adapters/src/gateway/rate-limiter.ts';
import { runs } from '../../support/tier.ts';

describe('the rate of a client', () => {
  it('never passes its burst and what time gave since, and is never less', async () => {
    const step = fc.record({ client: fc.constantFrom('ann', 'bob'), waitMs: fc.nat(400) });
    const limits = fc.record({
      perSecond: fc.integer({ min: 1, max: 50 }),
      burst: fc.integer({ min: 1, max: 20 }),
    });

    await fc.assert(
      fc.asyncProperty(limits, fc.array(step, { maxLength: 60 }), async (given, steps) => {
        const clock = new VirtualClock();
        const limiter = new RateLimiter({ ...given, clock, maxClients: 10 });
        const model = new Map<string, { tokens: number; at: number }>();
        for (const { client, waitMs } of steps) {
          await clock.advance(waitMs);
          const { tokens, at } = model.get(client) ?? { tokens: given.burst, at: clock.now() };
          const gained = ((clock.now() - at) / 1_000) * given.perSecond;
          const full = Math.min(given.burst, tokens + gained);
          const isTaken = full >= 1;
          model.set(client, { tokens: isTaken ? full - 1 : full, at: clock.now() });

          const waited = limiter.take(client);

          expect(waited === 0).toBe(isTaken);
          if (!isTaken) expect(waited).toBe(Math.ceil(((1 - full) / given.perSecond) * 1_000));
        }
      }),
      { numRuns: runs(200, 5_000) },
    );
  });

  it('is let through after the time that it was told to wait', async () => {
    const clock = new VirtualClock();
    const limiter = new RateLimiter({ clock, perSecond: 3, burst: 1, maxClients: 10 });
    limiter.take('ann');

    const waitMs = limiter.take('ann');
    await clock.advance(waitMs - 1);
    expect(limiter.take('ann')).toBeGreaterThan(0);
    await clock.advance(1);

    expect(limiter.take('ann')).toBe(0);
  });

  it('is forgotten for the one unseen for longest when there are too many', () => {
    const limiter = new RateLimiter({
      clock: new VirtualClock(),
      perSecond: 1,
      burst: 1,
      maxClients: 2,
    });
    for (const client of ['ann', 'bob', 'ann', 'eve']) limiter.take(client);

    expect(limiter.take('ann')).toBeGreaterThan(0);
    expect(limiter.take('bob')).toBe(0);
  });
});
