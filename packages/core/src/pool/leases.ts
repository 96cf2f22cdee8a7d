import type { EventBus } from '../base/event-bus.ts';
import type { DestroyReason, PoolEventDraft } from '../events/pool-event.ts';
import type { LeaseInfo } from '../events/snapshot.ts';
import type { Borrower, Entry } from './entry.ts';
import { LeaseEndedError, LeaseRevokedError, type RevokeReason } from './errors.ts';
import type { Inventory } from './inventory.ts';
import type { Keeper } from './keeper.ts';
import { Lease, type LeaseEnd, type Lender } from './lease.ts';
import { LostLeases } from './lost-leases.ts';
import type { LiveOptions } from './options.ts';
import { epochClock, leaseInfos } from './stats.ts';

/** What leases need of their pool. */
export interface LeasesOptions<R> {
  readonly live: LiveOptions<R>;
  readonly bus: EventBus<PoolEventDraft>;
  readonly keeper: Keeper<R>;
  /** A lease has ended: there may be something to do. */
  readonly onEnd: () => void;
}

/** Makes the leases of a pool, and ends each of them once. */
export class Leases<R> implements Lender<R> {
  /**
   * Whether an idle resource may be lent, and one that comes back put away, without a further look: the pool is open,
   * nobody waits, and there is nothing else to do. Nearly always so, hence kept at hand; its desk says when.
   */
  isQuiet: boolean = false;
  readonly #pool: LeasesOptions<R>;
  readonly #live: LiveOptions<R>; // its own, as the next: each step on the way of a checkout counts
  readonly #inventory: Inventory<R>;
  #lost: LostLeases<R> | undefined;
  #isAbandoned = false;

  constructor(pool: LeasesOptions<R>) {
    this.#pool = pool;
    this.#live = pool.live;
    this.#inventory = pool.keeper.inventory;
  }

  /** Lends an idle entry. */
  lend(entry: Entry<R>, borrower?: Borrower): Lease<R> {
    const lease = new Lease<R>(this, entry, this.#inventory.lend(entry, borrower));
    if (this.#lost !== undefined) this.#lost.watch(lease, entry);
    return lease;
  }

  /** Where the caller stands, if leaks are looked for. */
  stack(): string | undefined {
    if (this.#live.current.leakThresholdMs === undefined) return undefined;
    return new Error('acquired here').stack;
  }

  endLease(entry: Entry<R>, leaseId: number, end: LeaseEnd): boolean {
    if (entry.leaseId !== leaseId) return false;
    if (end.kind === 'reuse' && entry.suspectedAt === undefined && !this.#isWornOut(entry)) {
      this.#inventory.takeBack(entry);
      if (this.isQuiet) return true;
    } else {
      this.#pool.bus.together(() => this.#endWith(entry, end));
    }
    this.#pool.onEnd();
    return true;
  }

  signalOf(entry: Entry<R>, leaseId: number): AbortSignal {
    if (entry.leaseId !== leaseId) return AbortSignal.abort(new LeaseEndedError(leaseId));
    entry.controller ??= new AbortController();
    if (this.#isAbandoned) entry.controller.abort(new LeaseRevokedError(leaseId, 'closed'));
    return entry.controller.signal;
  }

  /** Takes a lease away from its holder and destroys its resource. Says whether there was such a lease. */
  revoke(leaseId: number, reason: RevokeReason): boolean {
    const { bus, keeper, onEnd } = this.#pool;
    const entry = leaseId > 0 ? this.#inventory.heldBy(leaseId) : undefined;
    if (entry === undefined) return false;
    const { controller } = entry;
    bus.together(() => {
      this.#inventory.forfeit(entry, 'lease.revoked', reason);
      controller?.abort(new LeaseRevokedError(leaseId, reason)); // the work stops before its resource goes
      keeper.retire(entry, 'revoked');
    });
    onEnd();
    return true;
  }

  /** Acts on a lease that is held for too long. */
  onDue(entry: Entry<R>, kind: 'suspect' | 'revoke'): void {
    if (kind === 'revoke') {
      this.revoke(entry.leaseId, 'deadline');
      return;
    }
    const suspectedAt = this.#live.current.clock.timestamp();
    this.#inventory.report('lease.leakSuspected', entry, suspectedAt);
  }

  /** Tells all holders to stop, and lists them. Whoever gives a resource back later still can: it is destroyed then. */
  abandon(): readonly LeaseInfo[] {
    const entries = this.#inventory.entries();
    const abandoned = leaseInfos(entries, epochClock(this.#live.current.clock));
    this.#isAbandoned = true;
    for (const { leaseId, controller } of entries) {
      controller?.abort(new LeaseRevokedError(leaseId, 'closed'));
    }
    return abandoned;
  }

  /** Applies options that have changed. */
  applyOptions(): void {
    const { leakThresholdMs, reclaimLost } = this.#live.current;
    if (leakThresholdMs === undefined && !reclaimLost) this.#lost = undefined;
    else this.#lost ??= new LostLeases<R>((entry) => this.#onLost(entry));
  }

  /** Whether an entry is not to be lent again. */
  #isWornOut(entry: Entry<R>): boolean {
    const { maxUses } = this.#live.current;
    return entry.doom !== undefined || (maxUses !== undefined && entry.uses >= maxUses);
  }

  #endWith(entry: Entry<R>, end: LeaseEnd): void {
    const { keeper } = this.#pool;
    const inventory = this.#inventory;
    const doom: DestroyReason | undefined = this.#isWornOut(entry)
      ? (entry.doom ?? 'uses')
      : undefined;
    if (entry.suspectedAt !== undefined) inventory.report('lease.leakCleared', entry, undefined);
    if (end.kind === 'detach') {
      inventory.detach(entry);
    } else if (end.kind === 'destroy') {
      inventory.forfeit(entry, 'lease.destroyed');
      keeper.retire(entry, 'broken');
    } else {
      inventory.takeBack(entry);
      if (doom !== undefined) keeper.retire(entry, doom);
    }
  }

  #onLost(entry: Entry<R>): void {
    const { bus, keeper, onEnd } = this.#pool;
    bus.together(() => {
      this.#inventory.report('lease.lost', entry, entry.suspectedAt);
      if (!this.#live.current.reclaimLost) return;
      this.#inventory.forfeit(entry, 'lease.destroyed', 'lost');
      keeper.retire(entry, 'lost');
    });
    onEnd();
  }
}
