import { describe, expect, it } from 'vitest';
import { seededRandom } from '@sluice/core';
import { PoolCreateError, PoolTimeoutError } from '@sluice/core/pool';
import { aPool, observerCounts, take, watch } from '../../support/pool.ts';

const refused = new Error('connection refused');

describe.each(observerCounts)('creating, with %i observers', (observers) => {
  it('gives a waiter an item within its timeout although the first create failed', async () => {
    const { pool, clock, ledger } = aPool({ observers, acquireTimeoutMs: 1_000 });
    ledger.fail({ kind: 'reject', error: refused });

    const waiting = watch(pool.acquire());
    await clock.advance(1_000);

    expect(waiting.status).toBe('done');
    expect(ledger.creates).toBe(2);
  });

  it('takes a create that throws like one that rejects', async () => {
    const { pool, clock, ledger } = aPool({ observers });
    ledger.fail({ kind: 'throw', error: refused });

    const waiting = watch(pool.acquire());
    await clock.advance(1_000);

    expect(waiting.status).toBe('done');
    expect(pool.stats()).toMatchObject({ size: 1, totalCreated: 1 });
  });

  it('rejects the caller who waited longest when the policy is to fail', async () => {
    const { pool, clock, ledger } = aPool({ observers, maxSize: 1, createFailure: 'fail' });
    ledger.fail({ kind: 'reject', error: refused });

    const oldest = watch(pool.acquire());
    const next = watch(pool.acquire());
    await clock.settle();

    expect(PoolCreateError.is(oldest.error)).toBe(true);
    expect(oldest.error).toMatchObject({ cause: refused, failures: 1, retryable: true });
    expect(next.status).toBe('done');
    expect(pool.stats().totalRefused).toBe(1);
  });

  it('doubles the delay between failing creates up to the cap', async () => {
    const startedAt: number[] = [];
    const { pool, clock } = aPool({
      observers,
      acquireTimeoutMs: 60_000,
      backoff: { baseMs: 100, capMs: 1_000, jitter: 'none' },
      create: () => {
        startedAt.push(clock.now());
        return Promise.reject(refused);
      },
    });

    const waiting = watch(pool.acquire());
    await clock.advance(5_000);

    expect(startedAt.slice(0, 7)).toEqual([0, 100, 300, 700, 1_500, 2_500, 3_500]);
    await pool.close();
    expect(waiting.status).toBe('failed');
  });

  it('draws each delay from nothing to its full length', async () => {
    const startedAt: number[] = [];
    const { pool, clock } = aPool({
      observers,
      random: seededRandom(7),
      acquireTimeoutMs: 60_000,
      backoff: { baseMs: 100, factor: 1, capMs: 100 },
      create: () => {
        startedAt.push(clock.now());
        return Promise.reject(refused);
      },
    });

    void watch(pool.acquire());
    await clock.advance(10_000);
    const delays = startedAt.slice(1).map((at, i) => at - (startedAt[i] ?? 0));

    expect(Math.max(...delays)).toBeLessThan(100);
    expect(Math.max(...delays)).toBeGreaterThan(80);
    expect(Math.min(...delays)).toBeLessThan(20);
    await pool.close();
  });

  it('tries one create at a time while they fail, and in parallel again once one worked', async () => {
    const { pool, clock, ledger } = aPool({
      observers,
      maxSize: 8,
      createMs: 10,
      createParallelism: 4,
      backoff: { jitter: 'none' },
    });
    const faults = Array.from({ length: 6 }, () => ({ kind: 'reject', error: refused }) as const);
    ledger.fail(...faults);

    const waits = Array.from({ length: 8 }, () => watch(pool.acquire()));
    await clock.advance(11);
    ledger.mostCreating = 0;
    await clock.advance(10_000);

    expect(waits.map(({ status }) => status)).toEqual(Array(8).fill('done'));
    expect(ledger.mostCreating).toBe(4); // after the success; while failing it was one: see the number of creates
    expect(ledger.creates).toBe(6 + 8);
  });

  it('settles every caller when more creates fail than there is room for', async () => {
    const maxSize = 5;
    const { pool, clock, ledger } = aPool({
      observers,
      maxSize,
      createMs: 5,
      createFailure: 'fail',
      createParallelism: maxSize,
    });
    ledger.fail(
      ...Array.from({ length: maxSize }, () => ({ kind: 'reject', error: refused }) as const),
    );

    const waits = Array.from({ length: 2 * maxSize + 2 }, () => watch(pool.acquire()));
    await clock.advance(1_000);
    const held = waits.filter(({ status }) => status === 'done');
    for (const { value } of held) value?.release();
    await clock.advance(1_000);

    expect(waits.every(({ status }) => status !== 'pending')).toBe(true);
    expect(waits.filter(({ status }) => status === 'failed')).toHaveLength(maxSize);
  });

  it('refuses an item that is in the pool already', async () => {
    const same = { id: 7 };
    const { pool, clock } = aPool({
      observers,
      create: () => same,
      destroy: () => {},
      createFailure: 'fail',
    });
    await take(pool, 1);

    const second = watch(pool.acquire());
    await clock.settle();

    expect(second.error).toMatchObject({
      code: 'POOL_CREATE_FAILED',
      cause: { name: 'TypeError' },
    });
    expect(pool.stats()).toMatchObject({ size: 1, inUse: 1 });
  });

  it('gives up a create that takes too long, and destroys what arrives late', async () => {
    const { pool, clock, ledger } = aPool({
      observers,
      createTimeoutMs: 100,
      createFailure: 'fail',
    });
    ledger.fail({ kind: 'hang' });

    const waiting = watch(pool.acquire());
    await clock.advance(100);
    ledger.hung[0]?.(ledger.make());
    await clock.settle();

    expect(waiting.error).toMatchObject({ cause: { step: 'create', timeoutMs: 100 } });
    expect(ledger.destroyed).toEqual([1]);
    expect(pool.stats()).toMatchObject({ size: 0, totalCreated: 0, totalDestroyed: 0 });
  });

  it('tells a create by its signal that nobody will take what it makes', async () => {
    const signals: AbortSignal[] = [];
    const { pool, clock } = aPool({
      observers,
      createTimeoutMs: 100,
      create: ({ signal }) => {
        signals.push(signal);
        return new Promise<never>(() => {});
      },
    });

    void watch(pool.acquire());
    await clock.advance(99);
    const before = signals[0]?.aborted;
    await clock.advance(1);

    expect(before).toBe(false);
    expect(signals[0]?.aborted).toBe(true);
    expect(PoolTimeoutError.is(signals[0]?.reason)).toBe(true);
    await pool.close();
  });

  it('keeps what was created for a caller who left, for the next one', async () => {
    const { pool, clock, ledger } = aPool({ observers, createMs: 50 });
    const stop = new AbortController();

    const left = watch(pool.acquire({ signal: stop.signal }));
    stop.abort();
    await clock.advance(50);

    expect(left.status).toBe('failed');
    expect(pool.stats()).toMatchObject({ idle: 1, inUse: 0 });
    expect(pool.tryAcquire()?.resource.id).toBe(1);
    expect(ledger.creates).toBe(1);
  });

  it('says nothing of a create that fails after its caller left', async () => {
    const { pool, clock, ledger } = aPool({ observers, createMs: 50 });
    ledger.fail({ kind: 'reject', error: refused });
    const stop = new AbortController();

    const left = watch(pool.acquire({ signal: stop.signal }));
    stop.abort('left');
    await clock.advance(5_000);

    expect(left.error).toBe('left');
    expect(pool.stats()).toMatchObject({ size: 0, creating: 0 });
    expect(ledger.creates).toBe(1);
  });

  it('takes what a synchronous create returns', async () => {
    let made = 0;
    const { pool } = aPool({
      observers,
      create: () => ({ id: (made += 1) }),
      destroy: () => {},
    });

    const leases = await take(pool, 2);

    expect(leases.map(({ resource }) => resource.id)).toEqual([1, 2]);
  });
});
