import type { Clock } from '../base/clock.ts';

/** How an alarm is made. */
export interface AlarmOptions {
  readonly clock: Clock;
  /** Whether it lets a Node process end while it is set. */
  readonly unref: boolean;
  /**
   * Runs at each ring: `now`, and how many milliseconds after the moment it was set for. Timers of some runtimes fire up to a
   * millisecond early: then nothing is due yet, and who has set it sets it again.
   */
  readonly onRing: (now: number, lateMs: number) => void;
}

/**
 * One timer for the earliest of many moments. It is armed anew only when an earlier moment comes up; a moment that
 * became pointless costs no timer call, only a ring that finds nothing to do.
 */
export class Alarm {
  readonly #clock: Clock;
  readonly #unref: boolean;
  readonly #onRing: (now: number, lateMs: number) => void;
  #setFor = Infinity;
  #cancel: (() => void) | undefined;

  constructor({ clock, unref, onRing }: AlarmOptions) {
    this.#clock = clock;
    this.#unref = unref;
    this.#onRing = onRing;
  }

  /** Makes sure that it rings at `dueAt` or before, in monotonic milliseconds. `now` spares a reading of the clock. */
  ringBy(dueAt: number, now: number): void {
    if (dueAt >= this.#setFor) return;
    this.#cancel?.();
    this.#setFor = dueAt;
    this.#cancel = this.#clock.after(Math.max(0, dueAt - now), () => this.#ring(), {
      unref: this.#unref,
    });
  }

  /** Forgets the moment it was set for. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#setFor = Infinity;
  }

  #ring(): void {
    const setFor = this.#setFor;
    this.#setFor = Infinity;
    this.#cancel = undefined;
    const now = this.#clock.now();
    this.#onRing(now, now - setFor);
  }
}
