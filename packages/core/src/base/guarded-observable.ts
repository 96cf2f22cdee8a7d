import { Observable, type Observer, Subscriber, type Subscription, type TeardownLogic } from 'rxjs';

/** What an observer may be, as RxJS takes it. */
type Consumer<T> = Partial<Observer<T>> | ((value: T) => void) | null | undefined;

/**
 * An `Observable` whose plain observers may throw without harming anybody: RxJS alone would turn the throw into an
 * uncaught exception, which ends a Node process. The first throw of each subscription is reported; delivery goes on.
 *
 * Operators subscribe with a `Subscriber` of their own, which RxJS already guards; it passes through untouched.
 */
export class GuardedObservable<T> extends Observable<T> {
  readonly #report: (error: unknown) => void;

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
    report(error);
  };
  return {
    next(value): void {
      try {
        observer.next?.(value);
      } catch (thrown) {
        reportOnce(thrown);
      }
    },
    error(error): void {
      try {
        if (observer.error === undefined) reportOnce(error);
        else observer.error(error);
      } catch (thrown) {
        reportOnce(thrown);
      }
    },
    complete(): void {
      try {
        observer.complete?.();
      } catch (thrown) {
        reportOnce(thrown);
      }
    },
  };
}
