import { Observable, type Observer, Subscriber, type Subscription, type TeardownLogic } from 'rxjs';

/** What an observer may be, as RxJS takes it. */
type Consumer<T> = Partial<Observer<T>> | ((value: T) => void) | null | undefined;

/**
 * An `Observable` whose plain observers may throw without harming anybody: RxJS alone would turn the throw into an
 * uncaught exception, which ends a Node process. The first throw of each subscription is reported; delivery goes on.
 * What is piped from it is guarded too; what is combined by a function (`merge(a$, b$)`) is not.
 *
 * Operators subscribe with a `Subscriber` of their own, which RxJS already guards; it passes through untouched.
 */
export class GuardedObservable<T> extends Observable<T> {
  readonly #report: (error: unknown) => void;

  /** `report` hears of each observer's first throw. What `report` itself throws is dropped. */
  constructor(
    subscribe: (subscriber: Subscriber<T>) => TeardownLogic,
    report: (error: unknown) => void,
  ) {
    super(subscribe);
    this.#report = report;
  }

  override subscribe(observer?: Consumer<T>): Subscription;
  override subscribe(
    next?: ((value: T) => void) | null,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription;
  override subscribe(
    consumer?: Consumer<T>,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription {
    if (consumer instanceof Subscriber) return super.subscribe(consumer);
    const observer =
      typeof consumer === 'object' && consumer !== null
        ? consumer
        : {
            next: consumer ?? undefined,
            error: error ?? undefined,
            complete: complete ?? undefined,
          };
    return super.subscribe(guarded(observer, this.#report));
  }

  /** Pipes as RxJS does, and guards the observers of the result. Seen as `Observable`, it has all of RxJS's signatures. */
  override pipe(...operators: ((source: never) => unknown)[]): never {
    const piped = operators.reduce<unknown>((source, operator) => operator(source as never), this);
    if (!(piped instanceof Observable)) return piped as never;
    return new GuardedObservable(
      (subscriber) => piped.subscribe(subscriber),
      this.#report,
    ) as never;
  }
}

/** Wraps an observer so that its throws are reported, the first one only. Without an error handler, errors are reported. */
function guarded<T>(
  observer: { [K in keyof Observer<T>]?: Observer<T>[K] | undefined },
  report: (error: unknown) => void,
): Observer<T> {
  let isReported = false;
  const reportOnce = (error: unknown): void => {
    if (isReported) return;
    isReported = true; // an observer that throws on every event would else report for ever
    attempt(() => report(error), ignore); // a report that throws has nobody left to tell
  };
  return {
    next: (value) => attempt(() => observer.next?.(value), reportOnce),
    error: (error) =>
      observer.error === undefined
        ? reportOnce(error)
        : attempt(() => observer.error?.(error), reportOnce),
    complete: () => attempt(() => observer.complete?.(), reportOnce),
  };
}

function attempt(act: () => void, onThrow: (error: unknown) => void): void {
  try {
    act();
  } catch (error) {
    onThrow(error);
  }
}

function ignore(): void {}
