import type { Clock } from '../base/clock.ts';

/** How a bounded run ended. */
export type Outcome<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'failed'; readonly error: unknown };

/** What bounds a run, and who hears of it. */
export interface BoundedRun<T> {
  readonly work: (signal: AbortSignal) => T | PromiseLike<T>;
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** Whether the limit lets a Node process end while it runs. */
  readonly unref: boolean;
  /** Says what the timeout is reported as. */
  readonly onTimeout: () => unknown;
  /** Hears of the end, exactly once: in the same turn when `work` returns a plain value or throws. */
  readonly onEnd: (outcome: Outcome<T>) => void;
  /** Receives a value that arrives after the end. Without it the value is dropped. */
  readonly onLate?: ((value: T) => void) | undefined;
}

/**
 * Runs a user's function under a time limit. At the limit, or when the returned function is called, the signal is
 * aborted and the run has ended, whether or not the function listens. No rejection is left unhandled.
 */
export function runBounded<T>(run: BoundedRun<T>): (reason: unknown) => void {
  const controller = new AbortController();
  let isOver = false;
  let stopTimer = nothing;

  const end = (outcome: Outcome<T>): void => {
    if (isOver) return;
    isOver = true;
    stopTimer();
    run.onEnd(outcome);
  };
  const abort = (reason: unknown): void => {
    if (isOver) return;
    end({ kind: 'failed', error: reason });
    controller.abort(reason);
  };
  const settle = (value: T): void => {
    if (isOver) run.onLate?.(value);
    else end({ kind: 'done', value });
  };
  const fail = (error: unknown): void => end({ kind: 'failed', error });

  let answer: T | PromiseLike<T>;
  try {
    answer = run.work(controller.signal);
  } catch (error) {
    fail(error);
    return abort;
  }
  if (!isPromiseLike(answer)) {
    settle(answer);
    return abort;
  }
  stopTimer = run.clock.after(run.timeoutMs, () => abort(run.onTimeout()), { unref: run.unref });
  void Promise.resolve(answer).then(settle, fail); // both ways are handled
  return abort;
}

function isPromiseLike<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}

function nothing(): void {}
