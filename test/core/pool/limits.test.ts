import { describe, expect, it } from 'vitest';
import { Pool, type PoolOptions } from '@sluice/core/pool';
import { aPool, observerCounts, take } from '../../support/pool.ts';
import type { Item } from '../../support/pool-ledger.ts';

describe.each(observerCounts)('limits and reuse, with %i observers', (observers) => {
  it('never has more than maxSize items, and creates no more than the demand asks for', async () => {
    const { pool, clock, ledger } = aPool({ observers, maxSize: 10, createMs: 5 });

    let finished = 0;
    const task = async (): Promise<void> => {
      for (let turn = 0; turn < 20; turn += 1) {
        const lease = ledger.hold(await pool.acquire());
        await new Promise<void>((resolve) => void clock.after(3, resolve));
        ledger.letGo(lease);
        lease.release();
      }
      finished += 1;
    };
    const tasks = Promise.all(Array.from({ length: 50 }, task));
    await clock.advance(2_000);
    await tasks;

    expect(finished).toBe(50);
    expect(ledger.mostAlive).toBe(10);
    expect(ledger.creates).toBe(10);
  });

  it('reuses an idle item, creates one when there is room, and waits when there is none', async () => {
    const { pool, ledger, clock } = aPool({ observers, maxSize: 2 });
    const [first] = await take(pool, 1);
    first?.release();

    const [again, second] = await take(pool, 2);
    const third = pool.acquire();
    await clock.settle();

    expect(again?.resource.id).toBe(1);
    expect(second?.resource.id).toBe(2);
    expect(ledger.creates).toBe(2);
    expect(pool.stats().waiting).toBe(1);
    again?.release();
    expect((await third).resource.id).toBe(1);
  });

  it('starts no more creates than callers wait, although creates are slow', async () => {
    const { pool, clock, ledger } = aPool({
      observers,
      maxSize: 10,
      createMs: 100,
      createParallelism: 10,
    });

    const granted = Promise.all(Array.from({ length: 5 }, () => pool.acquire()));
    await clock.advance(50);
    const creating = ledger.creates;
    await clock.advance(100);
    for (const lease of await granted) lease.release();
    await clock.advance(1_000);

    expect(creating).toBe(5);
    expect(ledger.creates).toBe(5);
  });

  it('creates no more than the callers who are left need when items come back meanwhile', async () => {
    const { pool, clock, ledger } = aPool({
      observers,
      maxSize: 10,
      createMs: 100,
      createParallelism: 1,
    });
    const held = Promise.all([pool.acquire(), pool.acquire()]);
    await clock.advance(200);
    const leases = await held;

    const waiting = Promise.all([pool.acquire(), pool.acquire(), pool.acquire()]);
    await clock.advance(50);
    for (const lease of leases) lease.release();
    await clock.advance(1_000);

    await waiting;
    expect(ledger.creates).toBe(3);
  });

  it('hands out the item used last, so that the surplus ages', async () => {
    const { pool } = aPool({ observers, maxSize: 3 });
    const leases = await take(pool, 3);
    for (const lease of leases) lease.release();

    const [next] = await take(pool, 1);

    expect(next?.resource.id).toBe(3);
  });

  it('hands out what came back last, also just after another was created', async () => {
    const { pool, clock } = aPool({ observers, minIdle: 1, createMs: 10 });
    const [lease] = await Promise.all([pool.acquire(), clock.advance(10)]);
    await clock.advance(10); // minIdle is filled up again

    lease.release();
    const [next] = await take(pool, 1);

    expect(next?.slot).toBe(lease.slot);
  });

  it('gives the number of a place again once the place is free', async () => {
    const { pool, clock } = aPool({ observers, maxSize: 3, destroyMs: 10 });
    const [first, second] = await take(pool, 2);

    first?.destroy();
    const [meanwhile] = await take(pool, 1);
    await clock.advance(10);
    const [after] = await take(pool, 1);

    expect([first, second, meanwhile, after].map((lease) => lease?.slot)).toEqual([1, 2, 3, 1]);
  });

  it('rotates through all items when asked to', async () => {
    const { pool } = aPool({ observers, maxSize: 3, order: 'fifo' });
    const leases = await take(pool, 3);
    for (const lease of leases) lease.release();

    const ids: number[] = [];
    for (let turn = 0; turn < 4; turn += 1) {
      using lease = await pool.acquire();
      ids.push(lease.resource.id);
    }

    expect(ids).toEqual([1, 2, 3, 1]);
  });

  it('serves waiters in the order in which they came, and a newcomer never overtakes', async () => {
    const { pool, clock } = aPool({ observers, maxSize: 1 });
    const [held] = await take(pool, 1);
    const served: string[] = [];
    const join = (name: string): Promise<void> =>
      pool.acquire().then((lease) => {
        served.push(name);
        lease.release();
      });

    const waits = [join('first'), join('second'), join('third')];
    held?.release();
    const newcomer = pool.tryAcquire();
    waits.push(join('newcomer'));
    await clock.settle();
    await Promise.all(waits);

    expect(newcomer).toBeUndefined();
    expect(served).toEqual(['first', 'second', 'third', 'newcomer']);
  });

  it('gives a waiter a new item at once when a broken one is destroyed', async () => {
    const { pool, ledger } = aPool({ observers, maxSize: 1 });
    const [broken] = await take(pool, 1);
    const waiting = pool.acquire();

    broken?.destroy(new Error('socket closed'));

    expect((await waiting).resource.id).toBe(2);
    expect(ledger.destroyed).toEqual([1]);
  });

  it('replaces an item after its last use, when it comes back and not before', async () => {
    const { pool, ledger } = aPool({ observers, maxSize: 1, maxUses: 2 });

    const ids: number[] = [];
    for (let use = 0; use < 5; use += 1) {
      using lease = await pool.acquire();
      expect(ledger.destroyed).not.toContain(lease.resource.id);
      ids.push(lease.resource.id);
    }

    expect(ids).toEqual([1, 1, 2, 2, 3]);
  });
});

describe('options', () => {
  const create = (): Item => ({ id: 1 });
  const mistakes: readonly [string, Partial<PoolOptions<Item>>][] = [
    ['minIdle', { minIdle: 3, maxSize: 2 }],
    ['minIdle', { minIdle: -1 }],
    ['maxSize', { maxSize: 1.5 }],
    ['maxSize', { maxSize: 0 }],
    ['maxSize', { maxSize: '5' as never }],
    ['maxWaiters', { maxWaiters: -1 }],
    ['acquireTimeoutMs', { acquireTimeoutMs: Number.NaN }],
    ['acquireTimeoutMs', { acquireTimeoutMs: Infinity }],
    ['createTimeoutMs', { createTimeoutMs: 0 }],
    ['idleTimeoutMs', { idleTimeoutMs: -1 }],
    ['idleTimeoutMs', { idleTimeoutMs: 2_000, maxLifetimeMs: 1_000 }],
    ['checkBypassMs', { checkBypassMs: -1 }],
    ['maxUses', { maxUses: 0 }],
    ['order', { order: 'random' as never }],
    ['createFailure', { createFailure: 'ignore' as never }],
    ['check', { check: true as never }],
    ['destroy', { destroy: 'quit' as never }],
    ['backoff.baseMs', { backoff: { baseMs: 0 } }],
    ['backoff.base', { backoff: { base: 5 } as never }],
    ['shed.targetMs', { shed: { targetMs: 0, intervalMs: 5 } }],
    ['shed.intervalMs', { shed: { targetMs: 5 } as never }],
    ['tenants.free.weight', { tenants: { free: { weight: 0 } } }],
    ['name', { name: '' }],
    ['maxsize', { maxsize: 5 } as never],
    ['reclaimLost', { reclaimLost: 1 as never }],
  ];

  it.each(mistakes)('refuses a mistake in %s and names the key: %o', (key, options) => {
    const make = (): unknown => new Pool<Item>({ create, ...options });

    expect(make).toThrow(TypeError);
    expect(make).toThrow(key);
  });

  it('refuses a pool that cannot create', () => {
    const make = (): unknown => new Pool<Item>({} as never);

    expect(make).toThrow(new TypeError('create must be a function, not undefined'));
  });

  it('shortens a default that contradicts what was written', () => {
    const longIdle = new Pool<Item>({ create, idleTimeoutMs: 3_600_000 });
    const shortLife = new Pool<Item>({ create, maxLifetimeMs: 60_000 });

    expect(longIdle.snapshot().options.idleTimeoutMs).toBe(1_800_000);
    expect(shortLife.snapshot().options.idleTimeoutMs).toBe(60_000);
  });

  it.each([
    { timeoutMs: -1 },
    { timeoutMs: Number.NaN },
    { timeoutMs: Infinity },
    { priority: 0.5 },
    { priority: Number.NaN },
  ])('refuses a mistake in one acquire at once: %o', (options) => {
    const { pool } = aPool();

    expect(() => pool.acquire(options)).toThrow(TypeError);
    expect(() => pool.tryAcquire(options)).toThrow(TypeError);
    expect(() => pool.use(() => 1, options)).toThrow(TypeError);
    expect(() => pool.checkout(options)).toThrow(TypeError);
  });

  it('bears durations that no single timer can keep', { timeout: 60_000 }, async () => {
    const year = 365 * 86_400_000;
    const { pool, clock } = aPool({ acquireTimeoutMs: year, maxLifetimeMs: year, maxSize: 1 });
    await take(pool, 1);

    const waiting = pool.acquire();
    await clock.advance(86_400_000);

    expect(pool.stats().waiting).toBe(1);
    pool.revoke(1);
    await expect(waiting).resolves.toBeDefined();
  });
});
