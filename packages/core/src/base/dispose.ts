/**
 * Fills in `Symbol.dispose` and `Symbol.asyncDispose` where the runtime lacks them (Safari, Firefox before 141), so that
 * classes can define them and `using` works after down-levelling. Imported first by each disposable class: the one file
 * with work at import time (listed in `sideEffects`).
 */
const symbols = Symbol as { dispose?: symbol; asyncDispose?: symbol };
symbols.dispose ??= Symbol.for('Symbol.dispose');
symbols.asyncDispose ??= Symbol.for('Symbol.asyncDispose');

/** Wraps a function as a `Disposable` that calls it once, at the first disposal. */
export function toDisposable(dispose: () => void): Disposable {
  let pending: (() => void) | undefined = dispose;
  return {
    [Symbol.dispose](): void {
      const run = pending;
      pending = undefined;
      run?.();
    },
  };
}
