import { describe, expect, it } from 'vitest';
import { PoolCreateError, PoolClosedError } from '@sluice/core/pool';
import { aPool, observerCounts, take, watch } from '../../support/pool.ts';
import type { Item } from '../../support/pool-ledger.ts';

/** Ages of idle items are known to a tick, a tenth of the timeout and at most a second. */
const TICK_MS = 1_000;

describe.each(observerCounts)('checking and ageing, with %i observers', (observers) => {
  it('destroys a bad idle item on borrow and tries the next, within the same timeout', async () => {
    const bad = new Set([2]);
    const { pool, clock, ledger } = aPool({
      observers,
      checkBypassMs: 500,
      check: ({ id }) => !bad.has(id),
    });
    const leases = await take(pool, 2);
    for (const lease of leases) lease.release();
    await clock.advance(600);

    const [lease] = await take(pool, 1, { timeoutMs: 10 });

    expect(lease?.resource.id).toBe(1);
    expect(ledger.destroyed).toEqual([2]);
  });

  it('does not check what was used just before', async () => {
    const checked: number[] = [];
    const { pool, clock } = aPool({
      observers,
      maxSize: 1,
      checkBypassMs: 500,
      check: ({ id }) => void checked.push(id),
    });
    const [lease] = await take(pool, 1);
    lease?.release();
    await clock.advance(499);

    const soon = pool.tryAcquire();
    const checkedSoon = checked.length;
    soon?.release();
    await clock.advance(500);
    const late = await pool.acquire();

    expect(soon).toBeDefined();
    expect(checkedSoon).toBe(0);
    expect(late.resource.id).toBe(1);
    expect(checked).toEqual([1]);
  });

  it('does not check what came back just before from a long use', async () => {
    let checks = 0;
    const { pool, clock } = aPool({ observers, check: () => void (checks += 1) });
    const [lease] = await take(pool, 1);

    await clock.advance(900);
    lease?.release();
    await clock.advance(10);
    await take(pool, 1);

    expect(checks).toBe(0);
  });

  it('checks before every use with a bypass of 0, but not twice in a row', async () => {
    const checked: number[] = [];
    const { pool } = aPool({
      observers,
      maxSize: 1,
      checkBypassMs: 0,
      check: async ({ id }) => void checked.push(id),
    });

    for (let use = 0; use < 3; use += 1) (await pool.acquire()).release();

    expect(checked).toEqual([1, 1]); // a new item is not checked
  });

  it.each<[string, () => boolean | Promise<boolean>]>([
    ['says no', () => false],
    ['resolves to no', () => Promise.resolve(false)],
    [
      'throws',
      () => {
        throw new Error('gone');
      },
    ],
    ['rejects', () => Promise.reject(new Error('gone'))],
    ['never answers', () => new Promise(() => {})],
  ])('takes an item for broken whose check %s', async (_, answer) => {
    const { pool, clock, ledger } = aPool({
      observers,
      maxSize: 1,
      checkBypassMs: 0,
      checkTimeoutMs: 50,
      check: ({ id }) => (id === 1 ? answer() : true),
    });
    const [first] = await take(pool, 1);
    first?.release();

    const waiting = watch(pool.acquire());
    await clock.advance(50);

    expect(waiting.value?.resource.id).toBe(2);
    expect(ledger.destroyed).toEqual([1]);
  });

  it('starts the check of an idle item when tryAcquire finds it due, so that a later call gets it', async () => {
    const { pool, clock } = aPool({ observers, maxSize: 1, check: async () => true });
    const [first] = await take(pool, 1);
    first?.release();
    await clock.advance(600);

    const before = pool.tryAcquire();
    await clock.settle();
    const after = pool.tryAcquire();

    expect(before).toBeUndefined();
    expect(after?.resource.id).toBe(1);
  });

  it('removes what is idle for too long, but only the surplus, and nothing that is lent', async () => {
    const { pool, clock, ledger } = aPool({
      observers,
      maxSize: 5,
      minIdle: 1,
      idleTimeoutMs: 10_000,
    });
    const leases = await take(pool, 4);
    for (const lease of leases.slice(1)) lease.release();

    await clock.advance(9_999);
    const before = ledger.destroyed.length;
    await clock.advance(1 + 2 * TICK_MS);

    expect(before).toBe(0);
    expect(pool.stats()).toMatchObject({ idle: 1, inUse: 1, size: 2 });
    expect(leases[0]?.resource.id).toBe(1);
    await clock.advance(100_000);
    expect(pool.stats()).toMatchObject({ idle: 1, inUse: 1, size: 2 });
  });

  it('keeps the one used last of those that were idle for too long together', async () => {
    const { pool, clock, ledger } = aPool({ observers, maxSize: 3, minIdle: 1 });
    const leases = await take(pool, 3);

    for (const lease of leases) {
      lease.release();
      await clock.advance(10);
    }
    await clock.jump(400_000); // one sweep for all
    await clock.advance(10);

    expect(ledger.destroyed).toEqual([1, 2]);
  });

  it('puts an item back at its place after a keepalive check', async () => {
    const { pool, clock } = aPool({ observers, check: () => true, checkBypassMs: 3_600_000 });
    const [older, newer] = await take(pool, 2);

    older?.release();
    await clock.advance(50_000);
    newer?.release();
    await clock.advance(20_000); // the older one was checked meanwhile
    const [next] = await take(pool, 1);

    expect(next?.slot).toBe(newer?.slot);
  });

  it('replaces an idle item at the end of its life, and one that is lent when it comes back', async () => {
    const { pool, clock, ledger } = aPool({
      observers,
      minIdle: 1,
      maxLifetimeMs: 60_000,
      idleTimeoutMs: 60_000,
    });
    const [held, other] = await take(pool, 2);
    other?.release();

    await clock.advance(60_000);
    const idleReplaced = [...ledger.destroyed];
    const lentId = held?.resource.id;
    held?.release();
    await clock.settle();

    expect(idleReplaced).toEqual([2]);
    expect(lentId).toBe(1);
    expect(ledger.destroyed).toEqual([2, 1]);
    expect(pool.stats().idle).toBe(1);
  });

  it('does not let use prolong a life', async () => {
    const { pool, clock, ledger } = aPool({ observers, maxSize: 1, maxLifetimeMs: 10_000 });

    for (let ms = 0; ms < 11_000; ms += 100) {
      (await pool.acquire()).release();
      await clock.advance(100);
    }

    expect(ledger.destroyed).toEqual([1]);
  });

  it('spreads the ends of lives that began together', async () => {
    const endedAt: number[] = [];
    const { pool, clock } = aPool({
      observers,
      maxSize: 20,
      maxLifetimeMs: 100_000,
      destroy: () => void endedAt.push(clock.now()),
    });
    for (const lease of await take(pool, 20)) lease.release();

    await clock.advance(100_000);

    expect(endedAt).toHaveLength(20);
    expect(Math.min(...endedAt)).toBeGreaterThanOrEqual(97_500);
    expect(Math.max(...endedAt) - Math.min(...endedAt)).toBeGreaterThan(1_000);
  });

  it('checks each idle item at its interval, and destroys and replaces what fails', async () => {
    const checked: number[] = [];
    const { pool, clock, ledger } = aPool({
      observers,
      minIdle: 2,
      checkIntervalMs: 10_000,
      check: ({ id }) => {
        checked.push(id);
        return id !== 1;
      },
    });
    await pool.ready();

    await clock.advance(11_000);

    expect(checked.toSorted((a, b) => a - b)).toEqual([1, 2]);
    expect(ledger.destroyed).toEqual([1]);
    expect(pool.stats()).toMatchObject({ idle: 2, size: 2 });
    await clock.advance(60_000);
    expect(checked.length).toBeGreaterThanOrEqual(12);
    expect(ledger.destroyed).toEqual([1]);
  });

  it('serves a waiter who came while the only item was being checked', async () => {
    const { pool, clock } = aPool({
      observers,
      maxSize: 1,
      minIdle: 1,
      checkIntervalMs: 10_000,
      check: () => new Promise<void>((resolve) => void clock.after(100, resolve)),
    });
    await pool.ready();
    while (pool.stats().checking === 0) await clock.advance(10);

    const waiting = watch(pool.acquire());
    await clock.settle();
    const meanwhile = waiting.status;
    await clock.advance(100);

    expect(meanwhile).toBe('pending');
    expect(waiting.value?.resource.id).toBe(1);
  });

  it('does not take a keepalive check for a use', async () => {
    const { pool, clock, ledger } = aPool({
      observers,
      checkIntervalMs: 2_000,
      idleTimeoutMs: 10_000,
      check: async () => true,
    });
    const [lease] = await take(pool, 1);
    lease?.release();

    await clock.advance(10_000 + 2 * TICK_MS);

    expect(ledger.destroyed).toEqual([1]);
  });

  it('keeps minIdle ready from ready() on and after every loss, with bounded parallelism', async () => {
    const { pool, clock, ledger } = aPool({
      observers,
      maxSize: 6,
      minIdle: 4,
      createMs: 10,
      createParallelism: 2,
    });
    const nothing = ledger.creates;

    const ready = watch(pool.ready());
    await clock.advance(10);
    const half = pool.stats().idle;
    await clock.advance(10);
    const leases = await take(pool, 3);
    await clock.advance(100);
    const refilled = pool.stats();
    leases[0]?.destroy();
    await clock.advance(100);

    expect(nothing).toBe(0);
    expect(half).toBe(2);
    expect(ready.status).toBe('done');
    expect(ledger.mostCreating).toBe(2);
    expect(refilled).toMatchObject({ idle: 3, inUse: 3, size: 6 });
    expect(pool.stats()).toMatchObject({ idle: 4, inUse: 2, size: 6 });
    expect(ledger.mostAlive).toBe(6);
  });

  it('is ready with fewer than minIdle where those in use leave no room', async () => {
    const { pool, clock } = aPool({ observers, maxSize: 3, minIdle: 2, createMs: 10 });
    const [first] = await Promise.all([pool.acquire(), clock.advance(10)]);
    await clock.advance(20);
    await take(pool, 1);

    const ready = watch(pool.ready());
    await clock.advance(20);

    expect(ready.status).toBe('done');
    expect(pool.stats()).toMatchObject({ inUse: 2, idle: 1, size: 3 });
    expect(first.isEnded).toBe(false);
  });

  it('settles ready() with the first failure when the policy is to fail', async () => {
    const { pool, clock, ledger } = aPool({ observers, minIdle: 1, createFailure: 'fail' });
    ledger.fail({ kind: 'reject', error: new Error('refused') });

    const ready = watch(pool.ready());
    await clock.settle();

    expect(PoolCreateError.is(ready.error)).toBe(true);
    await clock.advance(200); // and it goes on trying
    expect(pool.stats().idle).toBe(1);
  });

  it('lets ready() wait through failures when the policy is to retry, and end with the pool', async () => {
    const { pool, clock, ledger } = aPool({ observers, minIdle: 1 });
    ledger.fail({ kind: 'reject', error: new Error('refused') });

    const ready = watch(pool.ready());
    await clock.advance(200);
    const late = watch(aPool({ observers, minIdle: 1, createMs: 10 }).pool.ready());
    const closed = aPool({ observers, minIdle: 1, createMs: 10 });
    const never = watch(closed.pool.ready());
    await closed.pool.close();
    await clock.settle();

    expect(ready.status).toBe('done');
    expect(late.status).toBe('pending');
    expect(PoolClosedError.is(never.error)).toBe(true);
  });

  it('does not keep a process alive when nobody waits', async () => {
    const { pool, clock } = aPool({
      observers,
      minIdle: 1,
      maxSize: 1,
      leakThresholdMs: 60_000,
      check: async () => true,
    });
    const [lease] = await take(pool, 1);
    await clock.advance(5_000);
    const whileLent = clock.holding;
    const waiting = watch(pool.acquire());
    await clock.settle();
    const whileWaiting = clock.holding;

    lease?.release();
    await clock.settle();
    waiting.value?.release();
    await clock.advance(250);

    expect(whileLent).toBe(0);
    expect(whileWaiting).toBe(1);
    expect(clock.holding).toBe(0);
    expect(clock.pending).toBeGreaterThan(0);
  });

  it('uses no timer at all while nothing moves and nothing is due', async () => {
    const { pool, clock } = aPool({ observers, create: () => ({ id: 1 }), destroy: () => {} });

    const before = clock.pending;
    const lease = await pool.acquire();
    lease.release();
    await clock.advance(400_000); // it aged out

    expect(before).toBe(0);
    expect(pool.stats().size).toBe(0);
    expect(clock.pending).toBe(0);
  });
});

describe('changing options while the pool runs', () => {
  it('applies a shorter lifetime to what exists', async () => {
    const { pool, clock, ledger } = aPool();
    const [lease] = await take(pool, 1);
    lease?.release();

    pool.updateOptions({ maxLifetimeMs: 5_000, idleTimeoutMs: 5_000 });
    await clock.advance(5_000 + TICK_MS);

    expect(ledger.destroyed).toEqual([1]);
  });

  it('starts to check once it is told how', async () => {
    const checked: Item[] = [];
    const { pool, clock } = aPool({ minIdle: 1 });
    await pool.ready();

    pool.updateOptions({ check: (item) => void checked.push(item), checkIntervalMs: 1_000 });
    await clock.advance(3_000);

    expect(checked.length).toBeGreaterThanOrEqual(2);
  });

  it('tells observers of all options that may be shown', () => {
    const { pool, witness } = aPool();

    pool.updateOptions({ acquireTimeoutMs: 5, maxWaiters: 3 });

    witness?.check();
    expect(pool.snapshot().options).toMatchObject({ acquireTimeoutMs: 5, maxWaiters: 3 });
  });

  it('refuses what cannot change', () => {
    const { pool } = aPool();

    expect(() => pool.updateOptions({ name: 'other' } as never)).toThrow('Unknown option "name"');
    expect(() => pool.updateOptions({ maxSize: 0 })).toThrow('maxSize');
    expect(() => pool.resize(0)).toThrow('maxSize');
    expect(pool.snapshot().options.maxSize).toBe(2);
  });
});
