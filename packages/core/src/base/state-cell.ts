import type { Observable, Subscriber } from 'rxjs';
import { GuardedObservable } from './guarded-observable.ts';

/** How a state cell reports. */
export interface StateCellOptions {
  /** Hears of a subscriber that threw, once for each. Default: nobody. */
  readonly onObserverError?: ((error: unknown) => void) | undefined;
}

/**
 * One value over time. `changes$` gives every subscriber the latest value at once, also after the end, then each change,
 * in the order in which it was made: a value set from inside a subscriber is delivered after the one under way.
 */
export class StateCell<T> {
  readonly changes$: Observable<T>;

  #value: T;
  /** What subscribers have been told: behind `#value` while a delivery is under way. */
  #told: T;
  #subscribers: readonly Subscriber<T>[] = [];
  readonly #pending: T[] = [];
  #isDelivering = false;
  #isEnded = false;

  constructor(initial: T, options: StateCellOptions = {}) {
    this.#value = initial;
    this.#told = initial;
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
    this.#pending.push(next);
    this.#deliver();
  }

  /** Completes `changes$`. Late subscribers still get the last value, then the completion. */
  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#deliver();
  }

  #subscribe(subscriber: Subscriber<T>): () => void {
    subscriber.next(this.#told);
    if (this.#isEnded && !this.#isDelivering) {
      subscriber.complete();
      return ignore;
    }
    this.#subscribers = [...this.#subscribers, subscriber];
    return () => {
      this.#subscribers = this.#subscribers.filter((other) => other !== subscriber);
    };
  }

  /** A trampoline: values set from inside a subscriber wait until the one under way has reached everyone. */
  #deliver(): void {
    if (this.#isDelivering) return;
    this.#isDelivering = true;
    while (this.#pending.length > 0) {
      this.#told = this.#pending.shift() as T;
      for (const subscriber of this.#subscribers) subscriber.next(this.#told);
    }
    this.#isDelivering = false;
    if (!this.#isEnded) return;
    const subscribers = this.#subscribers;
    this.#subscribers = [];
    for (const subscriber of subscribers) subscriber.complete();
  }
}

function ignore(): void {}
