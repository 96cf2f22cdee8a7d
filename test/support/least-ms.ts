/**
 * The least that `work` takes, in milliseconds, over 15 runs after a first one that warms up. A busy machine makes some
 * runs slower, and none faster.
 */
export function leastMs(work: () => unknown): number {
  work();
  const times = Array.from({ length: 15 }, () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  });
  return Math.min(...times);
}
