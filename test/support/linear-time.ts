import { expect } from 'vitest';

/** Linear work on ten times the length takes 10 times as long, and noise; quadratic work 100 times. */
const MAX_GROWTH = 30;
const MIN_SAMPLES = 9;
const MAX_SAMPLES = 300;

/**
 * Fails when `work`, given a length of 10,000 and one of 100,000, takes far more than ten times as long for the second. The
 * least of many samples is compared, and more are taken while they differ too much: a busy machine makes some slower
 * and none faster, so that only what is never fast enough fails.
 */
export function expectLinearTime(work: (length: number) => unknown, what: string): void {
  work(10_000); // warms up
  let short = Infinity;
  let long = Infinity;
  for (let sample = 1; sample <= MAX_SAMPLES; sample += 1) {
    short = Math.min(
      short,
      msOf(() => work(10_000)),
    );
    long = Math.min(
      long,
      msOf(() => work(100_000)),
    );
    if (sample >= MIN_SAMPLES && growth(short, long) <= MAX_GROWTH) break;
  }

  expect(growth(short, long), what).toBeLessThanOrEqual(MAX_GROWTH);
}

/** Below a tenth of a millisecond it is the clock that is measured. */
function growth(short: number, long: number): number {
  return long / Math.max(short, 0.1);
}

function msOf(work: () => unknown): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}
