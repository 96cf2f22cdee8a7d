import type { Observable, Subscriber } from 'rxjs';
import type { Clock } from '../base/clock.ts';
import { GuardedObservable } from '../base/guarded-observable.ts';
import type { PoolStats } from '../events/snapshot.ts';
import { sameStats } from './stats.ts';

/** What is sampled, and how often. */
export interface StatsStreamOptions {
  readonly read: () => PoolStats;
  readonly live: {
    readonly current: { readonly clock: Clock; readonly statsIntervalMs: number };
  };
}

/** Samples of a pool's counts. One timer for each subscription, none without. */
export class StatsStream {
  readonly values$: Observable<PoolStats>;
  readonly #source: StatsStreamOptions;
  readonly #subscribers = new Set<Subscriber<PoolStats>>();
  #isEnded = false;

  constructor(source: StatsStreamOptions) {
    this.#source = source;
    this.values$ = new GuardedObservable(
      (subscriber) => this.#sample(subscriber),
      () => {}, // a subscriber that throws harms nobody else, and there is nobody to tell
    );
  }

  /** Gives everybody the last counts, and completes. */
  end(): void {
    this.#isEnded = true;
    for (const subscriber of this.#subscribers) {
      subscriber.next(this.#source.read());
      subscriber.complete();
    }
  }

  #sample(subscriber: Subscriber<PoolStats>): () => void {
    let last = this.#source.read();
    let cancel: (() => void) | undefined;
    subscriber.next(last);
    if (this.#isEnded) {
      subscriber.complete();
      return () => {};
    }
    const look = (): void => {
      const stats = this.#source.read();
      if (!sameStats(stats, last)) {
        last = stats;
        subscriber.next(stats);
      }
      if (!subscriber.closed) arm();
    };
    const arm = (): void => {
      const { clock, statsIntervalMs } = this.#source.live.current;
      cancel = clock.after(statsIntervalMs, look, { unref: true });
    };
    arm();
    this.#subscribers.add(subscriber);
    return () => {
      cancel?.();
      this.#subscribers.delete(subscriber);
    };
  }
}
