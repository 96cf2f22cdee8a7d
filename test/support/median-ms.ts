/** The median of how long `work` takes, in milliseconds, over 5 runs after a first one that warms up. */
export function medianMs(work: () => unknown): number {
  work();
  const times = Array.from({ length: 5 }, () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  });
  return times.toSorted((a, b) => a - b)[2] ?? 0;
}
