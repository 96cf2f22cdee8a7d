/** What settles a wait, and the abort listener of it. */
export interface Hearing<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Waits for something that is told by listeners. `listen` adds them and returns what takes them away, which is called once,
 * however the wait ends.
 *
 * @throws what the listeners reject with, or `signal.reason`, untouched, when the signal is aborted first.
 */
export async function untilHeard<T>(
  signal: AbortSignal,
  listen: (hearing: Hearing<T>) => () => void,
): Promise<T> {
  signal.throwIfAborted();
  let stopListening = (): void => undefined;
  try {
    return await new Promise<T>((resolve, reject) => {
      const stop = listen({ resolve, reject });
      const onAbort = (): void => reject(signal.reason as unknown);
      signal.addEventListener('abort', onAbort);
      stopListening = () => {
        signal.removeEventListener('abort', onAbort);
        stop();
      };
    });
  } finally {
    stopListening();
  }
}
