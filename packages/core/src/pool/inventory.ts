import type { EventBus } from '../base/event-bus.ts';
import type { EventError } from '../events/event.ts';
import type { DestroyReason, PoolEventDraft } from '../events/pool-event.ts';
import type { PoolStats } from '../events/snapshot.ts';
import type { CoarseClock } from './coarse-clock.ts';
import { type Borrower, Entry, type EntryStatus, IdleList } from './entry.ts';

/** How an inventory is made. */
export interface InventoryOptions {
  readonly pool: string;
  readonly bus: EventBus<PoolEventDraft>;
  readonly time: CoarseClock;
}

/** The counts of an inventory: those of `PoolStats` that are not about waiting. */
export type InventoryCounts = Pick<
  PoolStats,
  | 'size'
  | 'idle'
  | 'inUse'
  | 'creating'
  | 'checking'
  | 'destroying'
  | 'totalCreated'
  | 'totalDestroyed'
  | 'totalAcquired'
  | 'totalReleased'
  | 'totalDetached'
  | 'totalLeaked'
>;

/** How a lease ended, for its event. */
interface LeaseEnded {
  readonly type: 'lease.released' | 'lease.destroyed' | 'lease.detached' | 'lease.revoked';
  readonly lease: number;
  readonly slot: number;
  readonly heldMs: number;
  readonly reason?: string | undefined;
}

/**
 * All places of a pool, and the only writer of their states and counts. Each method is one change and its one event, the
 * change first: whoever looks from inside an event sees counts that add up.
 */
export class Inventory<R> {
  readonly idle: IdleList<R> = new IdleList<R>();
  /** Whether times are exact although nobody observes. */
  isExact = false;

  readonly #pool: string;
  readonly #bus: EventBus<PoolEventDraft>;
  readonly #time: CoarseClock;
  /** By slot number - 1. */
  readonly #slots: (Entry<R> | undefined)[] = [];
  readonly #counts: Record<Exclude<EntryStatus, 'idle'>, number> = {
    creating: 0,
    checking: 0,
    inUse: 0,
    destroying: 0,
  };
  #lastLeaseId = 0; // each acquire takes one number: it is also the count of acquires
  #created = 0;
  #destroyed = 0;
  #released = 0;
  #detached = 0;
  #leaked = 0;

  constructor({ pool, bus, time }: InventoryOptions) {
    this.#pool = pool;
    this.#bus = bus;
    this.#time = time;
  }

  get inUse(): number {
    return this.#counts.inUse;
  }

  get checking(): number {
    return this.#counts.checking;
  }

  get creating(): number {
    return this.#counts.creating;
  }

  get destroying(): number {
    return this.#counts.destroying;
  }

  get size(): number {
    const { creating, checking, inUse, destroying } = this.#counts;
    return this.idle.size + creating + checking + inUse + destroying;
  }

  /** All counts, at this moment. */
  get counts(): InventoryCounts {
    return {
      size: this.size,
      idle: this.idle.size,
      ...this.#counts,
      totalCreated: this.#created,
      totalDestroyed: this.#destroyed,
      totalAcquired: this.#lastLeaseId,
      totalReleased: this.#released,
      totalDetached: this.#detached,
      totalLeaked: this.#leaked,
    };
  }

  /** All entries, by slot. */
  entries(): Entry<R>[] {
    return this.#slots.filter((entry) => entry !== undefined);
  }

  /** The entry that a lease holds, if it has not ended. */
  heldBy(leaseId: number): Entry<R> | undefined {
    return this.#slots.find((entry) => entry?.leaseId === leaseId);
  }

  /** Takes the first free place for a resource that is being created. */
  open(jitter: number): Entry<R> {
    const free = this.#slots.indexOf(undefined);
    const index = free === -1 ? this.#slots.length : free;
    const entry = new Entry<R>(index + 1, this.#time.read(true), jitter);
    this.#slots[index] = entry;
    this.#counts.creating += 1;
    this.#emit({ type: 'client.creating', pool: this.#pool, slot: entry.slot });
    return entry;
  }

  /** The create succeeded: the entry is idle, and no check is due. */
  fill(entry: Entry<R>, resource: R): void {
    const now = this.#time.read(true);
    const durationMs = now - entry.since;
    entry.resource = resource;
    entry.createdAt = now;
    entry.checkedAt = now;
    entry.idleSince = now;
    this.#created += 1;
    this.#rest(entry, now);
    this.idle.push(entry);
    this.#emit({ type: 'client.created', pool: this.#pool, slot: entry.slot, durationMs });
  }

  /** The create failed: the place is free. */
  discard(entry: Entry<R>, error: EventError): void {
    const durationMs = this.#time.read(true) - entry.since;
    this.#leave(entry);
    this.#emit({
      type: 'client.createFailed',
      pool: this.#pool,
      slot: entry.slot,
      durationMs,
      error,
    });
  }

  /** Lends an idle entry, and gives the number of its lease. */
  lend(entry: Entry<R>, borrower?: Borrower): number {
    const isObserved = this.#bus.isObserved;
    this.idle.remove(entry);
    this.#counts.inUse += 1;
    this.#lastLeaseId += 1;
    const leaseId = this.#lastLeaseId; // an observer may end the lease, or acquire another
    entry.status = 'inUse';
    entry.since = this.#time.read(isObserved || this.isExact);
    entry.uses += 1;
    entry.isFresh = false;
    entry.leaseId = leaseId;
    entry.borrower = borrower;
    if (isObserved) this.#emitAcquired(entry);
    return leaseId;
  }

  /** Takes a lent entry back for the next borrower. */
  takeBack(entry: Entry<R>): void {
    const isObserved = this.#bus.isObserved;
    const now = this.#time.read(isObserved || this.isExact);
    const { leaseId, since } = entry;
    this.#endLease(entry);
    this.#counts.inUse -= 1;
    this.#released += 1;
    entry.status = 'idle';
    entry.since = now;
    entry.idleSince = now;
    this.idle.push(entry); // whatever its coarse time says beside the exact one of a create
    if (isObserved) {
      this.#emitEnd({
        type: 'lease.released',
        lease: leaseId,
        slot: entry.slot,
        heldMs: now - since,
      });
    }
  }

  /** Ends a lease whose resource will not be lent again. `retire` follows. */
  forfeit(entry: Entry<R>, type: 'lease.destroyed' | 'lease.revoked', reason?: string): void {
    const now = this.#time.read(true);
    const { leaseId, since } = entry;
    this.#endLease(entry);
    this.#move(entry, 'destroying', now);
    this.#released += 1;
    this.#emitEnd({ type, lease: leaseId, slot: entry.slot, heldMs: now - since, reason });
  }

  /** Lets a lent resource go with its borrower. */
  detach(entry: Entry<R>): void {
    const { leaseId, since } = entry;
    this.#endLease(entry);
    this.#leave(entry);
    this.#detached += 1;
    this.#emitEnd({
      type: 'lease.detached',
      lease: leaseId,
      slot: entry.slot,
      heldMs: this.#time.read(true) - since,
    });
  }

  /** Reserves an idle entry for a check. */
  reserve(entry: Entry<R>): void {
    this.#move(entry, 'checking', this.#time.read(true));
    this.#emit({ type: 'client.checking', pool: this.#pool, slot: entry.slot });
  }

  /** The check ended: a healthy entry is idle again, at the place that it had. For another, `retire` follows. */
  checked(entry: Entry<R>, healthy: boolean): void {
    const now = this.#time.read(true);
    const durationMs = now - entry.since;
    if (healthy) {
      entry.checkedAt = now;
      this.#rest(entry, now);
      this.idle.putBack(entry);
    }
    this.#emit({ type: 'client.checked', pool: this.#pool, slot: entry.slot, durationMs, healthy });
  }

  /** Takes an entry out of service: from now on it is being destroyed. */
  retire(entry: Entry<R>, reason: DestroyReason): void {
    entry.reason = reason;
    this.#move(entry, 'destroying', this.#time.read(true));
    this.#emit({ type: 'client.destroying', pool: this.#pool, slot: entry.slot, reason });
  }

  /** The entry was destroyed, or its destroy failed with `error`: its place is free either way. */
  remove(entry: Entry<R>, error?: EventError): void {
    const durationMs = this.#time.read(true) - entry.since;
    this.#leave(entry);
    this.#destroyed += 1;
    this.#emit({ type: 'client.destroyed', pool: this.#pool, slot: entry.slot, durationMs, error });
  }

  /** Suspects a lease of being a leak, or clears it; or reports it as lost to the garbage collector. */
  report(
    type: 'lease.leakSuspected' | 'lease.leakCleared' | 'lease.lost',
    entry: Entry<R>,
    suspectedAt: number | undefined,
  ): void {
    entry.suspectedAt = suspectedAt;
    if (type === 'lease.lost') this.#leaked += 1;
    const { slot, leaseId: lease, borrower } = entry;
    const stack = borrower?.stack;
    const heldMs = this.#time.read(true) - entry.since;
    this.#emit({ type, pool: this.#pool, lease, slot, heldMs, stack });
  }

  #rest(entry: Entry<R>, now: number): void {
    this.#counts[entry.status as 'creating' | 'checking'] -= 1;
    entry.status = 'idle';
    entry.since = now;
    entry.isFresh = true;
    entry.abort = undefined;
  }

  #move(entry: Entry<R>, to: 'checking' | 'destroying', now: number): void {
    if (entry.status === 'idle') this.idle.remove(entry);
    else this.#counts[entry.status] -= 1;
    entry.status = to;
    entry.since = now;
    this.#counts[to] += 1;
  }

  /** Frees the place. Whoever still holds the entry, an ended lease for instance, holds no resource by it. */
  #leave(entry: Entry<R>): void {
    this.#counts[entry.status as Exclude<EntryStatus, 'idle'>] -= 1;
    this.#slots[entry.slot - 1] = undefined;
    entry.resource = undefined;
    entry.abort = undefined;
  }

  #endLease(entry: Entry<R>): void {
    entry.leaseId = 0;
    if (entry.controller !== undefined) entry.controller = undefined; // a look costs less than a write
    if (entry.suspectedAt !== undefined) entry.suspectedAt = undefined;
  }

  #emitAcquired({ leaseId: lease, slot, since, borrower }: Entry<R>): void {
    const waitedMs = since - (borrower?.waitingSince ?? since);
    this.#bus.emit({
      type: 'lease.acquired',
      pool: this.#pool,
      lease,
      slot,
      waiter: borrower?.waiter,
      waitMs: borrower?.waitMs ?? waitedMs,
      label: borrower?.label,
      tenant: borrower?.tenant,
      stack: borrower?.stack,
    });
  }

  #emitEnd(event: LeaseEnded): void {
    this.#emit({ ...event, pool: this.#pool });
  }

  #emit(draft: PoolEventDraft): void {
    this.#bus.emit(draft);
  }
}
