import type { Clock } from '../base/clock.ts';

/** How a coarse clock is made. */
export interface CoarseClockOptions {
  readonly clock: Clock;
  /** Hears that a tick began: the owner calls `endTick` after the length that it wants a tick to have. */
  readonly onTick: (now: number) => void;
}

/**
 * A clock that is cheap to read: the real one is read once a tick, and only if anybody asks. Reading the real clock costs
 * as much as half a checkout, so nobody does on the way of one, unless somebody looks at the times.
 */
export class CoarseClock {
  readonly #clock: Clock;
  readonly #onTick: (now: number) => void;
  #now = 0;
  #isTicking = false;

  constructor({ clock, onTick }: CoarseClockOptions) {
    this.#clock = clock;
    this.#onTick = onTick;
  }

  /** Reads monotonic milliseconds: those of now if `isExact`, else the whole ones at the beginning of the tick. */
  read(isExact: boolean): number {
    if (!this.#isTicking) this.#beginTick();
    return isExact ? this.#clock.now() : this.#now;
  }

  /** Ends the tick: the next reading begins another. */
  endTick(): void {
    this.#isTicking = false;
  }

  #beginTick(): void {
    this.#isTicking = true;
    const now = this.#clock.now();
    // Whole milliseconds are small integers, which cost nothing to keep; a fraction costs an allocation each time it is
    // written down, a quarter of a checkout.
    this.#now = Math.floor(now);
    this.#onTick(now);
  }
}
