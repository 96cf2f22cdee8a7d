import type { Clock } from '../base/clock.ts';
import type { ResolvedSendRate } from './options.ts';

/** Counts the sends of the last `intervalMs`. What only shows growth leaves the reserve to final pieces. */
export class SendBudget {
  readonly #clock: Clock;
  readonly #rate: () => ResolvedSendRate | undefined;
  /** When the last sends were, in monotonic milliseconds, the oldest first. */
  #sends: number[] = [];

  constructor(clock: Clock, rate: () => ResolvedSendRate | undefined) {
    this.#clock = clock;
    this.#rate = rate;
  }

  /** How long to wait before one more send, in milliseconds. 0: it may go now. */
  waitMs(isFinal: boolean): number {
    const rate = this.#rate();
    if (rate === undefined) return 0;
    const now = this.#clock.now();
    this.#sends = this.#sends.filter((at) => at > now - rate.intervalMs);
    const most = isFinal ? rate.limit : Math.max(1, rate.limit - rate.reserve);
    const blocking = this.#sends[this.#sends.length - most];
    return blocking === undefined ? 0 : blocking + rate.intervalMs - now;
  }

  /** Counts a send. */
  spend(): void {
    if (this.#rate() !== undefined) this.#sends.push(this.#clock.now());
  }
}
