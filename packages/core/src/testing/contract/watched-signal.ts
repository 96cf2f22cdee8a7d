/** A signal that tells how many listeners it has. */
export interface WatchedSignal {
  readonly signal: AbortSignal;
  /** How many listeners it has now. */
  listeners(): number;
  abort(reason?: unknown): void;
}

/**
 * Makes a signal that counts its listeners: those added and neither removed nor called once and for all. What follows it
 * through `AbortSignal.any` or `fetch` inside the runtime is not counted.
 */
export function watchedSignal(): WatchedSignal {
  const controller = new AbortController();
  const { signal } = controller;
  const listening = new Set<unknown>();
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  Object.defineProperties(signal, {
    addEventListener: {
      value: (...args: Parameters<typeof add>): void => {
        listening.add(args[1]);
        add(...args);
      },
    },
    removeEventListener: {
      value: (...args: Parameters<typeof remove>): void => {
        listening.delete(args[1]);
        remove(...args);
      },
    },
  });
  return {
    signal,
    listeners: () => listening.size,
    abort: (reason) => {
      listening.clear();
      controller.abort(reason);
    },
  };
}
