import { type AcquireOptions, type Lease, Pool, type PoolOptions } from '@sluice/core/pool';
import { seededRandom } from '@sluice/core';
import { onTestFinished } from 'vitest';
import { VirtualClock } from '@sluice/core/testing';
import { type Item, PoolLedger } from './pool-ledger.ts';
import { PoolWitness } from './pool-witness.ts';

/** A pool under test, with all that a test looks at. */
export interface PoolBench {
  readonly pool: Pool<Item>;
  readonly clock: VirtualClock;
  readonly ledger: PoolLedger;
  /** There when the pool is observed. */
  readonly witness: PoolWitness<Item> | undefined;
}

/** What a test says of its pool; the rest is a pool of 2 over a ledger, on a virtual clock. */
export interface PoolBenchOptions extends Partial<PoolOptions<Item>> {
  /** How many observe its events. Default 1. */
  readonly observers?: number | undefined;
  readonly createMs?: number | undefined;
  readonly destroyMs?: number | undefined;
}

/** Both ways in which each scenario is run: nobody looks, somebody does. */
export const observerCounts: readonly number[] = [0, 1];

/** Makes a pool to be tested. */
export function aPool(options: PoolBenchOptions = {}): PoolBench {
  const { observers = 1, createMs, destroyMs, ...rest } = options;
  const clock = new VirtualClock();
  const ledger = new PoolLedger({ clock, createMs, destroyMs });
  const pool = new Pool<Item>({
    name: 'p',
    maxSize: 2,
    create: ledger.create,
    destroy: ledger.destroy,
    clock,
    random: seededRandom(1),
    ...rest,
  });
  const witness = observers > 0 ? new PoolWitness(pool) : undefined;
  onTestFinished(() => witness?.check());
  return { pool, clock, ledger, witness };
}

/** Takes `count` resources, one after the other. */
export async function take(
  pool: Pool<Item>,
  count: number,
  options?: AcquireOptions,
): Promise<Lease<Item>[]> {
  const leases: Lease<Item>[] = [];
  for (let i = 0; i < count; i += 1) leases.push(await pool.acquire(options));
  return leases;
}

/** Lets so many turns of the microtask queue pass. */
export async function pass(turns: number): Promise<void> {
  for (let i = 0; i < turns; i += 1) await Promise.resolve();
}

/** How a promise stands, without waiting for it. Let the clock settle first. */
export function watch<T>(promise: Promise<T>): {
  status: 'pending' | 'done' | 'failed';
  value?: T;
  error?: unknown;
} {
  const watched: ReturnType<typeof watch<T>> = { status: 'pending' };
  promise.then(
    (value) => Object.assign(watched, { status: 'done', value }),
    (error: unknown) => Object.assign(watched, { status: 'failed', error }),
  );
  return watched;
}
