import { describe, expect, it } from 'vitest';
import type { Subscription } from 'rxjs';
import { Pool, type PoolStats } from '@sluice/core/pool';
import { aPool, observerCounts, take, watch } from '../../support/pool.ts';
import { assertCountsAddUp } from '../../support/pool-witness.ts';

describe.each(observerCounts)('observing, with %i observers', (observers) => {
  it('has counts that add up at any quiet moment', async () => {
    const { pool, clock, witness } = aPool({ observers, maxSize: 3, createMs: 5, destroyMs: 5 });
    const stats: PoolStats[] = [];
    const look = (): void => {
      stats.push(pool.stats());
      witness?.check();
    };

    const waits = [pool.acquire(), pool.acquire(), pool.acquire(), pool.acquire()];
    look();
    await clock.advance(5);
    look();
    (await waits[0])?.release();
    (await waits[1])?.destroy();
    look();
    (await waits[2])?.detach();
    await clock.advance(20);
    look();
    void pool.close();
    look();
    await clock.advance(20);
    look();

    for (const moment of stats) assertCountsAddUp(moment);
    expect(stats.map(({ size }) => size)).toEqual([3, 3, 3, 1, 1, 1]);
  });

  it('samples the counts, gives only changes, and completes at the end', async () => {
    const { pool, clock } = aPool({ observers, statsIntervalMs: 100 });
    const seen: number[] = [];
    let completed = 0;
    pool.stats$.subscribe({
      next: ({ inUse }) => seen.push(inUse),
      complete: () => (completed += 1),
    });

    const [lease] = await take(pool, 1);
    const [second] = await take(pool, 1);
    await clock.advance(1_000);
    lease?.release();
    await clock.advance(1_000);
    second?.release();
    await pool.close();

    expect(seen).toEqual([0, 2, 1, 0]);
    expect(completed).toBe(1);
    expect(clock.pending).toBe(0);
  });

  it('stops looking when nobody asks for the counts any more', async () => {
    const { pool, clock } = aPool({ observers });

    const subscription = pool.stats$.subscribe();
    const during = clock.pending;
    subscription.unsubscribe();

    expect(during).toBe(1);
    expect(clock.pending).toBe(0);
  });
});

describe('the event of a grant', () => {
  it('tells how long its caller waited', async () => {
    const { pool, clock, witness } = aPool({ maxSize: 1 });
    const [held] = await take(pool, 1);
    void pool.acquire({ label: 'patient' });

    await clock.advance(70);
    held?.release();
    await clock.settle();

    const grants = witness?.events.filter(({ type }) => type === 'lease.acquired');
    expect(grants).toMatchObject([{ waitMs: 0 }, { waitMs: 70, waiter: 2, label: 'patient' }]);
  });
});

describe('a snapshot', () => {
  it('lists a thousand of those who wait, and says how many more there are', async () => {
    const { pool } = aPool({ observers: 0, maxSize: 1, maxWaiters: 2_000 });
    await take(pool, 1);
    for (let i = 0; i < 1_005; i += 1) void pool.acquire().catch(() => {});

    const { waiters, waitersCut, stats } = pool.snapshot();

    expect([waiters.length, waitersCut, stats.waiting]).toEqual([1_000, 5, 1_005]);
    await pool.close();
  });
});

describe('observers that interfere', () => {
  it('bears a subscriber that throws, and reports it', async () => {
    const { pool } = aPool();
    const seen: string[] = [];
    pool.events$.subscribe(() => {
      throw new Error('observer failed');
    });
    pool.events$.subscribe(({ type }) => seen.push(type));

    (await pool.acquire()).release();

    expect(seen).toContain('observer.failed');
    expect(seen).toContain('lease.released');
    expect(pool.stats()).toMatchObject({ idle: 1, inUse: 0 });
  });

  it('bears a reader of the counts that throws', async () => {
    const { pool, clock } = aPool({ statsIntervalMs: 10 });
    const seen: number[] = [];
    pool.stats$.subscribe(() => {
      throw new Error('reader failed');
    });
    pool.stats$.subscribe(({ inUse }) => seen.push(inUse));

    await take(pool, 1);
    await clock.advance(10);

    expect(seen).toEqual([0, 1]);
  });

  it('lets a subscriber acquire, release, resize and close from inside any event', async () => {
    const { pool, clock, ledger, witness } = aPool({ maxSize: 2 });
    let depth = 0;
    const acquired: Promise<unknown>[] = [];
    pool.events$.subscribe(({ type }) => {
      if (type === 'lease.released' && depth < 20) {
        depth += 1;
        acquired.push(pool.acquire({ timeoutMs: 1_000 }).then((lease) => lease.release()));
        pool.resize(1 + (depth % 3));
      }
      if (type === 'client.destroyed' && depth === 20) void pool.close();
    });

    for (const lease of await take(pool, 2)) lease.release();
    await clock.advance(2_000);
    await Promise.allSettled(acquired);
    await pool.close();

    witness?.check();
    expect(depth).toBe(20);
    expect(ledger.alive).toBe(0);
    expect(clock.pending).toBe(0);
  });

  it('is true to itself inside a subscriber that takes what was just released', async () => {
    const { pool } = aPool({ maxSize: 1 });
    const [held] = await take(pool, 1);
    const next = watch(pool.acquire());
    const stolen: unknown[] = [];
    pool.events$.subscribe(({ type }) => {
      if (type === 'lease.released') stolen.push(pool.tryAcquire());
    });

    held?.release();
    await Promise.resolve();

    expect(stolen).toEqual([undefined]);
    expect(next.status).toBe('done');
  });

  it('lets nobody overtake a caller who is being announced', async () => {
    const { pool, clock } = aPool({ maxSize: 1 });
    const [held] = await take(pool, 1);
    const stolen: unknown[] = [];
    pool.events$.subscribe(({ type }) => {
      if (type !== 'lease.waiting') return;
      held?.release();
      stolen.push(pool.tryAcquire());
    });

    const next = watch(pool.acquire());
    await clock.settle();

    expect(stolen).toEqual([undefined]);
    expect(next.status).toBe('done');
  });

  it('survives a subscriber that unsubscribes in the middle', async () => {
    const { pool } = aPool();
    let heard = 0;
    const subscription: Subscription = pool.events$.subscribe(() => {
      heard += 1;
      subscription.unsubscribe();
    });

    (await pool.acquire()).release();

    expect(heard).toBe(1);
  });
});

describe('what observing costs', () => {
  it('builds no event while nobody observes', async () => {
    const { pool, clock } = aPool({ observers: 0 });
    const before = pool.bus.position;

    (await pool.acquire()).release();
    await clock.advance(1_000);

    expect(pool.bus.position).toEqual(before);
  });

  it('reads no clock on the way of an unobserved checkout', async () => {
    let readings = 0;
    const { pool, clock } = aPool({ observers: 0 });
    const counting = new Pool({
      create: () => ({ id: 1 }),
      clock: {
        now: () => {
          readings += 1;
          return clock.now();
        },
        timestamp: () => clock.timestamp(),
        after: (delayMs, fn, options) => clock.after(delayMs, fn, options),
      },
    });
    (await counting.acquire()).release();
    readings = 0;

    for (let i = 0; i < 1_000; i += 1) (await counting.acquire()).release();

    expect(readings).toBe(0);
    expect(pool.stats().size).toBe(0);
  });

  it('is not fooled by a wall clock that jumps a day', async () => {
    const { pool, clock } = aPool({ acquireTimeoutMs: 1_000, idleTimeoutMs: 10_000, observers: 0 });
    let shiftMs = 0;
    const jumping = new Pool({
      create: () => ({ id: 1 }),
      maxSize: 1,
      acquireTimeoutMs: 1_000,
      clock: {
        now: () => clock.now(),
        timestamp: () => clock.timestamp() + shiftMs,
        after: (delayMs, fn, options) => clock.after(delayMs, fn, options),
      },
    });
    const lease = await jumping.acquire();
    const waiting = watch(jumping.acquire());

    shiftMs = 86_400_000;
    await clock.advance(500);
    const forward = waiting.status;
    shiftMs = -86_400_000;
    await clock.advance(499);

    expect([forward, waiting.status]).toEqual(['pending', 'pending']);
    lease.release();
    await clock.settle();
    expect(waiting.status).toBe('done');
    expect(jumping.stats().size + pool.stats().size).toBe(1);
  });
});
