import type { Observable, Subscriber } from 'rxjs';
import { GuardedObservable } from './guarded-observable.ts';
import { Trampoline } from './trampoline.ts';

/** How a state cell reports. */
export interface StateCellOptions {
  /** Hears of a subscriber that threw, once for each. Default: nobody. */
  readonly onObserverError?: ((error: unknown) => void) | undefined;
}

/**
 * One value over time. `changes$` gives every subscriber the latest value at once, also after the end, then each change,
 * in the order in which it was made: a value set from inside a subscriber is delivered after the one under way. Should
 * more than 65,536 wait so, the oldest are left out: a state is worth nothing once it has passed.
 */
export class StateCell<T> {
  readonly changes$: Observable<T>;

  #value: T;
  /** What subscribers have been told: behind `#value` while a delivery is under way. */
  #told: T;
  #subscribers: readonly Subscriber<T>[] = [];
  readonly #deliveries: Trampoline<T>;
  #isEnded = false;

  constructor(initial: T, options: StateCellOptions = {}) {
    this.#value = initial;
    this.#told = initial;
    this.#deliveries = new Trampoline((value) => this.#tell(value), { overflow: 'drop-oldest' });
    this.changes$ = new GuardedObservable<T>(
      (subscriber) => this.#subscribe(subscriber),
      options.onObserverError ?? ignore,
    );
  }

  /** The latest value. */
  get value(): T {
    return this.#value;
  }

  /** Sets the value and tells everyone, unless it is the one already there. Does nothing after `end`. */
  set(next: T): void {
    if (this.#isEnded || Object.is(next, this.#value)) return;
    this.#value = next;
    this.#deliveries.post(next);
    this.#completeIfEnded();
  }

  /** Completes `changes$`. Late subscribers still get the last value, then the completion. */
  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#completeIfEnded();
  }

  #subscribe(subscriber: Subscriber<T>): () => void {
    // Held back: a change that the subscriber makes at once must find it among the subscribers.
    this.#deliveries.hold(() => {
      subscriber.next(this.#told);
      this.#subscribers = [...this.#subscribers, subscriber];
    });
    this.#completeIfEnded();
    return () => {
      this.#subscribers = this.#subscribers.filter((other) => other !== subscriber);
    };
  }

  #tell(value: T): void {
    this.#told = value;
    for (const subscriber of this.#subscribers) subscriber.next(value);
  }

  /** Completion waits for the changes before it, as any other delivery does. */
  #completeIfEnded(): void {
    if (!this.#isEnded || this.#deliveries.isRunning) return;
    const subscribers = this.#subscribers;
    this.#subscribers = [];
    for (const subscriber of subscribers) subscriber.complete();
  }
}

function ignore(): void {}
