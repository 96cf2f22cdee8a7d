import type { EventBus } from '../base/event-bus.ts';
import type { EventError } from '../events/event.ts';
import type { PoolEventDraft, RefusalReason } from '../events/pool-event.ts';
import type { PoolStats } from '../events/snapshot.ts';
import { PoolAcquireTimeoutError, PoolQueueFullError, PoolShedError } from './errors.ts';
import type { Lease } from './lease.ts';
import type { LiveOptions } from './options.ts';
import type { WaitCounts } from './stats.ts';
import type { Waiter } from './waiter.ts';

/** One acquire that ended without a lease. */
export interface Refusal {
  readonly reason: RefusalReason;
  /** Absent when the caller was refused before it could wait. */
  readonly waiter?: number | undefined;
  readonly waitMs: number;
  /** Absent for an abort: its reason is the caller's own. */
  readonly error?: EventError | undefined;
}

/** What refusals need of their pool. */
export interface RefusalsOptions<R> {
  readonly live: LiveOptions<R>;
  readonly bus: EventBus<PoolEventDraft>;
  readonly stats: () => PoolStats;
  /** The error of the last create, if it failed. */
  readonly lastCreateError: () => unknown;
}

/** Refuses callers: makes the error, counts it, and tells of it. */
export class Refusals<R> {
  readonly #pool: RefusalsOptions<R>;
  #timedOut = 0;
  #aborted = 0;
  #refused = 0;

  constructor(pool: RefusalsOptions<R>) {
    this.#pool = pool;
  }

  get counts(): Omit<WaitCounts, 'waiting'> {
    return {
      totalTimedOut: this.#timedOut,
      totalAborted: this.#aborted,
      totalRefused: this.#refused,
    };
  }

  /** Counts a refusal, and tells of it. */
  add(refusal: Refusal): void {
    if (refusal.reason === 'timeout') this.#timedOut += 1;
    else if (refusal.reason === 'aborted') this.#aborted += 1;
    else this.#refused += 1;
    const { bus, live } = this.#pool;
    if (bus.isObserved) bus.emit({ type: 'lease.refused', pool: live.current.name, ...refusal });
  }

  /** Refuses a caller who has left the line. Whoever takes a waiter out is the one to settle it: so it ends once. */
  refuse<P>(waiter: Waiter<Lease<R>, P>, reason: RefusalReason, error: unknown): void {
    const waitMs = this.#pool.live.current.clock.now() - waiter.since;
    this.#addWith(error, { reason, waiter: waiter.id, waitMs });
    waiter.reject(error);
  }

  /** Refuses a caller before it has waited. */
  atDoor(reason: RefusalReason, error: unknown): Promise<never> {
    this.#addWith(error, { reason, waitMs: 0 });
    return Promise.reject(error);
  }

  /** The time of a caller is up. */
  timeout(waitedMs: number, timeoutMs: number): PoolAcquireTimeoutError {
    const cause = this.#pool.lastCreateError();
    return new PoolAcquireTimeoutError(this.#moment(waitedMs), timeoutMs, cause);
  }

  /** As many wait as may. */
  queueFull(): PoolQueueFullError {
    return new PoolQueueFullError(this.#moment(0), this.#pool.live.current.maxWaiters);
  }

  /** The pool is overloaded. */
  shed(waitedMs: number): PoolShedError {
    return new PoolShedError(this.#moment(waitedMs));
  }

  #moment(waitedMs: number): ConstructorParameters<typeof PoolShedError>[0] {
    return { pool: this.#pool.live.current.name, stats: this.#pool.stats(), waitedMs };
  }

  #addWith(error: unknown, refusal: Refusal): void {
    const isTold = this.#pool.bus.isObserved && refusal.reason !== 'aborted';
    this.add(
      isTold ? { ...refusal, error: this.#pool.live.current.describeError(error) } : refusal,
    );
  }
}
