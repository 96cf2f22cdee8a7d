import type { Clock } from '../base/clock.ts';

/** Waits until `work` settles, either way, but at most `limitMs`. Resolves with whether it did; never rejects. */
export function settledWithin(
  work: PromiseLike<unknown>,
  limitMs: number,
  clock: Clock,
): Promise<boolean> {
  return new Promise((resolve) => {
    const cancel = clock.after(limitMs, () => resolve(false));
    const settle = (): void => {
      cancel();
      resolve(true);
    };
    work.then(settle, settle);
  });
}
