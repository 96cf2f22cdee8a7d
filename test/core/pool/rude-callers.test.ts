import { Pool } from '@sluice/core/pool';
import { VirtualClock } from '@sluice/core/testing';
import { Subject, take } from 'rxjs';
import { expect, it } from 'vitest';
import { stateOf } from '../../support/state-of.ts';
import { uncaughtErrors } from '../../support/uncaught-errors.ts';

it('bears a revoke from inside lease.acquired', async () => {
  const pool = new Pool({ create: () => ({}), clock: new VirtualClock(), maxSize: 1 });
  (await pool.acquire()).release();
  const heard = pool.events$.subscribe((event) => {
    if (event.type === 'lease.acquired') pool.revoke(event.lease);
  });
  const lease = await pool.acquire();
  heard.unsubscribe();
  expect(lease.isEnded).toBe(true);
  expect(lease.release()).toBe(false);
  expect(pool.stats()).toMatchObject({ inUse: 0, idle: 0 });
});

it('errors once when the pool closes in the tick of the grant', async () => {
  const pool = new Pool({ create: () => ({}), clock: new VirtualClock(), maxSize: 1 });
  const held = await pool.acquire();
  const seen: string[] = [];
  pool.checkout().subscribe({ error: (error: Error) => seen.push(error.name) });

  const errors = uncaughtErrors();
  errors.watch();

  held.release();
  await pool.close();
  const uncaught = await errors.afterATurn();
  errors.unwatch();

  expect([seen, uncaught]).toEqual([['LeaseRevokedError'], []]);
});

it('stops a source that emits at once', async () => {
  const clock = new VirtualClock();
  const pool = new Pool({ create: () => ({}), clock });
  let pulled = 0;
  function* rows(): Generator<number> {
    while (pulled < 1_000) yield (pulled += 1); // without the bound: hangs the process
  }
  pool
    .stream(() => rows())
    .pipe(take(1))
    .subscribe();
  await clock.settle();
  expect(pulled).toBe(1);
});

it('ends a stream although isBroken throws', async () => {
  const clock = new VirtualClock();
  const isBroken = (error: unknown): boolean => (error as { code: string }).code === 'GONE';
  const pool = new Pool<object>({ create: () => ({}), clock, isBroken });
  const source = new Subject<never>();
  const seen: unknown[] = [];
  pool.stream(() => source).subscribe({ error: (error: unknown) => seen.push(error) });
  await clock.settle();
  source.error(undefined);
  await clock.settle();
  expect(seen).toHaveLength(1);
  expect(pool.stats().inUse).toBe(0);
});

it('refuses a signal that is none, and serves the others', async () => {
  const clock = new VirtualClock();
  const pool = new Pool({ create: () => ({}), clock, maxSize: 1 });
  const held = await pool.acquire();
  const waiter = pool.acquire();
  expect(() => pool.acquire({ signal: new AbortController() as never, priority: 5 })).toThrow(
    TypeError,
  );
  held.release();
  expect(await stateOf(clock, waiter)).toBe('resolved');
});

it('errors at once when the signal of a checkout is aborted already', async () => {
  const clock = new VirtualClock();
  const pool = new Pool({ create: () => ({}), clock, maxSize: 1 });
  await pool.acquire();
  const seen: string[] = [];
  const signal = AbortSignal.abort(new Error('gone'));
  pool.checkout({ signal }).subscribe({ error: (error) => seen.push(String(error)) });
  await clock.advance(1_000);
  expect(seen).toEqual(['Error: gone']);
});

it('keeps a usage deadline and an idle timeout that came by updateOptions', async () => {
  const clock = new VirtualClock();
  const pool = new Pool({ create: () => ({}), clock, maxSize: 2 });
  const [lease, idle] = await Promise.all([pool.acquire(), pool.acquire()]);
  idle.release();
  await clock.advance(5_000);
  pool.updateOptions({ usageDeadlineMs: 10_000, idleTimeoutMs: 1_000 });
  await clock.advance(60_000);
  expect([lease.isEnded, pool.stats().size]).toEqual([true, 0]);
});

it('rejects ready() after the end', async () => {
  const clock = new VirtualClock();
  const pool = new Pool({ create: () => ({}), clock });
  await pool.close();
  expect(await stateOf(clock, pool.ready())).toMatch(/PoolClosedError/);
});
