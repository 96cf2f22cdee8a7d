import type { Clock } from '../base/clock.ts';
import { type Deferred, deferred } from '../base/deferred.ts';
import type { LeaseInfo } from '../events/snapshot.ts';

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

/** The end of a pool: one result, and a deadline that later calls can only bring forward. */
export class Closing {
  /** How many resources had been destroyed when it began. */
  readonly destroyedBefore: number;
  abandoned: readonly LeaseInfo[] = [];
  isDeadlinePassed = false;
  isClose = false;
  servesWaiters = true;
  readonly #clock: Clock;
  readonly #result: Deferred<DrainResult> = deferred();
  #deadlineAt = Infinity;
  #cancelTimer: (() => void) | undefined;

  constructor(clock: Clock, destroyedBefore: number) {
    this.#clock = clock;
    this.destroyedBefore = destroyedBefore;
  }

  get result(): Promise<DrainResult> {
    return this.#result.promise;
  }

  /** Applies the terms of one more call: the sooner deadline and the harder treatment of waiters count. */
  tighten({ deadlineMs, waiters, isClose }: ClosingTerms, onDeadline: () => void): void {
    this.isClose ||= isClose;
    this.servesWaiters &&= waiters === 'serve';
    const deadlineAt = this.#clock.now() + deadlineMs;
    if (this.isDeadlinePassed || deadlineAt >= this.#deadlineAt) return;
    this.#cancelTimer?.();
    this.#deadlineAt = deadlineAt;
    const pass = (): void => {
      this.isDeadlinePassed = true;
      onDeadline();
    };
    if (deadlineMs === 0) pass();
    else this.#cancelTimer = this.#clock.after(deadlineMs, pass);
  }

  /** Settles the result. */
  finish(destroyed: number): DrainResult {
    this.#cancelTimer?.();
    const result = { destroyed: destroyed - this.destroyedBefore, abandoned: this.abandoned };
    this.#result.resolve(result);
    return result;
  }
}
