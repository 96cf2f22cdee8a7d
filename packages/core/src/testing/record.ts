import '../base/dispose.ts';
import type { Clock } from '../base/clock.ts';

/** Anything that can be subscribed to: an Observable, or what looks like one. */
export interface Recordable<T> {
  subscribe(observer: { next(value: T): void; error(error: unknown): void; complete(): void }): {
    unsubscribe(): void;
  };
}

/** One value of a stream, and when it came, in monotonic milliseconds of the clock. */
export interface Recorded<T> {
  readonly at: number;
  readonly value: T;
}

/** A stream as an array that grows while it goes on. */
export interface Recording<T> extends Disposable {
  readonly entries: readonly Recorded<T>[];
  /** The values alone. */
  readonly values: readonly T[];
  /** How the stream stands. */
  readonly end: RecordingEnd;
  /** Unsubscribes. What was recorded stays. */
  stop(): void;
}

/** Whether a recorded stream goes on, or how and when it ended. */
export type RecordingEnd =
  | { readonly kind: 'open' }
  | { readonly kind: 'completed'; readonly at: number }
  | { readonly kind: 'failed'; readonly at: number; readonly error: unknown };

/** Subscribes to a stream and records each value with its time, until it ends or `stop` is called. */
export function record<T>(stream: Recordable<T>, clock: Clock): Recording<T> {
  const entries: Recorded<T>[] = [];
  const values: T[] = [];
  let end: RecordingEnd = { kind: 'open' };
  const subscription = stream.subscribe({
    next(value) {
      entries.push({ at: clock.now(), value });
      values.push(value);
    },
    error(error) {
      end = { kind: 'failed', at: clock.now(), error };
    },
    complete() {
      end = { kind: 'completed', at: clock.now() };
    },
  });
  const stop = (): void => subscription.unsubscribe();
  return {
    entries,
    values,
    get end() {
      return end;
    },
    stop,
    [Symbol.dispose]: stop,
  };
}
