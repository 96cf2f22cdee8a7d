import type { SluiceEvent } from '@sluice/core/events';
import type { PoolEvent, PoolState } from './pool-state.ts';

/** Folds an event of a pool, of its clients or of its leases into it. The waiters' moves between pools are the fold's. */
export function foldPool(pool: PoolState, event: PoolEvent): void {
  pool.version += 1;
  switch (event.type) {
    case 'pool.opened':
    case 'pool.resized':
    case 'pool.suspended':
    case 'pool.resumed':
    case 'pool.draining':
    case 'pool.closed':
      return foldLife(pool, event);
    case 'client.creating':
      return pool.slots.move(event.slot, 'creating', event.at);
    case 'client.created':
      return pool.slots.move(event.slot, 'idle', event.at);
    case 'client.checking':
      return pool.slots.move(event.slot, 'checking', event.at);
    case 'client.checked':
      if (event.healthy) pool.slots.move(event.slot, 'idle', event.at);
      return;
    case 'client.destroying':
      return pool.slots.move(event.slot, 'destroying', event.at);
    case 'client.createFailed':
      countError(pool, event);
      return pool.slots.move(event.slot, 'none', event.at);
    case 'client.destroyed':
    case 'lease.detached':
      return pool.slots.move(event.slot, 'none', event.at);
    default:
      return foldLease(pool, event);
  }
}

function foldLife(pool: PoolState, event: Extract<PoolEvent, { readonly maxSize: number }>): void {
  const given = 'options' in event ? event.options : undefined;
  pool.options = { ...pool.options, ...given, maxSize: event.maxSize, minIdle: event.minIdle };
  if (event.type === 'pool.suspended') pool.status = 'suspended';
  if (event.type === 'pool.resumed') pool.status = 'open';
  if (event.type === 'pool.draining') pool.status = 'draining';
  if (event.type === 'pool.closed') pool.status = 'closed';
}

function foldLease(pool: PoolState, event: PoolEvent): void {
  const second = Math.floor(event.at / 1000);
  switch (event.type) {
    case 'lease.acquired':
      pool.slots.lend(event.slot, event.at, event);
      return pool.series.waited.add(second, event.waitMs);
    case 'lease.refused':
      if (event.reason === 'aborted') return; // the caller went away: nothing was broken, nothing was waited out
      countError(pool, event);
      return pool.series.waited.add(second, event.waitMs);
    case 'lease.released':
      pool.slots.move(event.slot, 'idle', event.at);
      return pool.series.held.add(second, event.heldMs);
    case 'lease.destroyed':
    case 'lease.revoked':
      pool.slots.move(event.slot, 'destroying', event.at);
      return pool.series.held.add(second, event.heldMs);
    case 'lease.leakSuspected':
      return pool.slots.suspect(event.slot, event.at);
    case 'lease.leakCleared':
      return pool.slots.suspect(event.slot, 0);
    case 'attempt.finished':
      return pool.series.calls.add(second, 1);
    case 'attempt.failed':
      if (event.kind === 'aborted') return;
      pool.series.calls.add(second, 1);
      pool.series.failedCalls.add(second, 1);
      return countError(pool, event);
    default: // targets are kept apart; what is unknown is a later version's
  }
}

function countError(pool: PoolState, event: SluiceEvent): void {
  pool.series.errors.add(Math.floor(event.at / 1000), 1);
}
