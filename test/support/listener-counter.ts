/** A signal that knows how many listeners it has. */
export interface ListenerCounter {
  readonly signal: AbortSignal;
  readonly abort: (reason?: unknown) => void;
  readonly listeners: () => number;
}

/** Makes a signal that counts its listeners. Those that the abort itself used up count no more. */
export function listenerCounter(): ListenerCounter {
  const controller = new AbortController();
  const { signal } = controller;
  const heard = new Set<unknown>();
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  Object.assign(signal, {
    addEventListener(type: 'abort', listener: () => void, options?: AddEventListenerOptions) {
      heard.add(listener);
      if (options?.once === true) add(type, () => heard.delete(listener), { once: true });
      add(type, listener, options);
    },
    removeEventListener(type: 'abort', listener: () => void) {
      heard.delete(listener);
      remove(type, listener);
    },
  });
  return {
    signal,
    abort: (reason) => controller.abort(reason),
    listeners: () => heard.size,
  };
}
