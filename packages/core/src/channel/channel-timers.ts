import type { Clock } from '../base/clock.ts';
import type { ChannelTimer } from './channel-input.ts';

/** The timers of one channel: at most one of each kind. */
export class ChannelTimers {
  readonly #clock: Clock;
  readonly #running = new Map<
    ChannelTimer,
    { readonly dueAt: number; readonly cancel: () => void }
  >();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Sets a timer anew. Only a deadline is never put off: the earliest one asked for counts. */
  set(timer: ChannelTimer, delayMs: number, onElapsed: () => void): void {
    const running = this.#running.get(timer);
    const dueAt = this.#clock.now() + delayMs;
    if (timer === 'deadline' && running !== undefined && running.dueAt <= dueAt) return;
    running?.cancel();
    const cancel = this.#clock.after(delayMs, () => {
      this.#running.delete(timer);
      onElapsed();
    });
    this.#running.set(timer, { dueAt, cancel });
  }

  /** Cancels all. */
  clear(): void {
    for (const { cancel } of this.#running.values()) cancel();
    this.#running.clear();
  }
}
