import { withoutUndefined } from '../base/json.ts';
import type { SluiceEvent } from './event.ts';
import { enterLine, leaveLine } from './fold-line.ts';
import { changeWhere } from './fold-list.ts';
import { foldSlot } from './fold-slot.ts';
import type { EngineSnapshot, PoolSnapshot, PoolStats, PublicPoolOptions } from './snapshot.ts';

type PoolEvent = Extract<SluiceEvent, { readonly pool: string; readonly maxSize: number }>;

/** Folds an event of a pool, of its clients or its leases. `applyEvent` lists what each one changes. */
export function foldPool(snapshot: EngineSnapshot, event: SluiceEvent): EngineSnapshot {
  switch (event.type) {
    case 'pool.opened': {
      const others = snapshot.pools.filter((pool) => pool.name !== event.pool);
      return { ...snapshot, pools: [...others, openedPool(event)] };
    }
    case 'pool.resized':
    case 'pool.suspended':
    case 'pool.resumed':
    case 'pool.draining':
    case 'pool.closed':
      return changePool(snapshot, event.pool, (pool) => resized(pool, event));
    case 'pool.removed':
      return {
        ...snapshot,
        pools: snapshot.pools.filter((pool) => pool.name !== event.pool),
        targets: snapshot.targets.filter((target) => target.pool !== event.pool),
      };
    case 'lease.waiting':
      return { ...snapshot, pools: enterLine(snapshot.pools, event) };
    case 'lease.acquired':
    case 'lease.refused': {
      const pools = leaveLine(snapshot.pools, event.waiter, event.pool);
      return changePool({ ...snapshot, pools }, event.pool, (pool) => foldSlot(pool, event));
    }
    default:
      if (!('pool' in event) || typeof event.pool !== 'string') return snapshot; // a later version's
      return changePool(snapshot, event.pool, (pool) => foldSlot(pool, event));
  }
}

function changePool(
  snapshot: EngineSnapshot,
  name: string,
  change: (pool: PoolSnapshot) => PoolSnapshot,
): EngineSnapshot {
  return { ...snapshot, pools: changeWhere(snapshot.pools, (pool) => pool.name === name, change) };
}

function openedPool(event: PoolEvent): PoolSnapshot {
  const { group, provider } = 'group' in event || 'provider' in event ? event : {};
  return withoutUndefined({
    name: event.pool,
    group,
    provider,
    status: 'open' as const,
    stats: { ...NO_COUNTS, maxSize: event.maxSize },
    options: optionsOf(event, NO_OPTIONS),
    slots: [],
    waiters: [],
  });
}

function resized(pool: PoolSnapshot, event: PoolEvent): PoolSnapshot {
  return {
    ...pool,
    status: statusAfter(pool, event),
    stats: { ...pool.stats, maxSize: event.maxSize },
    options: optionsOf(event, pool.options),
  };
}

function statusAfter(pool: PoolSnapshot, event: PoolEvent): PoolSnapshot['status'] {
  switch (event.type) {
    case 'pool.suspended':
      return 'suspended';
    case 'pool.resumed':
      return 'open';
    case 'pool.draining':
      return 'draining';
    case 'pool.closed':
      return 'closed';
    default:
      return pool.status;
  }
}

function optionsOf(event: PoolEvent, before: PublicPoolOptions): PublicPoolOptions {
  const given = 'options' in event ? event.options : undefined;
  return { ...before, ...given, maxSize: event.maxSize, minIdle: event.minIdle };
}

const NO_COUNTS: PoolStats = {
  size: 0,
  idle: 0,
  inUse: 0,
  creating: 0,
  checking: 0,
  destroying: 0,
  waiting: 0,
  maxSize: 0,
  totalCreated: 0,
  totalDestroyed: 0,
  totalAcquired: 0,
  totalReleased: 0,
  totalTimedOut: 0,
  totalAborted: 0,
  totalRefused: 0,
  totalDetached: 0,
  totalLeaked: 0,
};

/** For a pool whose opening told no options; an emitter of Sluice always tells them. */
const NO_OPTIONS: PublicPoolOptions = {
  maxSize: 0,
  minIdle: 0,
  maxWaiters: 0,
  acquireTimeoutMs: 0,
  idleTimeoutMs: 0,
  maxLifetimeMs: 0,
};
