import { describe, expect, it } from 'vitest';
import { PoolClosedError, PoolDrainingError } from '@sluice/core/pool';
import { aPool, observerCounts, take, watch } from '../../support/pool.ts';

describe.each(observerCounts)('running changes and the end, with %i observers', (observers) => {
  it('shrinks: idle ones go at once, lent ones when they come back, and waiters keep waiting', async () => {
    const { pool, clock, ledger } = aPool({ observers, maxSize: 4 });
    const leases = await take(pool, 4);
    leases.pop()?.release();

    pool.resize(2);
    const afterResize = pool.stats();
    const waiting = watch(pool.acquire());
    leases.pop()?.release();
    await clock.settle();
    const afterRelease = pool.stats();
    leases.pop()?.release();
    await clock.settle();

    expect(afterResize).toMatchObject({ idle: 0, inUse: 3, maxSize: 2 });
    expect(ledger.destroyed).toEqual([4, 3]);
    expect(afterRelease).toMatchObject({ inUse: 2, size: 2, waiting: 1 });
    expect(waiting.status).toBe('done');
    expect(pool.stats()).toMatchObject({ inUse: 2, size: 2, waiting: 0 });
  });

  it('grows: waiters are served at once', async () => {
    const { pool, clock } = aPool({ observers, maxSize: 1 });
    await take(pool, 1);
    const waits = [watch(pool.acquire()), watch(pool.acquire())];
    await clock.settle();

    pool.resize(3);
    await clock.settle();

    expect(waits.map(({ status }) => status)).toEqual(['done', 'done']);
  });

  it('replaces everything: idle ones now, lent ones when they come back', async () => {
    const { pool, clock, ledger } = aPool({ observers, maxSize: 3, minIdle: 2 });
    const [held, other] = await take(pool, 2);
    other?.release();
    await clock.settle();
    const before = ledger.alive;

    pool.evict();
    await clock.settle();
    const afterEvict = [...ledger.destroyed];
    held?.release();
    await clock.settle();

    expect(before).toBe(3);
    expect(afterEvict.toSorted((a, b) => a - b)).toEqual([2, 3]);
    expect(ledger.destroyed).toContain(1);
    expect(pool.stats()).toMatchObject({ idle: 2, inUse: 0 });
    expect(ledger.created.length).toBeGreaterThanOrEqual(5);
  });

  it('spreads the replacement over an interval when asked to', async () => {
    const { pool, clock, ledger } = aPool({ observers, maxSize: 10 });
    for (const lease of await take(pool, 10)) lease.release();

    pool.evict({ spreadMs: 10_000 });
    const counts: number[] = [];
    for (let second = 0; second < 10; second += 1) {
      counts.push(ledger.destroyed.length);
      await clock.advance(1_000);
    }

    expect(counts.at(1)).toBeGreaterThanOrEqual(1);
    expect(counts.at(1)).toBeLessThanOrEqual(2);
    expect(counts.at(5)).toBeGreaterThanOrEqual(5);
    expect(counts.at(5)).toBeLessThanOrEqual(6);
    expect(ledger.destroyed).toHaveLength(10);
  });

  it('dooms what is being created when everything is replaced', async () => {
    const { pool, clock, ledger } = aPool({ observers, maxSize: 1, createMs: 100 });
    const waiting = watch(pool.acquire());
    await clock.advance(50);

    pool.evict();
    await clock.advance(200);

    expect(ledger.destroyed).toEqual([1]);
    expect(waiting.value?.resource.id).toBe(2);
  });

  it('dooms what is being checked when everything is replaced', async () => {
    const { pool, clock, ledger } = aPool({
      observers,
      checkIntervalMs: 1_000,
      check: () => new Promise((resolve) => void clock.after(500, () => resolve(true))),
    });
    const [lease] = await take(pool, 1);
    lease?.release();
    await clock.advance(1_200);

    const { checking } = pool.stats();
    pool.evict();
    await clock.advance(500);

    expect(checking).toBe(1);
    expect(ledger.destroyed).toEqual([1]);
  });

  it('queues and creates nothing while suspended, takes back what is lent, and then serves in order', async () => {
    const { pool, clock, ledger } = aPool({ observers, maxSize: 2 });
    const [held] = await take(pool, 1);
    const served: string[] = [];

    pool.suspend();
    held?.release();
    const waits = ['first', 'second', 'third'].map((name) =>
      pool.acquire().then((lease) => {
        served.push(name);
        return lease;
      }),
    );
    const direct = pool.tryAcquire();
    await clock.advance(1_000);
    const during = pool.snapshot();
    pool.resume();
    const [first] = await Promise.all(waits.slice(0, 2));
    first?.release();
    await Promise.all(waits);

    expect(direct).toBeUndefined();
    expect(during).toMatchObject({ status: 'suspended', stats: { waiting: 3, idle: 1, size: 1 } });
    expect(served).toEqual(['first', 'second', 'third']);
    expect(ledger.creates).toBe(2);
  });

  it('lets callers time out while suspended', async () => {
    const { pool, clock } = aPool({ observers });
    pool.suspend();

    const waiting = watch(pool.acquire({ timeoutMs: 50 }));
    await clock.advance(50);

    expect(waiting.status).toBe('failed');
  });

  it('drains: rejects newcomers and waiters, waits for what is lent, then destroys it', async () => {
    const { pool, clock, ledger } = aPool({ observers, maxSize: 2 });
    const [held, other] = await take(pool, 2);
    const waiting = watch(pool.acquire());
    other?.release();
    await clock.settle();
    waiting.value?.release();
    const more = [watch(pool.acquire()), watch(pool.acquire())];

    const drained = watch(pool.drain());
    const newcomer = watch(pool.acquire());
    await clock.settle();
    const during = [drained.status, pool.snapshot().status];
    more[0]?.value?.release();
    held?.release();
    await clock.settle();

    expect(PoolDrainingError.is(newcomer.error)).toBe(true);
    expect(PoolDrainingError.is(more[1]?.error)).toBe(true);
    expect(during).toEqual(['pending', 'draining']);
    expect(drained.value).toEqual({ destroyed: 2, abandoned: [] });
    expect(ledger.alive).toBe(0);
    expect(pool.isClosed).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it('drains and serves who waits, when asked to', async () => {
    const { pool, clock, ledger } = aPool({ observers, maxSize: 2, createMs: 10 });
    const waits = Array.from({ length: 6 }, () => pool.use(({ id }) => id));

    const drained = watch(pool.drain({ waiters: 'serve' }));
    const newcomer = watch(pool.acquire());
    await clock.advance(100);

    expect(await Promise.all(waits)).toHaveLength(6);
    expect(PoolDrainingError.is(newcomer.error)).toBe(true);
    expect(drained.value).toMatchObject({ abandoned: [] });
    expect(ledger.alive).toBe(0);
    expect(clock.pending).toBe(0);
  });

  it('serves, when it drains, also those who waited in a suspended pool', async () => {
    const { pool, clock } = aPool({ observers });
    pool.suspend();
    const waiting = watch(pool.use(({ id }) => id));

    const drained = watch(pool.drain({ waiters: 'serve' }));
    await clock.settle();

    expect(waiting.value).toBe(1);
    expect(drained.status).toBe('done');
  });

  it('creates for those whom it serves while it drains, and no more', async () => {
    const { pool, clock, ledger } = aPool({ observers, maxSize: 3, minIdle: 2, createMs: 10 });
    pool.suspend();
    const waiting = watch(pool.acquire());

    const drained = watch(pool.drain({ waiters: 'serve' }));
    await clock.advance(10);
    waiting.value?.release();
    await clock.settle();

    expect(ledger.creates).toBe(1);
    expect(drained.value).toEqual({ destroyed: 1, abandoned: [] });
  });

  it('abandons at the deadline what did not come back, tells it by its signal, and lists it', async () => {
    const { pool, clock, ledger } = aPool({ observers, leakThresholdMs: 60_000 });
    const [held] = await take(pool, 1, { label: 'stuck' });
    const signal = held?.signal;

    const drained = watch(pool.drain({ deadlineMs: 1_000 }));
    await clock.advance(999);
    const before = drained.status;
    await clock.advance(1);

    expect(before).toBe('pending');
    expect(drained.value).toMatchObject({
      destroyed: 0,
      abandoned: [{ id: 1, slot: 1, label: 'stuck' }],
    });
    expect(drained.value?.abandoned[0]?.stack).toContain('pool.ts');
    expect(signal?.reason).toMatchObject({ code: 'LEASE_REVOKED', reason: 'closed' });
    expect(pool.snapshot().status).toBe('closed');
    expect(held?.release()).toBe(true);
    await clock.settle();
    expect(ledger.destroyed).toEqual([1]);
    expect(pool.stats().size).toBe(0);
    expect(clock.pending).toBe(0);
  });

  it('closes: a hundred waiters hear it, ten at work finish or are abandoned, and it resolves once', async () => {
    const { pool, clock, ledger } = aPool({ observers, maxSize: 10, maxWaiters: 100 });
    const held = await take(pool, 10);
    const waits = Array.from({ length: 100 }, () => watch(pool.acquire()));
    for (const lease of held.splice(0, 5)) clock.after(500, () => lease.release());

    const closed = pool.close({ deadlineMs: 1_000 });
    const again = pool.close();
    await clock.settle();
    const now = watch(closed);
    await clock.settle();

    expect(again).toBe(closed);
    expect(waits.every(({ error }) => PoolClosedError.is(error))).toBe(true);
    expect(now.value?.abandoned).toHaveLength(10); // the second call brought the deadline forward
    await clock.advance(1_000);
    for (const lease of held) lease.release();
    await clock.settle();
    expect(ledger.alive).toBe(0);
    expect(clock.pending).toBe(0);
  });

  it('keeps the sooner of two deadlines', async () => {
    const { pool, clock } = aPool({ observers });
    await take(pool, 1);

    const drained = watch(pool.drain({ deadlineMs: 1_000 }));
    void pool.drain({ deadlineMs: 100 });
    void pool.close({ deadlineMs: 5_000 });
    await clock.advance(100);

    expect(drained.status).toBe('done');
  });

  it('destroys every idle item once, waits for it, and bears a destroy that throws or hangs', async () => {
    const destroyed: number[] = [];
    const { pool, clock, witness } = aPool({
      observers,
      maxSize: 3,
      destroy: ({ id }) => {
        destroyed.push(id);
        if (id === 1) throw new Error('destroy failed');
        if (id === 2) return new Promise(() => {});
        return new Promise((resolve) => void clock.after(100, resolve));
      },
    });
    for (const lease of await take(pool, 3)) lease.release();

    const closed = watch(pool.close());
    await clock.advance(4_999);
    const before = closed.status;
    await clock.advance(1);

    expect(before).toBe('pending');
    expect(closed.value).toEqual({ destroyed: 3, abandoned: [] });
    expect(destroyed.toSorted((a, b) => a - b)).toEqual([1, 2, 3]);
    expect(clock.pending).toBe(0);
    const failures = witness?.events.filter(
      (event) => 'error' in event && event.error !== undefined,
    );
    expect(failures ?? [1, 2]).toHaveLength(2);
  });

  it('gives up creates and checks under way, and destroys what they make', async () => {
    const { pool, clock, ledger } = aPool({ observers });
    ledger.fail({ kind: 'hang' });
    const waiting = watch(pool.acquire());
    await clock.settle();

    const closed = watch(pool.close());
    await clock.settle();
    ledger.hung[0]?.(ledger.make());
    await clock.settle();

    expect(PoolClosedError.is(waiting.error)).toBe(true);
    expect(closed.value).toEqual({ destroyed: 0, abandoned: [] });
    expect(ledger.destroyed).toEqual([1]);
    expect(clock.pending).toBe(0);
  });

  it('destroys what is released, and lets a release of what was destroyed do nothing, after the close', async () => {
    const { pool, clock, ledger } = aPool({ observers });
    const [first, second] = await take(pool, 2);
    await pool.close();

    first?.release();
    const detached = second?.detach();
    await clock.settle();

    expect(ledger.destroyed).toEqual([1]);
    expect(detached).toEqual({ id: 2 });
    expect(pool.stats()).toMatchObject({ size: 0, inUse: 0, totalDetached: 1 });
    await expect(pool.acquire()).rejects.toThrow('Pool "p" is closed');
    expect(pool.tryAcquire()).toBeUndefined();
  });

  it('closes at the end of a scope', async () => {
    const bench = aPool({ observers });
    {
      await using pool = bench.pool;
      (await pool.acquire()).release();
    }

    expect(bench.ledger.alive).toBe(0);
    expect(bench.pool.isClosed).toBe(true);
  });

  it('takes a change of size, a suspension or an eviction after the end without harm', async () => {
    const { pool, clock } = aPool({ observers });
    await pool.close();

    pool.suspend();
    pool.resume();
    pool.resize(5);
    pool.evict({ spreadMs: 10 });
    await clock.advance(1_000);

    expect(pool.snapshot().status).toBe('closed');
    expect(clock.pending).toBe(0);
  });
});
