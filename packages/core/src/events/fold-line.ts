import { withoutUndefined } from '../base/json.ts';
import type { EventOf } from './event.ts';
import { changeWhere } from './fold-list.ts';
import type { PoolSnapshot, WaiterSnapshot } from './snapshot.ts';

type Waiting = EventOf<'lease.waiting'>;

/** How many waiters a snapshot lists. */
export const MAX_LISTED_WAITERS = 1_000;

/** Puts a waiter into the line of its pool. One that stood elsewhere moves and keeps the time since which it waits. */
export function enterLine(pools: readonly PoolSnapshot[], event: Waiting): readonly PoolSnapshot[] {
  const before = lineOf(pools, event.waiter)?.waiters.find(({ waiter }) => waiter === event.waiter);
  const left = before === undefined ? pools : leaveLine(pools, event.waiter, event.pool);
  const waiter = waiterOf(event, before?.since ?? event.at);
  return changeWhere(
    left,
    (pool) => pool.name === event.pool,
    (pool) => withLine(pool, inserted(pool, waiter, event.position - 1), event.waiting),
  );
}

/**
 * Takes a waiter out of the line where it stands. One that is not listed is counted off at `pool`, or at whichever pool
 * has waiters that are not listed. Without a waiter, or with one that nobody announced, nothing changes.
 */
export function leaveLine(
  pools: readonly PoolSnapshot[],
  waiter: number | undefined,
  pool: string,
): readonly PoolSnapshot[] {
  if (waiter === undefined) return pools;
  const line = lineOf(pools, waiter) ?? cutLineOf(pools, pool);
  if (line === undefined) return pools;
  return changeWhere(
    pools,
    (other) => other === line,
    ({ waiters, stats }) =>
      withLine(
        line,
        waiters.filter((other) => other.waiter !== waiter),
        stats.waiting - 1,
      ),
  );
}

function waiterOf(event: Waiting, since: number): WaiterSnapshot {
  const { waiter, timeoutMs, label, tenant, priority } = event;
  return withoutUndefined({ waiter, since, timeoutMs, label, tenant, priority });
}

function inserted(
  { waiters, waitersCut }: PoolSnapshot,
  waiter: WaiterSnapshot,
  index: number,
): readonly WaiterSnapshot[] {
  // Behind waiters that are not listed, its place is not known either.
  if (index > waiters.length && waitersCut !== undefined) return waiters;
  return [...waiters.slice(0, index), waiter, ...waiters.slice(index)];
}

function withLine(
  pool: PoolSnapshot,
  line: readonly WaiterSnapshot[],
  waiting: number,
): PoolSnapshot {
  const waiters = line.slice(0, MAX_LISTED_WAITERS);
  const cut = waiting - waiters.length;
  return withoutUndefined({
    ...pool,
    stats: { ...pool.stats, waiting },
    waiters,
    waitersCut: cut > 0 ? cut : undefined,
  });
}

function lineOf(pools: readonly PoolSnapshot[], waiter: number): PoolSnapshot | undefined {
  return pools.find((pool) => pool.waiters.some((other) => other.waiter === waiter));
}

function cutLineOf(pools: readonly PoolSnapshot[], name: string): PoolSnapshot | undefined {
  const cut = pools.filter((pool) => pool.waitersCut !== undefined);
  return cut.find((pool) => pool.name === name) ?? cut[0];
}
