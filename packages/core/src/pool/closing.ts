import { type Deferred, deferred } from '../base/deferred.ts';
import type { LeaseInfo } from '../events/snapshot.ts';
import type { PoolClosedError, PoolDrainingError } from './errors.ts';
import type { Keeper } from './keeper.ts';
import type { Leases } from './leases.ts';
import type { LiveOptions } from './options.ts';

/** What a drain or a close did. */
export interface DrainResult {
  /** How many resources were destroyed since it began. */
  readonly destroyed: number;
  /** The leases that were still out at the deadline, with their stacks when those are known. */
  readonly abandoned: readonly LeaseInfo[];
}

/** How a pool is to end. */
export interface ClosingTerms {
  /** How long leases are waited for, in milliseconds. */
  readonly deadlineMs: number;
  /** What happens to those who wait. */
  readonly waiters: 'serve' | 'reject';
  /** Whether it is a close: callers hear `PoolClosedError` rather than `PoolDrainingError`. */
  readonly isClose: boolean;
}

/** What the end of a pool needs of it. */
export interface ClosingOptions<R> {
  readonly live: LiveOptions<R>;
  readonly keeper: Keeper<R>;
  readonly leases: Leases<R>;
  /** How many wait. */
  readonly waiting: () => number;
  readonly refuseAll: () => void;
  readonly endedError: () => PoolClosedError | PoolDrainingError;
  /** The deadline has passed: there is a step to make. */
  readonly onDeadline: () => void;
}

/** The end of a pool: one result, and a deadline that later calls can only bring forward. */
export class Closing<R> {
  readonly #pool: ClosingOptions<R>;
  readonly #destroyedBefore: number;
  readonly #result: Deferred<DrainResult> = deferred();
  #abandoned: readonly LeaseInfo[] = [];
  #isClose = false;
  #servesWaiters = true;
  #deadlineAt = Infinity;
  #isDeadlinePassed = false;
  #cancelTimer: (() => void) | undefined;

  constructor(pool: ClosingOptions<R>) {
    this.#pool = pool;
    this.#destroyedBefore = pool.keeper.inventory.counts.totalDestroyed;
  }

  get result(): Promise<DrainResult> {
    return this.#result.promise;
  }

  /** Whether it is a close, or has become one. */
  get isClose(): boolean {
    return this.#isClose;
  }

  /** Whether those who wait are still served. */
  get servesWaiters(): boolean {
    return this.#servesWaiters && !this.#isDeadlinePassed;
  }

  /** Applies the terms of one more call: the sooner deadline and the harder treatment of waiters count. */
  tighten({ deadlineMs, waiters, isClose }: ClosingTerms): void {
    const { clock } = this.#pool.live.current;
    this.#isClose ||= isClose;
    this.#servesWaiters &&= waiters === 'serve';
    const deadlineAt = clock.now() + deadlineMs;
    if (this.#isDeadlinePassed || deadlineAt >= this.#deadlineAt) return;
    this.#cancelTimer?.();
    this.#deadlineAt = deadlineAt;
    if (deadlineMs === 0) this.#passDeadline();
    else this.#cancelTimer = clock.after(deadlineMs, () => this.#passDeadline());
  }

  /** One step: whatever may go goes now. Gives the result once nothing is left to wait for. */
  advance(): DrainResult | undefined {
    const { keeper, waiting, refuseAll, endedError } = this.#pool;
    if (!this.servesWaiters) refuseAll();
    if (waiting() > 0) return undefined;
    keeper.abandonRuns(endedError());
    keeper.clear();
    const { size, inUse } = keeper.inventory;
    if (size > inUse || (inUse > 0 && !this.#isDeadlinePassed)) return undefined;
    return this.#finish();
  }

  #passDeadline(): void {
    this.#isDeadlinePassed = true;
    this.#abandoned = this.#pool.leases.abandon();
    this.#pool.onDeadline();
  }

  #finish(): DrainResult {
    this.#cancelTimer?.();
    const { totalDestroyed } = this.#pool.keeper.inventory.counts;
    const result = {
      destroyed: totalDestroyed - this.#destroyedBefore,
      abandoned: this.#abandoned,
    };
    this.#result.resolve(result);
    return result;
  }
}
