import './dispose.ts';
import { Observable } from 'rxjs';

/** A signal that never aborts, for callers that gave none. */
export const neverAborted: AbortSignal = new AbortController().signal;

/**
 * Emits once, `signal.reason`, when the signal is aborted, at once when it already is, and completes. Made for
 * `takeUntil`; unsubscribing removes the listener.
 */
export function aborted(signal: AbortSignal): Observable<unknown> {
  return new Observable((subscriber) => {
    const onAbort = (): void => {
      subscriber.next(signal.reason);
      subscriber.complete();
    };
    if (signal.aborted) {
      onAbort();
      return undefined;
    }
    signal.addEventListener('abort', onAbort);
    return () => signal.removeEventListener('abort', onAbort);
  });
}

/**
 * Waits for `promise` or for the abort, whichever is first. The promise itself goes on; its late failure is swallowed
 * here, since the caller has left. No listener outlives the wait.
 *
 * @throws `signal.reason`, untouched, when the signal is aborted first.
 */
export async function abortable<T>(
  promise: PromiseLike<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (signal === undefined) return promise;
  let stopListening = noListener;
  const left = new Promise<never>((_, reject) => {
    stopListening = onAbort(signal, reject);
  });
  try {
    return await Promise.race([left, promise]); // left first: an abort before the wait wins it
  } finally {
    stopListening();
  }
}

/**
 * Calls `listener` with the reason once the signal is aborted; at once, synchronously, when it already is.
 * Returns a function that stops listening.
 */
export function onAbort(
  signal: AbortSignal | undefined,
  listener: (reason: unknown) => void,
): () => void {
  if (signal === undefined) return noListener;
  if (signal.aborted) {
    listener(signal.reason);
    return noListener;
  }
  const heard = (): void => listener(signal.reason);
  signal.addEventListener('abort', heard, { once: true });
  return () => signal.removeEventListener('abort', heard);
}

/** An abort controller that follows other signals until it is disposed of. */
export interface LinkedAbort extends Disposable {
  /** Aborts when any of the followed signals does, or when `abort` is called. */
  readonly signal: AbortSignal;
  /** Aborts this link alone. */
  abort(reason?: unknown): void;
}

/**
 * Links several signals into one that can also be aborted by itself. Unlike `AbortSignal.any` the listeners are removed
 * at a known moment: at the first abort, or on disposal, which never aborts.
 */
export function linkedAbort(...signals: readonly (AbortSignal | undefined)[]): LinkedAbort {
  const controller = new AbortController();
  const stops: (() => void)[] = [];
  const stopListening = (): void => {
    for (const stop of stops.splice(0)) stop();
  };
  const abort = (reason?: unknown): void => {
    stopListening();
    controller.abort(reason);
  };
  for (const signal of signals) {
    if (controller.signal.aborted) break;
    stops.push(onAbort(signal, abort));
  }
  if (controller.signal.aborted) stopListening();
  return { signal: controller.signal, abort, [Symbol.dispose]: stopListening };
}

function noListener(): void {}
