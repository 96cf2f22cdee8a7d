import type { Observable, ObservableInput } from 'rxjs';
import { EventBus, type EventStamp } from '../base/event-bus.ts';
import type { PoolEventDraft } from '../events/pool-event.ts';
import type { LeaseInfo, PoolSnapshot, PoolStats } from '../events/snapshot.ts';
import { type BorrowedContext, checkout, lendTo, type Lending, streamFrom } from './borrowing.ts';
import type { DrainResult } from './closing.ts';
import { Desk } from './desk.ts';
import type { Borrower } from './entry.ts';
import type { Lease } from './lease.ts';
import type { AcquireOptions, LiveOptions, PoolOptions, PoolTuning } from './options.ts';
import {
  checkAcquireOptions,
  checkPause,
  patchPoolOptions,
  resolvePoolOptions,
} from './resolve-options.ts';
import { StatsStream } from './stats-stream.ts';
import { epochClock, leaseInfos, slotSnapshot, waiterSnapshots } from './stats.ts';

/** Anything that happens in a pool, stamped. */
export type PoolEvent = PoolEventDraft & EventStamp;

/** How a pool is drained. */
export interface DrainOptions {
  /** How long leases are waited for, in milliseconds, at least 0. @defaultValue 30_000 */
  readonly deadlineMs?: number | undefined;
  /** Whether those who wait are still served, or rejected at once. @defaultValue `'reject'` */
  readonly waiters?: 'serve' | 'reject' | undefined;
}

/** How a pool is closed. */
export interface CloseOptions {
  /** How long leases are waited for, in milliseconds, at least 0. @defaultValue 0 */
  readonly deadlineMs?: number | undefined;
}

/** How resources are replaced. */
export interface EvictOptions {
  /** Over how many milliseconds the replacements are spread, at least 0. @defaultValue 0 */
  readonly spreadMs?: number | undefined;
}

/** How long `drain` waits by default, in milliseconds. */
const DRAIN_DEADLINE_MS = 30_000;

/**
 * Lends resources that are dear to make or scarce: at most `maxSize` of them, to whoever came first. Nothing is created
 * before the first acquire or `ready()`.
 *
 * ```ts
 * const pool = new Pool({ create: () => connect(url), destroy: (socket) => socket.end(), maxSize: 20 });
 * const rows = await pool.use((socket) => query(socket, 'select 1'));
 * ```
 */
export class Pool<R> implements AsyncDisposable {
  /** What events and errors call it. */
  readonly name: string;
  /** Where its events come from: for an owner that attaches them to a bus of its own. */
  readonly bus: EventBus<PoolEventDraft>;
  /** What happens in it, from subscription on. */
  readonly events$: Observable<PoolEvent>;
  /** Its counts: now, then whenever they have changed, looked at every `statsIntervalMs`. Completes when it has closed. */
  readonly stats$: Observable<PoolStats>;

  readonly #live: LiveOptions<R>;
  readonly #desk: Desk<R>;
  readonly #lending: Lending<R>;

  /** @throws {TypeError} naming the key, for an unknown option or a value that it cannot have. */
  constructor(options: PoolOptions<R>) {
    this.#live = { current: resolvePoolOptions(options) };
    const { name, clock, random } = this.#live.current;
    this.name = name;
    this.bus = new EventBus<PoolEventDraft>({ clock, random });
    this.events$ = this.bus.events$;
    const stats = new StatsStream({ read: () => this.stats(), live: this.#live });
    this.stats$ = stats.values$;
    this.#desk = new Desk<R>({ live: this.#live, bus: this.bus, onClosed: () => stats.end() });
    this.#lending = {
      tryAcquire: (acquire) => this.#desk.lend(borrowerOf(acquire)),
      acquire: (acquire) => this.#desk.wait(acquire),
      isBroken: (error) => this.#live.current.isBroken(error),
    };
  }

  /** Whether it takes no more work for good: `close` was called, or a drain has ended. */
  get isClosed(): boolean {
    return this.#desk.isClosed;
  }

  /**
   * Lends a resource, as soon as there is one and everybody who came before is served. The lease is the caller's to end.
   *
   * @throws {PoolAcquireTimeoutError} when nothing came free in time.
   * @throws {PoolQueueFullError} when `maxWaiters` wait already.
   * @throws {PoolShedError} when the pool is overloaded and sheds load.
   * @throws {PoolCreateError} when a create failed and `createFailure` is `'fail'`.
   * @throws {PoolDrainingError} {PoolClosedError} when the pool takes no more work.
   * @throws `signal.reason`, untouched, when the signal is aborted first.
   */
  acquire(options?: AcquireOptions): Promise<Lease<R>> {
    if (options !== undefined) checkAcquireOptions(options);
    if (options?.signal?.aborted === true) return Promise.reject(options.signal.reason);
    const lease = this.#desk.lend(borrowerOf(options));
    return lease === undefined ? this.#desk.wait(options) : Promise.resolve(lease);
  }

  /**
   * Lends an idle resource at once, or nothing: when none is idle, somebody waits, or the pool is not open. One whose check is
   * due is not lent; its check is started, so that a later call gets it.
   */
  tryAcquire(options?: AcquireOptions): Lease<R> | undefined {
    if (options !== undefined) checkAcquireOptions(options);
    return this.#desk.lend(borrowerOf(options));
  }

  /**
   * Lends a resource to `work` and takes it back whatever happens. An error that broke the resource
   * (`options.isBroken`) destroys it; after any other it is lent again. The caller sees either error as it was.
   *
   * @throws whatever `acquire` throws, and whatever `work` does.
   */
  use<T>(
    work: (resource: R, context: BorrowedContext) => T | PromiseLike<T>,
    options?: AcquireOptions,
  ): Promise<T> {
    if (options !== undefined) checkAcquireOptions(options);
    return lendTo(this.#lending, work, options);
  }

  /**
   * Possession as a subscription: acquires on subscribe, emits the resource, and gives it back on unsubscribe. It never
   * completes; it errors when nothing could be acquired or the lease was revoked.
   */
  checkout(options?: AcquireOptions): Observable<R> {
    if (options !== undefined) checkAcquireOptions(options);
    return checkout(this.#lending, options);
  }

  /**
   * Streams from a borrowed resource: acquires on subscribe, and gives it back once, when the stream completes, errors or is
   * unsubscribed. Each subscription borrows for itself.
   */
  stream<T>(
    work: (resource: R, context: BorrowedContext) => ObservableInput<T>,
    options?: AcquireOptions,
  ): Observable<T> {
    if (options !== undefined) checkAcquireOptions(options);
    return streamFrom(this.#lending, work, options);
  }

  /**
   * Creates until `minIdle` resources are idle, as far as those in use leave room, and resolves then.
   *
   * @throws {PoolCreateError} when a create failed and `createFailure` is `'fail'`.
   * @throws {PoolClosedError} when the pool closes first.
   */
  ready(): Promise<void> {
    const isReady = this.#desk.readiness.wait();
    this.#desk.serve();
    return isReady;
  }

  /**
   * Changes how many resources there may be. Idle ones beyond it go at once, lent ones when they come back.
   *
   * @throws {TypeError} when `maxSize` is not an integer of at least 1.
   */
  resize(maxSize: number): void {
    const minIdle = Math.min(this.#live.current.minIdle, maxSize);
    this.updateOptions({ maxSize, minIdle });
  }

  /**
   * Changes options while the pool runs. What is not given stays.
   *
   * @throws {TypeError} naming the key, for one that is unknown or cannot change, or a value that it cannot have.
   */
  updateOptions(patch: PoolTuning<R>): void {
    this.#live.current = patchPoolOptions(this.#live.current, patch);
    this.#desk.applyOptions();
    this.#desk.keeper.wake();
    this.#desk.tell('pool.resized');
    this.#desk.serve();
  }

  /** Replaces all resources: idle ones now, lent ones when they come back; over `spreadMs` when that is given. */
  evict({ spreadMs = 0 }: EvictOptions = {}): void {
    checkPause(spreadMs, 'spreadMs');
    this.#desk.keeper.evict(spreadMs);
    this.#desk.serve();
  }

  /** Lends and creates no more until `resume`. Callers wait as long as they would; leases can be given back. */
  suspend(): void {
    this.#desk.suspend();
  }

  /** Ends a suspension and serves who waits, in order. */
  resume(): void {
    this.#desk.resume();
  }

  /**
   * Takes no more work, waits for what is lent up to the deadline, destroys everything, and tells what was left. Calling
   * it again, or `close`, can bring the deadline forward; all calls get the same result.
   */
  drain({
    deadlineMs = DRAIN_DEADLINE_MS,
    waiters = 'reject',
  }: DrainOptions = {}): Promise<DrainResult> {
    checkPause(deadlineMs, 'deadlineMs');
    return this.#desk.end({ deadlineMs, waiters, isClose: false });
  }

  /** Drains without waiting, unless a deadline is given. What is lent is abandoned and listed, and told by its signal. */
  close({ deadlineMs = 0 }: CloseOptions = {}): Promise<DrainResult> {
    checkPause(deadlineMs, 'deadlineMs');
    return this.#desk.end({ deadlineMs, waiters: 'reject', isClose: true });
  }

  /** Closes, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** The counts at this moment. */
  stats(): PoolStats {
    return this.#desk.stats;
  }

  /** The leases that have not ended, by slot. */
  leases(): readonly LeaseInfo[] {
    return leaseInfos(this.#desk.keeper.inventory.entries(), epochClock(this.#live.current.clock));
  }

  /** Takes a lease away from its holder: its signal aborts, its resource is destroyed. Says whether there was such a lease. */
  revoke(leaseId: number): boolean {
    return this.#desk.leases.revoke(leaseId, 'hand');
  }

  /** The whole pool as plain JSON, taken in one step. */
  snapshot(): PoolSnapshot {
    const { keeper, status, stats, limits } = this.#desk;
    const toEpoch = epochClock(this.#live.current.clock);
    const listed = waiterSnapshots(this.#desk.inLine(), toEpoch);
    const cut = stats.waiting - listed.length;
    return {
      name: this.name,
      status,
      stats,
      options: limits,
      slots: keeper.inventory.entries().map((entry) => slotSnapshot(entry, toEpoch)),
      waiters: listed,
      ...(cut > 0 ? { waitersCut: cut } : {}),
    };
  }
}

/** What is kept of a caller for as long as its lease lasts: nothing, for most. */
function borrowerOf(options: AcquireOptions | undefined): Borrower | undefined {
  if (options?.label === undefined && options?.tenant === undefined) return undefined;
  return { label: options.label, tenant: options.tenant };
}
