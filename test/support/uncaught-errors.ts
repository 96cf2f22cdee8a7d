/** Watches for exceptions and rejections that nobody caught, which would end a Node process. */
export interface UncaughtErrors {
  readonly watch: () => void;
  readonly unwatch: () => void;
  /** What was not caught until the next turn of the event loop. */
  afterATurn(): Promise<readonly unknown[]>;
}

/** Makes a watch over uncaught errors: `watch` before each test, `unwatch` after it. */
export function uncaughtErrors(): UncaughtErrors {
  let seen: unknown[] = [];
  let others: NodeJS.UncaughtExceptionListener[] = [];
  const onError = (error: unknown): void => void seen.push(error);
  return {
    watch() {
      seen = [];
      others = process.listeners('uncaughtException');
      process.removeAllListeners('uncaughtException');
      process.on('uncaughtException', onError);
      process.on('unhandledRejection', onError);
    },
    unwatch() {
      process.off('uncaughtException', onError);
      process.off('unhandledRejection', onError);
      for (const other of others) process.on('uncaughtException', other);
    },
    // RxJS throws what it cannot place from a timer of 0 ms: two turns are enough for that.
    async afterATurn() {
      await new Promise((resolve) => setTimeout(resolve, 0));
      await new Promise((resolve) => setTimeout(resolve, 0));
      return seen;
    },
  };
}
