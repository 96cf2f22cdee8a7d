import { withoutUndefined } from '../base/json.ts';
import type { EventOf, SluiceEvent } from './event.ts';
import type { RefusalReason } from './pool-event.ts';
import type { LeaseInfo, PoolSnapshot, PoolStats, SlotSnapshot } from './snapshot.ts';

type Acquired = EventOf<'lease.acquired'>;
type Total = Extract<keyof PoolStats, `total${string}`>;

/** Folds an event of a client or a lease into its pool: the slot and the counts. */
export function foldSlot(pool: PoolSnapshot, event: SluiceEvent): PoolSnapshot {
  switch (event.type) {
    case 'client.creating':
      return withNewSlot(pool, event.slot, event.at);
    case 'client.created':
      return counted(moved(pool, event.slot, { status: 'idle', since: event.at }), 'totalCreated');
    case 'client.createFailed':
      return without(pool, event.slot);
    case 'client.checking':
      return moved(pool, event.slot, { status: 'checking', since: event.at });
    case 'client.checked':
      return event.healthy ? moved(pool, event.slot, { status: 'idle', since: event.at }) : pool;
    case 'client.destroying':
      return moved(pool, event.slot, {
        status: 'destroying',
        since: event.at,
        reason: event.reason,
      });
    case 'client.destroyed':
      return counted(without(pool, event.slot), 'totalDestroyed');
    case 'lease.acquired':
      return counted(acquired(pool, event), 'totalAcquired');
    case 'lease.refused':
      return counted(pool, totalOf(event.reason));
    case 'lease.released':
      return counted(moved(pool, event.slot, { status: 'idle', since: event.at }), 'totalReleased');
    case 'lease.destroyed':
    case 'lease.revoked':
      return counted(
        moved(pool, event.slot, { status: 'destroying', since: event.at }),
        'totalReleased',
      );
    case 'lease.detached':
      return counted(without(pool, event.slot), 'totalDetached');
    case 'lease.leakSuspected': {
      const { at: suspectedAt, stack } = event;
      return withLease(pool, event, (lease) => ({
        ...lease,
        suspectedAt,
        stack: stack ?? lease.stack,
      }));
    }
    case 'lease.leakCleared':
      return withLease(pool, event, (lease) => ({ ...lease, suspectedAt: undefined }));
    case 'lease.lost':
      return counted(pool, 'totalLeaked');
    default:
      return pool;
  }
}

function withNewSlot(pool: PoolSnapshot, number: number, at: number): PoolSnapshot {
  const others = without(pool, number);
  const slot: SlotSnapshot = { slot: number, status: 'creating', since: at, uses: 0 };
  return {
    ...others,
    slots: [...others.slots, slot].toSorted((a, b) => a.slot - b.slot),
    stats: recounted(others.stats, undefined, 'creating'),
  };
}

function acquired(pool: PoolSnapshot, event: Acquired): PoolSnapshot {
  const { lease: id, slot, at: since, label, tenant, stack } = event;
  const lease: LeaseInfo = withoutUndefined({ id, slot, since, label, tenant, stack });
  const uses = (pool.slots.find((other) => other.slot === slot)?.uses ?? 0) + 1;
  return moved(pool, slot, { status: 'inUse', since, uses, lease });
}

/** Moves a slot to another status. What belonged to the status before, its lease and its reason, goes. */
function moved(
  pool: PoolSnapshot,
  slot: number,
  to: Pick<SlotSnapshot, 'status' | 'since'> & Partial<SlotSnapshot>,
): PoolSnapshot {
  const before = pool.slots.find((other) => other.slot === slot);
  if (before === undefined) return pool;
  const after = { slot, uses: before.uses, ...to };
  return {
    ...pool,
    slots: pool.slots.map((other) => (other === before ? after : other)),
    stats: recounted(pool.stats, before.status, to.status),
  };
}

function without(pool: PoolSnapshot, slot: number): PoolSnapshot {
  const before = pool.slots.find((other) => other.slot === slot);
  if (before === undefined) return pool;
  return {
    ...pool,
    slots: pool.slots.filter((other) => other !== before),
    stats: recounted(pool.stats, before.status, undefined),
  };
}

function withLease(
  pool: PoolSnapshot,
  event: { readonly slot: number; readonly lease: number },
  change: (lease: LeaseInfo) => LeaseInfo,
): PoolSnapshot {
  const slots = pool.slots.map((slot) => {
    if (slot.slot !== event.slot || slot.lease?.id !== event.lease) return slot;
    return { ...slot, lease: withoutUndefined(change(slot.lease)) };
  });
  return { ...pool, slots };
}

function recounted(
  stats: PoolStats,
  from: SlotSnapshot['status'] | undefined,
  to: SlotSnapshot['status'] | undefined,
): PoolStats {
  const counts: { -readonly [Name in keyof PoolStats]: PoolStats[Name] } = { ...stats };
  if (from !== undefined) counts[from] -= 1;
  if (to !== undefined) counts[to] += 1;
  if (from === undefined) counts.size += 1;
  if (to === undefined) counts.size -= 1;
  return counts;
}

function counted(pool: PoolSnapshot, total: Total): PoolSnapshot {
  return { ...pool, stats: { ...pool.stats, [total]: pool.stats[total] + 1 } };
}

function totalOf(reason: RefusalReason): Total {
  if (reason === 'timeout') return 'totalTimedOut';
  return reason === 'aborted' ? 'totalAborted' : 'totalRefused';
}
