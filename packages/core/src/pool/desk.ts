import type { EventBus } from '../base/event-bus.ts';
import type { PoolEventDraft, RefusalReason } from '../events/pool-event.ts';
import { toEventError } from '../events/redact.ts';
import type { PoolSnapshot, PoolStats, PublicPoolOptions } from '../events/snapshot.ts';
import { Closing, type ClosingTerms, type DrainResult } from './closing.ts';
import type { Entry } from './entry.ts';
import {
  LeaseEndedError,
  LeaseRevokedError,
  PoolAcquireTimeoutError,
  PoolClosedError,
  PoolCreateError,
  PoolDrainingError,
  type PoolMoment,
  PoolQueueFullError,
  PoolShedError,
  type RevokeReason,
} from './errors.ts';
import type { Borrower } from './inventory.ts';
import { Keeper } from './keeper.ts';
import { Lease, type LeaseEnd, type Lender } from './lease.ts';
import { LostLeases } from './lost-leases.ts';
import type { InLine, OutsideLine, PoolPort } from './outside-line.ts';
import type { AcquireOptions, ResolvedPoolOptions } from './options.ts';
import { Readiness } from './readiness.ts';
import { type Refusal, Refusals } from './refusals.ts';
import { Shedder } from './shedding.ts';
import { servableCount } from './sizing.ts';
import { epochClock, leaseInfos, poolStats, publicOptions } from './stats.ts';
import type { Waiter } from './waiter.ts';
import { Waiters } from './waiters.ts';

/** Where a caller acquired, if that is recorded. */
type Stack = string | undefined;
type Caller<R> = Waiter<Lease<R>, Stack>;

/** What a desk needs of its pool. */
export interface DeskOptions<R> {
  readonly options: () => ResolvedPoolOptions<R>;
  readonly bus: EventBus<PoolEventDraft>;
  /** The pool has ended: all is destroyed or abandoned. */
  readonly onClosed: (result: DrainResult) => void;
}

const NO_OPTIONS: AcquireOptions = {};

/**
 * Where resources are lent: the line of callers, the leases, and the end of both. Whatever changes ends in `serve`, the
 * one place where resources are handed out; it is a loop and never runs twice at a time, so ten thousand grants in a
 * chain, or a subscriber that acquires, releases or closes from inside an event, use no more stack than one.
 */
export class Desk<R> implements Lender<R>, PoolPort<R> {
  readonly keeper: Keeper<R>;
  readonly waiters: Waiters<Lease<R>, Stack>;
  readonly readiness: Readiness = new Readiness();
  status: PoolSnapshot['status'] = 'open';
  readonly #pool: DeskOptions<R>;
  readonly #refusals: Refusals;
  readonly #outside: OutsideLine | undefined;
  #lost: LostLeases<R> | undefined;
  #shedder: Shedder | undefined;
  #closing: Closing | undefined;
  #isServing = false;
  #isServiceDue = false;

  constructor(pool: DeskOptions<R>) {
    const { name, clock, tenants, outside } = pool.options();
    this.#pool = pool;
    this.#refusals = new Refusals(name, pool.bus);
    this.keeper = new Keeper<R>({
      options: pool.options,
      bus: pool.bus,
      onChange: () => this.serve(),
      onCreateFailed: () => this.#onCreateFailed(),
      onLeaseDue: (entry, kind) => this.#onLeaseDue(entry, kind),
    });
    this.waiters = new Waiters<Lease<R>, Stack>({
      clock,
      tenants,
      onTimeout: (waiter, waitedMs) => {
        this.#refuse(waiter, 'timeout', this.#timeoutError(waitedMs, waiter.timeoutMs ?? 0));
      },
      onAbort: (waiter) => this.#refuse(waiter, 'aborted', waiter.signal?.reason),
    });
    this.applyOptions();
    this.#outside = outside?.(this);
  }

  /** Whether `close` was called, or the pool has ended. */
  get isClosed(): boolean {
    return this.status === 'closed' || this.#closing?.isClose === true;
  }

  get stats(): PoolStats {
    const waits = { waiting: this.#waiting, ...this.#refusals.counts };
    return poolStats(this.keeper.inventory.counts, waits, this.#pool.options().maxSize);
  }

  get limits(): PublicPoolOptions {
    return publicOptions(this.#pool.options());
  }

  get lastCreateError(): unknown {
    return this.keeper.creator.lastError;
  }

  get canLend(): boolean {
    if (this.waiters.size > 0 || this.status !== 'open') return false;
    return this.keeper.usable(1) !== undefined;
  }

  /** Who waits, here or in the line outside, in the order of service. */
  inLine(): readonly InLine[] {
    return [...this.waiters.inOrder(), ...(this.#outside?.waiters() ?? [])];
  }

  /** Lends an idle resource at once, if there is one and nobody waits. */
  tryAcquire({ label, tenant }: AcquireOptions = NO_OPTIONS): Lease<R> | undefined {
    return this.lend({ label, tenant });
  }

  lend(borrower: Borrower): Lease<R> | undefined {
    if (this.waiters.size > 0 || this.status !== 'open') return undefined;
    const { keeper } = this;
    const entry = keeper.usable(1);
    if (entry === undefined) return undefined;
    keeper.inventory.lend(entry, { ...borrower, stack: this.#stack() });
    const lease = this.#leaseOf(entry);
    if (keeper.inventory.idle.size < this.#pool.options().minIdle) this.serve();
    return lease;
  }

  /** Puts a caller into the line, unless it can be told at once that waiting is no use. */
  wait(options: AcquireOptions = NO_OPTIONS): Promise<Lease<R>> {
    const { signal, timeoutMs = this.#pool.options().acquireTimeoutMs } = options;
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    const refused = this.#refusedAtDoor(timeoutMs);
    if (refused !== undefined) return refused;
    const waiter = this.waiters.join({ ...options, timeoutMs, payload: this.#stack() });
    if (this.#pool.bus.isObserved) this.#emitWaiting(waiter);
    this.serve();
    return signal === undefined ? waiter.promise : unlessAborted(waiter.promise, signal);
  }

  endLease(entry: Entry<R>, leaseId: number, end: LeaseEnd): boolean {
    if (entry.leaseId !== leaseId) return false;
    const doom = this.#doomOf(entry);
    if (end.kind === 'reuse' && doom === undefined && entry.suspectedAt === undefined) {
      this.keeper.inventory.takeBack(entry);
      if (this.#isQuiet()) return true;
    } else {
      this.#pool.bus.together(() => this.#endWith(entry, end));
    }
    this.serve();
    return true;
  }

  signalOf(entry: Entry<R>, leaseId: number): AbortSignal {
    if (entry.leaseId !== leaseId) return AbortSignal.abort(new LeaseEndedError(leaseId));
    entry.controller ??= new AbortController();
    return entry.controller.signal;
  }

  /** Takes a lease away from its holder and destroys its resource. Says whether there was such a lease. */
  revoke(leaseId: number, reason: RevokeReason): boolean {
    const entry = leaseId > 0 ? this.keeper.inventory.heldBy(leaseId) : undefined;
    if (entry === undefined) return false;
    const { controller } = entry;
    this.#pool.bus.together(() => {
      this.keeper.inventory.forfeit(entry, 'lease.revoked', reason);
      controller?.abort(new LeaseRevokedError(leaseId, reason)); // the work stops before its resource goes
      this.keeper.retire(entry, 'revoked');
    });
    this.serve();
    return true;
  }

  refuse(refusal: Refusal): void {
    this.#refusals.add(refusal);
  }

  /** Ends the pool on the given terms. Every call gets the same result. */
  end(terms: ClosingTerms): Promise<DrainResult> {
    if (this.#closing === undefined) {
      this.#closing = new Closing(this.#pool.options().clock, this.stats.totalDestroyed);
      this.status = 'draining';
      this.emitLife('pool.draining');
    }
    const closing = this.#closing;
    closing.tighten(terms, () => this.#onDeadline(closing));
    this.serve();
    return closing.result;
  }

  /** Tells of a change of the pool as a whole. */
  emitLife(type: 'pool.resized' | 'pool.suspended' | 'pool.resumed' | 'pool.draining'): void {
    const { name: pool, maxSize, minIdle } = this.#pool.options();
    const options = type === 'pool.resized' ? this.limits : undefined;
    this.#pool.bus.emit({ type, pool, maxSize, minIdle, options });
  }

  /** Applies options that have changed. */
  applyOptions(): void {
    const { leakThresholdMs, usageDeadlineMs, reclaimLost, shed } = this.#pool.options();
    this.keeper.inventory.isExact = leakThresholdMs !== undefined || usageDeadlineMs !== undefined;
    if (leakThresholdMs === undefined && !reclaimLost) this.#lost = undefined;
    else this.#lost ??= new LostLeases<R>((entry) => this.#onLost(entry));
    this.#shedder = shed === undefined ? undefined : new Shedder(shed);
  }

  /** Hands out what there is, creates what is missing, ends what has to end. */
  serve(): void {
    this.#isServiceDue = true;
    if (this.#isServing) return;
    this.#isServing = true;
    while (this.#isServiceDue) {
      this.#isServiceDue = false;
      this.#pool.bus.together(() => this.#serveOnce());
    }
    this.#isServing = false;
    this.#tellAvailable();
    this.keeper.settle();
  }

  #serveOnce(): void {
    const { keeper, status } = this;
    keeper.shrink();
    this.#serveWaiters();
    if (this.#isLending) {
      keeper.replenish(this.#waiting, status === 'open' ? this.#pool.options().minIdle : 0);
    }
    if (this.readiness.isAwaited && this.#isReady) this.readiness.reach();
    if (this.#closing !== undefined && status !== 'closed') this.#advance(this.#closing);
    else if (status === 'closed') keeper.clear();
  }

  #serveWaiters(): void {
    while (this.waiters.size > 0 && this.#isLending) {
      if (this.#shedder !== undefined && this.#shed(this.#shedder)) continue;
      const entry = this.keeper.usable(this.waiters.size);
      if (entry === undefined) return;
      const waiter = this.waiters.take();
      if (waiter !== undefined) this.#grant(waiter, entry);
    }
    if (this.waiters.size === 0) this.#shedder?.relax();
  }

  #grant(waiter: Caller<R>, entry: Entry<R>): void {
    const { bus, options } = this.#pool;
    const waitMs = bus.isObserved ? options().clock.now() - waiter.since : 0;
    const { id, label, tenant, payload: stack } = waiter;
    this.keeper.inventory.lend(entry, { label, tenant, stack, waiter: id, waitMs });
    waiter.resolve(this.#leaseOf(entry));
  }

  #leaseOf(entry: Entry<R>): Lease<R> {
    const lease = new Lease<R>(this, entry);
    this.#lost?.watch(lease, entry);
    return lease;
  }

  get #waiting(): number {
    return this.waiters.size + (this.#outside?.waiting ?? 0);
  }

  /** Whether whoever waits may be served. */
  get #isLending(): boolean {
    if (this.status === 'open') return true;
    return this.status === 'draining' && this.waiters.size > 0 && !this.#isRejecting;
  }

  get #isRejecting(): boolean {
    return (
      this.#closing !== undefined &&
      (!this.#closing.servesWaiters || this.#closing.isDeadlinePassed)
    );
  }

  /** Whether a resource that came back concerns nobody: the common case, in which there is nothing to serve. */
  #isQuiet(): boolean {
    return (
      this.waiters.size === 0 &&
      this.status === 'open' &&
      this.#outside === undefined &&
      !this.readiness.isAwaited &&
      this.keeper.inventory.size <= this.#pool.options().maxSize
    );
  }

  /** Whether `minIdle` is reached, as far as those in use leave room for it. */
  get #isReady(): boolean {
    const { maxSize, minIdle } = this.#pool.options();
    const { idle, inUse } = this.keeper.inventory;
    return this.status === 'open' && idle.size >= Math.min(minIdle, maxSize - inUse);
  }

  #doomOf(entry: Entry<R>): Entry<R>['doom'] {
    const { maxUses } = this.#pool.options();
    return entry.doom ?? (maxUses !== undefined && entry.uses >= maxUses ? 'uses' : undefined);
  }

  #endWith(entry: Entry<R>, end: LeaseEnd): void {
    const { inventory } = this.keeper;
    const doom = this.#doomOf(entry);
    if (entry.suspectedAt !== undefined) inventory.report('lease.leakCleared', entry, undefined);
    if (end.kind === 'detach') {
      inventory.detach(entry);
    } else if (end.kind === 'destroy') {
      inventory.forfeit(entry, 'lease.destroyed');
      this.keeper.retire(entry, 'broken');
    } else {
      inventory.takeBack(entry);
      if (doom !== undefined) this.keeper.retire(entry, doom);
    }
  }

  #tellAvailable(): void {
    if (this.#outside === undefined || this.status !== 'open' || this.waiters.size > 0) return;
    const { idle, size } = this.keeper.inventory;
    if (idle.size > 0 || size < this.#pool.options().maxSize) this.#outside.onAvailable();
  }

  #shed(shedder: Shedder): boolean {
    const now = this.#pool.options().clock.now();
    const waiter = this.waiters.peek();
    if (waiter === undefined || !shedder.refuses(now - waiter.since, now)) return false;
    this.waiters.leave(waiter);
    this.#refuse(waiter, 'shed', new PoolShedError(this.#moment(now - waiter.since)));
    return true;
  }

  /** A waiter that has left the line is told why, exactly once: whoever takes it out is the one to settle it. */
  #refuse(waiter: Caller<R>, reason: RefusalReason, error: unknown): void {
    const waitMs = this.#pool.options().clock.now() - waiter.since;
    const told = reason === 'aborted' ? undefined : toEventError(error);
    this.#refusals.add({ reason, waiter: waiter.id, waitMs, error: told });
    waiter.reject(error);
  }

  #refusedAtDoor(timeoutMs: number): Promise<never> | undefined {
    const { maxWaiters, maxSize } = this.#pool.options();
    if (this.status === 'draining' || this.status === 'closed') {
      return this.#rejected(this.isClosed ? 'closed' : 'draining', this.#endedError());
    }
    if (timeoutMs === 0) return this.#rejected('timeout', this.#timeoutError(0, 0));
    if (this.waiters.size < maxWaiters + servableCount(this.stats, maxSize)) return undefined;
    return this.#rejected('queueFull', new PoolQueueFullError(this.#moment(0), maxWaiters));
  }

  #rejected(reason: RefusalReason, error: unknown): Promise<never> {
    this.#refusals.add({ reason, waitMs: 0, error: toEventError(error) });
    return Promise.reject(error);
  }

  #refuseAll(): void {
    const reason = this.isClosed ? 'closed' : 'draining';
    for (let waiter = this.waiters.take(); waiter !== undefined; waiter = this.waiters.take()) {
      this.#refuse(waiter, reason, this.#endedError());
    }
  }

  #endedError(): PoolClosedError | PoolDrainingError {
    const { name } = this.#pool.options();
    return this.isClosed ? new PoolClosedError(name) : new PoolDrainingError(name);
  }

  #timeoutError(waitedMs: number, timeoutMs: number): PoolAcquireTimeoutError {
    return new PoolAcquireTimeoutError(
      this.#moment(waitedMs),
      timeoutMs,
      this.keeper.creator.lastError,
    );
  }

  #moment(waitedMs: number): PoolMoment {
    return { pool: this.#pool.options().name, stats: this.stats, waitedMs };
  }

  #stack(): Stack {
    if (this.#pool.options().leakThresholdMs === undefined) return undefined;
    return new Error('acquired here').stack;
  }

  #emitWaiting(waiter: Caller<R>): void {
    const { id, timeoutMs, label, tenant, line } = waiter;
    this.#pool.bus.emit({
      type: 'lease.waiting',
      pool: this.#pool.options().name,
      waiter: id,
      position: this.waiters.positionOf(waiter),
      waiting: this.waiters.size,
      timeoutMs,
      label,
      tenant,
      priority: line?.priority ?? 0,
    });
  }

  #onCreateFailed(): void {
    const { name, createFailure } = this.#pool.options();
    const { creator } = this.keeper;
    const waiter = createFailure === 'fail' && this.#isLending ? this.waiters.take() : undefined;
    const error = new PoolCreateError(name, creator.failures, creator.lastError);
    if (waiter !== undefined) this.#refuse(waiter, 'createFailed', error);
    else if (this.status !== 'closed') creator.backOff();
    if (createFailure === 'fail') this.readiness.fail(error);
    this.#outside?.onCreateFailed(error, createFailure);
  }

  #onLeaseDue(entry: Entry<R>, kind: 'suspect' | 'revoke'): void {
    if (kind === 'revoke') {
      this.revoke(entry.leaseId, 'deadline');
      return;
    }
    const suspectedAt = this.#pool.options().clock.timestamp();
    this.keeper.inventory.report('lease.leakSuspected', entry, suspectedAt);
  }

  #onLost(entry: Entry<R>): void {
    const { inventory } = this.keeper;
    this.#pool.bus.together(() => {
      inventory.report('lease.lost', entry, entry.suspectedAt);
      if (!this.#pool.options().reclaimLost) return;
      inventory.forfeit(entry, 'lease.destroyed', 'lost');
      this.keeper.retire(entry, 'lost');
    });
    this.serve();
  }

  /** One step towards the end: whatever may go goes now. */
  #advance(closing: Closing): void {
    if (this.#isRejecting) this.#refuseAll();
    if (this.waiters.size > 0) return;
    this.keeper.abandonRuns(this.#endedError());
    this.keeper.clear();
    const { size, inUse } = this.keeper.inventory;
    if (size > inUse || (inUse > 0 && !closing.isDeadlinePassed)) return;
    this.#finish(closing);
  }

  /** Leases still out are told to stop, and listed. Whoever holds one may still give it back: it is destroyed then. */
  #onDeadline(closing: Closing): void {
    closing.abandoned = leaseInfos(
      this.keeper.inventory.entries(),
      epochClock(this.#pool.options().clock),
    );
    for (const { leaseId, controller } of this.keeper.inventory.entries()) {
      controller?.abort(new LeaseRevokedError(leaseId, 'closed'));
    }
    this.serve();
  }

  #finish(closing: Closing): void {
    const { name: pool, maxSize, minIdle } = this.#pool.options();
    this.status = 'closed';
    this.keeper.stop();
    this.waiters.stop();
    const result = closing.finish(this.stats.totalDestroyed);
    const { destroyed, abandoned } = result;
    this.#pool.bus.emit({
      type: 'pool.closed',
      pool,
      maxSize,
      minIdle,
      destroyed,
      abandoned: abandoned.length,
    });
    this.readiness.fail(new PoolClosedError(pool));
    this.#pool.onClosed(result);
  }
}

/**
 * An abort between the grant and the moment in which the caller hears of it still counts: the lease goes back. Costs one
 * more promise, but only for those who had to wait and brought a signal.
 */
async function unlessAborted<R>(
  granted: Promise<Lease<R>>,
  signal: AbortSignal,
): Promise<Lease<R>> {
  const lease = await granted;
  if (!signal.aborted) return lease;
  lease.release();
  throw signal.reason;
}
