import { type SchedulerAction, type SchedulerLike, Subscription } from 'rxjs';
import type { Clock } from './clock.ts';

/**
 * Lets RxJS operators (`timer`, `delay`, `timeout`, …) run on a `Clock`. RxJS's own scheduler uses intervals, cannot let
 * a Node process end, and allocates per timer; this one arms one clock timer per wait.
 */
export function asScheduler(clock: Clock): SchedulerLike {
  return {
    now: () => clock.now(),
    schedule<T>(
      work: (this: SchedulerAction<T>, state?: T) => void,
      delayMs = 0,
      state?: T,
    ): Subscription {
      const action = new ClockAction<T>(clock, work);
      return action.schedule(state, delayMs);
    },
  };
}

/** One scheduled piece of work, which may schedule itself again from inside. */
class ClockAction<T> extends Subscription implements SchedulerAction<T> {
  readonly #clock: Clock;
  readonly #work: (this: SchedulerAction<T>, state?: T) => void;
  #cancel: () => void = noTimer;

  constructor(clock: Clock, work: (this: SchedulerAction<T>, state?: T) => void) {
    super(() => this.#cancel());
    this.#clock = clock;
    this.#work = work;
  }

  schedule(state?: T, delayMs = 0): Subscription {
    if (this.closed) return this;
    this.#cancel();
    this.#cancel = this.#clock.after(Math.max(0, delayMs), () => {
      this.#cancel = noTimer;
      this.#work.call(this, state);
      if (this.#cancel === noTimer) this.unsubscribe();
    });
    return this;
  }
}

function noTimer(): void {}
