import { describe, expect, it } from 'vitest';
import { concatMap, firstValueFrom, NEVER, of, Subject, throwError, toArray } from 'rxjs';
import { LeaseEndedError, LeaseRevokedError } from '@sluice/core/pool';
import { aPool, observerCounts, pass, take, watch } from '../../support/pool.ts';

/** How long after a grant something may come in between: it reaches its caller within a few turns. */
const turns = [0, 1, 2, 3, 4, 5];

describe.each(observerCounts)('leases, with %i observers', (observers) => {
  it('ends once: what comes later returns false and does nothing', async () => {
    const { pool } = aPool({ observers, maxSize: 1 });
    const [lease] = await take(pool, 1);

    const first = lease?.release();
    const [next] = await take(pool, 1);
    const stale = [lease?.release(), lease?.destroy(), lease?.release()];

    expect(first).toBe(true);
    expect(stale).toEqual([false, false, false]);
    expect(next?.isEnded).toBe(false);
    expect(pool.stats()).toMatchObject({ inUse: 1, totalReleased: 1 });
  });

  it('refuses the resource after the end: somebody else may own it', async () => {
    const { pool } = aPool({ observers });
    const [lease] = await take(pool, 1);
    lease?.release();

    const read = (): unknown => lease?.resource;

    expect(read).toThrow('Lease 1 has ended');
    expect(() => lease?.detach()).toThrow('Lease 1 has ended');
    expect(LeaseEndedError.is(lease?.signal.reason)).toBe(true);
  });

  it('releases at the end of a scope, also when that throws, and bears an earlier release', async () => {
    const { pool } = aPool({ observers, maxSize: 1 });

    const throwing = async (): Promise<void> => {
      using lease = await pool.acquire();
      expect(lease.resource.id).toBe(1);
      throw new Error('work failed');
    };
    const early = async (): Promise<void> => {
      await using lease = await pool.acquire();
      lease.release();
    };

    await expect(throwing()).rejects.toThrow('work failed');
    await early();
    expect(pool.stats()).toMatchObject({ idle: 1, inUse: 0 });
  });

  it('lends to work and takes back, whether it returns, resolves, throws or rejects', async () => {
    const { pool } = aPool({ observers, maxSize: 1 });
    const error = new Error('work failed');

    const results = [await pool.use(({ id }) => id), await pool.use(async ({ id }) => id + 1)];
    const thrown = pool.use(() => {
      throw error;
    });
    const rejected = pool.use(() => Promise.reject(error));

    expect(results).toEqual([1, 2]);
    await expect(thrown).rejects.toBe(error);
    await expect(rejected).rejects.toBe(error);
    expect(pool.stats()).toMatchObject({ idle: 1, totalCreated: 1 });
  });

  it('destroys what an error broke, and lets the caller see the error as it was', async () => {
    const broken = new Error('socket closed');
    const { pool, ledger } = aPool({ observers, isBroken: (error) => error === broken });

    const failed = pool.use(() => Promise.reject(broken));

    await expect(failed).rejects.toBe(broken);
    expect(ledger.destroyed).toEqual([1]);
    expect(pool.stats()).toMatchObject({ size: 0, totalReleased: 1 });
  });

  it('takes a resource out with its caller, and the count stays true', async () => {
    const { pool, ledger } = aPool({ observers, maxSize: 1 });
    const [lease] = await take(pool, 1);
    const waiting = pool.acquire();

    const mine = lease?.detach();
    const next = await waiting;

    expect(mine).toEqual({ id: 1 });
    expect(next.resource.id).toBe(2);
    expect(lease?.release()).toBe(false);
    expect(ledger.destroyed).toEqual([]);
    expect(pool.stats()).toMatchObject({ size: 1, totalDetached: 1, totalReleased: 0 });
  });

  it('holds what it checked out until it is unsubscribed, once', async () => {
    const { pool, clock } = aPool({ observers, maxSize: 1 });
    const seen: number[] = [];

    const possession = pool.checkout().subscribe(({ id }) => seen.push(id));
    await clock.settle();
    const during = pool.stats().inUse;
    possession.unsubscribe();
    possession.unsubscribe();
    const composed = pool.checkout().pipe(concatMap(({ id }) => of(id * 10)));

    expect(during).toBe(1);
    expect(await firstValueFrom(composed)).toBe(10);
    expect(seen).toEqual([1]);
    expect(pool.stats()).toMatchObject({ idle: 1, inUse: 0, totalReleased: 2 });
  });

  it('leaves the line when a checkout is unsubscribed while it waits', async () => {
    const { pool, clock } = aPool({ observers, maxSize: 1 });
    await take(pool, 1);

    const possession = pool.checkout().subscribe();
    await clock.settle();
    const waiting = pool.stats().waiting;
    possession.unsubscribe();

    expect(waiting).toBe(1);
    expect(pool.stats()).toMatchObject({ waiting: 0, totalAborted: 1 });
  });

  it.each(turns)(
    'gives back what was granted to a checkout that is unsubscribed %i turns later',
    async (count) => {
      const { pool, clock } = aPool({ observers, maxSize: 1 });
      const [held] = await take(pool, 1);
      const seen: number[] = [];
      const possession = pool.checkout().subscribe(({ id }) => seen.push(id));
      await clock.settle();

      held?.release();
      await pass(count);
      const seenBefore = [...seen];
      possession.unsubscribe();
      await clock.settle();

      expect(seen).toEqual(seenBefore);
      expect(pool.stats()).toMatchObject({ idle: 1, inUse: 0, waiting: 0 });
    },
  );

  it('errors a checkout that gets nothing, and one whose lease is revoked', async () => {
    const { pool, clock } = aPool({ observers, maxSize: 1 });
    const errors: unknown[] = [];
    pool.checkout().subscribe({ error: (error: unknown) => errors.push(error) });
    pool.checkout({ timeoutMs: 10 }).subscribe({ error: (error: unknown) => errors.push(error) });

    await clock.advance(10);
    pool.revoke(1);

    expect(errors).toMatchObject([{ code: 'POOL_ACQUIRE_TIMEOUT' }, { code: 'LEASE_REVOKED' }]);
    expect(pool.stats().inUse).toBe(0);
  });

  it.each(['complete', 'error', 'unsubscribe'] as const)(
    'ends the lease of a stream once, on %s',
    async (end) => {
      const { pool, clock } = aPool({ observers, maxSize: 1 });
      const chunks = new Subject<string>();
      const seen: string[] = [];
      const subscription = pool
        .stream(() => chunks)
        .subscribe({ next: (chunk) => seen.push(chunk), error: () => seen.push('error') });
      await clock.settle();
      chunks.next('one');
      const during = pool.stats().inUse;

      if (end === 'complete') chunks.complete();
      else if (end === 'error') chunks.error(new Error('cut'));
      subscription.unsubscribe();
      chunks.next('late');

      expect(during).toBe(1);
      expect(seen).toEqual(end === 'error' ? ['one', 'error'] : ['one']);
      expect(chunks.observed).toBe(false);
      expect(pool.stats()).toMatchObject({ inUse: 0, idle: 1, totalReleased: 1 });
    },
  );

  it('streams whatever work gives: an array, a promise, an async generator', async () => {
    const { pool } = aPool({ observers });
    const all = <T>(source: Parameters<typeof pool.stream<T>>[0]): Promise<T[]> =>
      firstValueFrom(pool.stream(source).pipe(toArray()));

    const streamed = [
      await all(() => [1, 2]),
      await all(async () => 3),
      await all(async function* () {
        yield 4;
        yield 5;
      }),
    ];

    expect(streamed).toEqual([[1, 2], [3], [4, 5]]);
    expect(pool.stats()).toMatchObject({ inUse: 0, totalCreated: 1 });
  });

  it('destroys what a stream broke, and bears work that throws', async () => {
    const { pool, ledger } = aPool({ observers, isBroken: () => true });

    const failing = firstValueFrom(pool.stream(() => throwError(() => new Error('cut'))));
    await expect(failing).rejects.toThrow('cut');
    const throwing = pool.stream(() => {
      throw new Error('no stream');
    });

    await expect(firstValueFrom(throwing)).rejects.toThrow('no stream');
    expect(ledger.destroyed).toEqual([1, 2]);
  });

  it('tells work by its signal that the caller left, and only work that asks', async () => {
    const { pool, clock } = aPool({ observers });
    const stop = new AbortController();
    let heard: unknown;

    const working = watch(
      pool.use(
        (_, { signal }) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => reject((heard = signal.reason)));
          }),
        { signal: stop.signal },
      ),
    );
    await clock.settle();
    stop.abort('left');
    await clock.settle();

    expect(heard).toBe('left');
    expect(working.error).toBe('left');
    expect(pool.stats().idle).toBe(1);
  });

  it('does not start work for a caller whose signal is aborted', async () => {
    const { pool, ledger } = aPool({ observers });
    let began = 0;

    const used = pool.use(() => (began += 1), { signal: AbortSignal.abort('left') });

    await expect(used).rejects.toBe('left');
    expect(began).toBe(0);
    expect(ledger.creates).toBe(0);
  });

  it.each(turns)(
    'does not start work for a caller who leaves %i turns after the grant, unless it has begun',
    async (count) => {
      const { pool, clock } = aPool({ observers, maxSize: 1 });
      const [held] = await take(pool, 1);
      const stop = new AbortController();
      const beganAborted: boolean[] = [];
      const { signal } = stop;
      const used = watch(pool.use(() => beganAborted.push(signal.aborted), { signal }));

      held?.release();
      await pass(count);
      stop.abort('left');
      await clock.settle();

      expect(beganAborted).not.toContain(true);
      expect(used.status).toBe(beganAborted.length === 0 ? 'failed' : 'done');
      expect(pool.stats()).toMatchObject({ idle: 1, inUse: 0, waiting: 0 });
    },
  );

  it('revokes a lease: its signal aborts, its item is destroyed, a late release does nothing', async () => {
    const { pool, ledger, clock } = aPool({ observers, maxSize: 1 });
    const [lease] = await take(pool, 1);
    const signal = lease?.signal;
    const next = watch(pool.acquire());

    const revoked = pool.revoke(lease?.id ?? 0);
    const again = pool.revoke(lease?.id ?? 0);
    await clock.settle();

    expect([revoked, again]).toEqual([true, false]);
    expect(LeaseRevokedError.is(signal?.reason)).toBe(true);
    expect(signal?.reason).toMatchObject({ lease: 1, reason: 'hand' });
    expect(ledger.destroyed).toEqual([1]);
    expect(lease?.release()).toBe(false);
    expect(next.value?.resource.id).toBe(2);
  });

  it('stops the work of a revoked lease before its item is destroyed', async () => {
    const order: string[] = [];
    const { pool } = aPool({ observers, destroy: () => void order.push('destroyed') });
    const [lease] = await take(pool, 1);
    lease?.signal.addEventListener('abort', () => order.push('aborted'));

    pool.revoke(1);

    expect(order).toEqual(['aborted', 'destroyed']);
  });

  it('reports a lease held for too long once, with the place where it was acquired, and clears it once', async () => {
    const { pool, clock, witness } = aPool({ observers, leakThresholdMs: 1_000 });
    const takeIt = (): Promise<{ release(): boolean }[]> => take(pool, 1);
    const [lease] = await takeIt();

    await clock.advance(10_000);
    const suspected = pool.leases()[0];
    lease?.release();
    await clock.advance(10_000);

    const said = witness?.events.filter(({ type }) => type.startsWith('lease.leak'));
    expect(suspected?.suspectedAt).toBe((suspected?.since ?? 0) + 1_000);
    expect(suspected?.stack).toContain('lease.test.ts');
    expect(said?.map(({ type }) => type) ?? ['lease.leakSuspected', 'lease.leakCleared']).toEqual([
      'lease.leakSuspected',
      'lease.leakCleared',
    ]);
    expect(pool.leases()).toEqual([]);
  });

  it('records no stack unless leaks are looked for', async () => {
    const { pool } = aPool({ observers });
    await take(pool, 1, { label: 'run 7', tenant: 'acme' });

    const [info] = pool.leases();

    expect(info).toEqual({ id: 1, slot: 1, since: info?.since, label: 'run 7', tenant: 'acme' });
  });

  it('revokes what is used beyond its deadline', async () => {
    const { pool, clock, ledger } = aPool({ observers, usageDeadlineMs: 1_000 });
    const [lease] = await take(pool, 1);
    const signal = lease?.signal;

    await clock.advance(999);
    const before = signal?.aborted;
    await clock.advance(1);

    expect(before).toBe(false);
    expect(signal?.reason).toMatchObject({ code: 'LEASE_REVOKED', reason: 'deadline' });
    expect(ledger.destroyed).toEqual([1]);
    expect(lease?.release()).toBe(false);
    expect(pool.stats()).toMatchObject({ size: 0, inUse: 0 });
  });

  it('aborts work that is used beyond its deadline', async () => {
    const { pool, clock } = aPool({ observers, usageDeadlineMs: 1_000 });

    const working = watch(firstValueFrom(pool.checkout().pipe(concatMap(() => NEVER))));
    await clock.advance(1_000);

    expect(working.error).toMatchObject({ code: 'LEASE_REVOKED', reason: 'deadline' });
  });
});
