import { describe, expect, it, vi } from 'vitest';
import { PoolAcquireTimeoutError, PoolQueueFullError, PoolShedError } from '@sluice/core/pool';
import { aPool, observerCounts, take, watch } from '../../support/pool.ts';

const endings = ['grant', 'abort', 'timeout', 'close'] as const;
const pairs = endings.flatMap((first) => endings.map((second) => [first, second] as const));

describe.each(observerCounts)('waiting, with %i observers', (observers) => {
  it('rejects at the timeout with the counts of that moment and the last create error', async () => {
    const { pool, clock, ledger } = aPool({ observers, acquireTimeoutMs: 500 });
    const refused = new Error('connection refused');
    ledger.fail(...Array.from({ length: 50 }, () => ({ kind: 'reject', error: refused }) as const));

    const waiting = watch(pool.acquire());
    await clock.advance(499);
    const before = waiting.status;
    await clock.advance(1);

    expect(before).toBe('pending');
    expect(PoolAcquireTimeoutError.is(waiting.error)).toBe(true);
    expect(waiting.error).toMatchObject({
      code: 'POOL_ACQUIRE_TIMEOUT',
      retryable: true,
      pool: 'p',
      waitedMs: 500,
      timeoutMs: 500,
      cause: refused,
      stats: { waiting: 0, inUse: 0, idle: 0, maxSize: 2 },
    });
    expect(pool.stats().totalTimedOut).toBe(1);
  });

  it('names no create error as the cause of a time-out once a create has worked', async () => {
    const { pool, clock, ledger } = aPool({ observers, maxSize: 1 });
    ledger.fail({ kind: 'reject', error: new Error('refused') });
    const [first] = await Promise.all([pool.acquire(), clock.advance(1_000)]);

    const waiting = watch(pool.acquire({ timeoutMs: 10 }));
    await clock.advance(10);

    expect(waiting.error).toBeInstanceOf(PoolAcquireTimeoutError);
    expect(waiting.error).not.toHaveProperty('cause');
    expect(first.isEnded).toBe(false);
  });

  it('rejects in the order of the deadlines who missed theirs during a block', async () => {
    const { pool, clock } = aPool({ observers, maxSize: 1 });
    await take(pool, 1);
    const told: number[] = [];
    const wait = (timeoutMs: number): void => {
      void pool.acquire({ timeoutMs }).catch(() => told.push(timeoutMs));
    };

    for (const timeoutMs of [40, 20, 30, 10]) wait(timeoutMs);
    await clock.jump(1_000);
    await clock.advance(100);

    expect(told).toEqual([10, 20, 30, 40]);
  });

  it('counts queueing, creating and checking against one timeout', async () => {
    const checks: number[] = [];
    const { pool, clock } = aPool({
      observers,
      maxSize: 1,
      createMs: 40,
      acquireTimeoutMs: 100,
      checkBypassMs: 0,
      check: async () => {
        checks.push(clock.now());
        await new Promise<void>((resolve) => void clock.after(40, resolve));
      },
    });
    const first = pool.acquire();
    await clock.advance(40);
    const held = await first;

    const waiting = watch(pool.acquire());
    await clock.advance(70);
    held.release(); // at 70 the check begins and would end at 110
    await clock.advance(29);
    const before = waiting.status;
    await clock.advance(1);

    expect(checks).toEqual([110]);
    expect(before).toBe('pending');
    expect(waiting.error).toMatchObject({ waitedMs: 100 });
  });

  it('keeps a shorter and a longer timeout of single callers, and the order of the others', async () => {
    const { pool, clock } = aPool({ observers, maxSize: 1, acquireTimeoutMs: 100 });
    const [held] = await take(pool, 1);

    const usual = watch(pool.acquire());
    const patient = watch(pool.acquire({ timeoutMs: 1_000 }));
    const hasty = watch(pool.acquire({ timeoutMs: 10 }));
    const last = watch(pool.acquire({ timeoutMs: 1_000 }));
    await clock.advance(10);
    const early = [usual, patient, hasty, last].map(({ status }) => status);
    await clock.advance(90);
    held?.release();
    await clock.settle();

    expect(early).toEqual(['pending', 'pending', 'failed', 'pending']);
    expect(usual.status).toBe('failed');
    expect(patient.status).toBe('done');
    expect(last.status).toBe('pending');
  });

  it('says of a time-out where it was acquired, if leaks are looked for, and nothing of the timer', async () => {
    const { pool, clock } = aPool({ observers, maxSize: 1 });
    await take(pool, 1);
    const acquireHere = (): Promise<unknown> => pool.acquire({ timeoutMs: 10 });

    const plain = watch(acquireHere());
    await clock.advance(10);
    pool.updateOptions({ leakThresholdMs: 60_000 });
    const traced = watch(acquireHere());
    await clock.advance(10);

    const [unknown, known] = [plain, traced].map(({ error }) => (error as Error).stack);
    expect(unknown).not.toContain('\n');
    expect(known).toMatch(/^PoolAcquireTimeoutError: Nothing came free .*\n +at /);
    expect(known).toContain('acquireHere');
    expect(new Error('another').stack).toContain('waiting.test.ts'); // others are recorded as ever
  });

  it('forgets a caller whose time was up: the next release goes to the next', async () => {
    const { pool, clock } = aPool({ observers, maxSize: 1 });
    const [held] = await take(pool, 1);
    const gone = watch(pool.acquire({ timeoutMs: 10 }));
    const next = watch(pool.acquire());

    await clock.advance(10);
    const waiting = pool.stats().waiting;
    held?.release();
    await clock.settle();

    expect(waiting).toBe(1);
    expect(gone.status).toBe('failed');
    expect(next.status).toBe('done');
  });

  it('rejects with the reason of the signal, promptly and untouched', async () => {
    const { pool, clock } = aPool({ observers, maxSize: 1 });
    await take(pool, 1);
    const stop = new AbortController();
    const reason = { why: 'the user left' };

    const waiting = watch(pool.acquire({ signal: stop.signal }));
    await clock.settle();
    stop.abort(reason);
    await clock.settle();

    expect(waiting.error).toBe(reason);
    expect(pool.stats()).toMatchObject({ waiting: 0, totalAborted: 1, inUse: 1 });
  });

  it('leaves no listener on a signal that outlives the wait, however that ended', async () => {
    const { pool, clock } = aPool({ observers, maxSize: 1 });
    const { signal } = new AbortController();
    const added = vi.spyOn(signal, 'addEventListener');
    const removed = vi.spyOn(signal, 'removeEventListener');
    const [held] = await take(pool, 1);

    const granted = watch(pool.acquire({ signal }));
    const late = watch(pool.acquire({ signal, timeoutMs: 10 }));
    await clock.advance(10);
    held?.release();
    await clock.settle();

    expect([granted.status, late.status]).toEqual(['done', 'failed']);
    expect(added).toHaveBeenCalledTimes(2);
    const listeners = (calls: readonly (readonly unknown[])[]): Set<unknown> =>
      new Set(calls.map(([, listener]) => listener));
    expect(listeners(removed.mock.calls)).toEqual(listeners(added.mock.calls));
  });

  it('does not touch the pool for a signal that was aborted before', async () => {
    const { pool, ledger, witness } = aPool({ observers });
    const before = pool.stats();
    const reason = new Error('too late');

    const acquired = pool.acquire({ signal: AbortSignal.abort(reason) });

    await expect(acquired).rejects.toBe(reason);
    expect(pool.stats()).toEqual(before);
    expect(ledger.creates).toBe(0);
    expect(witness?.types ?? []).toEqual([]);
  });

  it('gives the lease back when the signal is aborted between the grant and its delivery', async () => {
    const { pool, clock, ledger } = aPool({ observers, maxSize: 1 });
    const [held] = await take(pool, 1);
    const stop = new AbortController();
    const left = watch(pool.acquire({ signal: stop.signal }));
    const next = watch(pool.acquire());

    held?.release(); // granted now, delivered in a later turn
    stop.abort('left');
    await clock.settle();

    expect(left).toMatchObject({ status: 'failed', error: 'left' });
    expect(next.status).toBe('done');
    expect(pool.stats()).toMatchObject({ inUse: 1, waiting: 0 });
    expect(ledger.creates).toBe(1);
  });

  it.each(pairs)('ends a wait once when %s and %s come in one turn', async (first, second) => {
    const { pool, clock, ledger } = aPool({ observers, maxSize: 1 });
    const [held] = await take(pool, 1);
    const stop = new AbortController();
    const end = {
      grant: () => held?.release(),
      abort: () => stop.abort('left'),
      close: () => void pool.close({ deadlineMs: 1_000 }),
      timeout: () => undefined, // comes with the clock
    };
    clock.after(10, end[first]);
    const waiting = watch(pool.acquire({ signal: stop.signal, timeoutMs: 10 }));
    clock.after(10, end[second]);

    await clock.advance(10);

    const { totalAcquired, totalAborted, totalRefused, totalTimedOut } = pool.stats();
    expect(waiting.status).not.toBe('pending');
    expect(totalAcquired - 1 + totalAborted + totalRefused + totalTimedOut).toBe(1);
    waiting.value?.release();
    held?.release();
    await pool.close();
    expect(ledger.alive + pool.stats().size).toBe(0);
  });

  it('refuses one caller more than may wait', async () => {
    const { pool, clock } = aPool({ observers, maxSize: 1, maxWaiters: 2 });
    await take(pool, 1);
    const waits = [watch(pool.acquire()), watch(pool.acquire())];

    const refused = watch(pool.acquire());
    await clock.settle();

    expect(PoolQueueFullError.is(refused.error)).toBe(true);
    expect(refused.error).toMatchObject({ maxWaiters: 2, stats: { waiting: 2, inUse: 1 } });
    expect(waits.map(({ status }) => status)).toEqual(['pending', 'pending']);
    expect(pool.stats().totalRefused).toBe(1);
  });

  it('lets nobody wait with maxWaiters 0, but creates where there is room', async () => {
    const { pool, clock } = aPool({ observers, maxSize: 2, maxWaiters: 0, createMs: 10 });

    const served = [watch(pool.acquire()), watch(pool.acquire())];
    const refused = watch(pool.acquire());
    await clock.advance(10);

    expect(served.map(({ status }) => status)).toEqual(['done', 'done']);
    expect(PoolQueueFullError.is(refused.error)).toBe(true);
  });

  it('answers tryAcquire at once, with an item or with nothing', async () => {
    const { pool } = aPool({ observers, maxSize: 1 });

    const none = pool.tryAcquire();
    const [held] = await take(pool, 1);
    held?.release();
    const lease = pool.tryAcquire({ label: 'job' });

    expect(none).toBeUndefined();
    expect(lease?.resource.id).toBe(1);
    expect(pool.leases()).toMatchObject([{ label: 'job', slot: 1 }]);
    expect(pool.tryAcquire()).toBeUndefined();
  });

  it('refuses a caller who will not wait at all, unless something is idle', async () => {
    const { pool, clock } = aPool({ observers, maxSize: 1 });

    const empty = watch(pool.acquire({ timeoutMs: 0 }));
    await clock.settle();
    const [held] = await take(pool, 1);
    held?.release();
    const idle = watch(pool.acquire({ timeoutMs: 0 }));
    await clock.settle();

    expect(PoolAcquireTimeoutError.is(empty.error)).toBe(true);
    expect(idle.status).toBe('done');
  });

  it('recovers from saturation: once less arrives than it can serve, nobody times out any more', async () => {
    const { pool, clock } = aPool({ observers, maxSize: 2, acquireTimeoutMs: 200 });
    const waits: number[] = [];
    let timedOut = 0;
    const arrive = (): void => {
      const since = clock.now();
      pool.acquire().then(
        (lease) => {
          waits.push(clock.now() - since);
          clock.after(20, () => lease.release());
        },
        () => (timedOut += 1),
      );
    };

    for (let ms = 0; ms < 1_000; ms += 5) {
      arrive(); // twice as many as two items serve
      await clock.advance(5);
    }
    await clock.advance(300);
    const duringLoad = timedOut;
    waits.length = 0;
    for (let ms = 0; ms < 1_000; ms += 20) {
      arrive();
      await clock.advance(20);
    }

    expect(duringLoad).toBeGreaterThan(20);
    expect(timedOut).toBe(duringLoad);
    expect(Math.max(...waits)).toBe(0);
  });

  it('sheds who waited longest under standing overload, and nobody in a short burst', async () => {
    const { pool, clock } = aPool({
      observers,
      maxSize: 1,
      shed: { targetMs: 50, intervalMs: 200 },
      acquireTimeoutMs: 10_000,
    });
    const shed: number[] = [];
    let served = 0;
    const arrive = (): void => {
      const since = clock.now();
      pool.acquire().then(
        (lease) => {
          served += 1;
          clock.after(20, () => lease.release());
        },
        (error: unknown) => {
          if (PoolShedError.is(error)) shed.push(clock.now() - since);
        },
      );
    };

    for (let i = 0; i < 7; i += 1) arrive(); // a burst: the last one waits 120 ms
    await clock.advance(1_000);
    const shedInBurst = shed.length;
    for (let ms = 0; ms < 3_000; ms += 10) {
      arrive(); // twice as many as one item serves
      await clock.advance(10);
    }

    expect(shedInBurst).toBe(0);
    expect(served).toBeGreaterThan(100);
    expect(shed.length).toBeGreaterThan(100);
    expect(Math.min(...shed)).toBeGreaterThan(100);
    expect(Math.max(...shed)).toBeLessThan(500);
  });

  it('serves the higher priority first, and lifts who waits by one a second', async () => {
    const { pool, clock } = aPool({ observers, maxSize: 1 });
    const [held] = await take(pool, 1);
    const served: string[] = [];
    const join = (name: string, priority: number): void => {
      void pool.acquire({ priority }).then((lease) => {
        served.push(name);
        lease.release();
      });
    };

    join('old', 0);
    await clock.advance(3_000);
    join('low', 0);
    join('high', 2);
    join('higher', 5);
    held?.release();
    await clock.settle();

    expect(served).toEqual(['higher', 'old', 'high', 'low']);
  });

  it('shares fairly between tenants, whoever floods the line', async () => {
    const { pool, clock } = aPool({
      observers,
      maxSize: 1,
      tenants: { paid: { weight: 2 } },
    });
    const [held] = await take(pool, 1);
    const served: string[] = [];
    const join = (tenant: string): void => {
      void pool.acquire({ tenant }).then((lease) => {
        served.push(tenant);
        lease.release();
      });
    };

    for (let i = 0; i < 6; i += 1) join('flood');
    for (let i = 0; i < 4; i += 1) join('paid');
    join('small');
    held?.release();
    await clock.settle();

    expect(served.join(' ')).toBe('flood paid paid small flood paid paid flood flood flood flood');
  });

  it('hands out what came free during a block of the event loop before it judges deadlines', async () => {
    const { pool, clock } = aPool({ observers, maxSize: 1, acquireTimeoutMs: 1_000 });
    const [held] = await take(pool, 1);
    const first = watch(pool.acquire());
    const second = watch(pool.acquire());

    await clock.jump(5_000);
    const afterBlock = [first.status, second.status];
    held?.release(); // its answer had been waiting behind the block
    await clock.advance(1_000);

    expect(afterBlock).toEqual(['pending', 'pending']);
    expect(first.status).toBe('done');
    expect(second.status).toBe('failed');
  });

  it('wakes from ten minutes asleep: who waited is told, the surplus goes, what is lent stays', async () => {
    const { pool, clock } = aPool({ observers, maxSize: 3, minIdle: 1, idleTimeoutMs: 60_000 });
    const [held, spare, other] = await take(pool, 3);
    const waiting = watch(pool.acquire({ timeoutMs: 30_000, priority: -1 }));
    pool.suspend();
    spare?.release();
    other?.release();

    await clock.jump(600_000);
    pool.resume();
    await clock.advance(10_000);

    expect(waiting.status).toBe('done'); // it is served first, its deadline judged after
    expect(held?.isEnded).toBe(false);
    expect(pool.stats()).toMatchObject({ inUse: 2, idle: 1, waiting: 0 });
  });

  it('grants ten thousand waiters in one chain', async () => {
    const { pool, clock } = aPool({ observers: 0, maxSize: 1, maxWaiters: 10_000 });
    const [held] = await take(pool, 1);
    let served = 0;
    const waits = Array.from({ length: 10_000 }, () =>
      pool.acquire().then((lease) => {
        served += 1;
        lease.release();
      }),
    );

    held?.release();
    await Promise.all(waits);

    expect(served).toBe(10_000);
    expect(pool.stats()).toMatchObject({ waiting: 0, inUse: 0, idle: 1 });
    await clock.advance(1_000);
    expect(clock.holding).toBe(0);
  });
});
