import type { EventBus } from '../base/event-bus.ts';
import type { EventError } from '../events/event.ts';
import type { PoolEventDraft, RefusalReason } from '../events/pool-event.ts';
import type { WaitCounts } from './stats.ts';

/** One acquire that ended without a lease. */
export interface Refusal {
  readonly reason: RefusalReason;
  /** Absent when the caller was refused before it could wait. */
  readonly waiter?: number | undefined;
  readonly waitMs: number;
  /** Absent for an abort: its reason is the caller's own. */
  readonly error?: EventError | undefined;
}

/** Counts the acquires that end without a lease, and tells of each. */
export class Refusals {
  readonly #pool: string;
  readonly #bus: EventBus<PoolEventDraft>;
  #timedOut = 0;
  #aborted = 0;
  #refused = 0;

  constructor(pool: string, bus: EventBus<PoolEventDraft>) {
    this.#pool = pool;
    this.#bus = bus;
  }

  get counts(): Omit<WaitCounts, 'waiting'> {
    return {
      totalTimedOut: this.#timedOut,
      totalAborted: this.#aborted,
      totalRefused: this.#refused,
    };
  }

  /** Counts a refusal. The waiter has left the line by now. */
  add(refusal: Refusal): void {
    if (refusal.reason === 'timeout') this.#timedOut += 1;
    else if (refusal.reason === 'aborted') this.#aborted += 1;
    else this.#refused += 1;
    this.#bus.emit({ type: 'lease.refused', pool: this.#pool, ...refusal });
  }
}
