import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  bucketOf,
  BUCKETS,
  bucketStart,
  emptyHistogram,
  quantile,
} from '../../../packages/dashboard/src/state/histogram.ts';

it('keeps a duration in a bucket whose middle is at most 6.25% away', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.01, max: 10_000_000, noNaN: true }), (durationMs) => {
      const bucket = bucketOf(durationMs);

      const middle = (bucketStart(bucket) + bucketStart(bucket + 1)) / 2;
      expect(bucketStart(bucket)).toBeLessThanOrEqual(durationMs + 0.0005);
      expect(bucketStart(bucket + 1)).toBeGreaterThan(durationMs - 0.0005);
      expect(Math.abs(middle - durationMs)).toBeLessThanOrEqual(durationMs * 0.0625 + 0.0005);
    }),
  );
});

it('counts what is too long for it in the last bucket, and what is no duration in the first', () => {
  expect(bucketOf(1e12)).toBe(BUCKETS - 1);
  expect(bucketOf(Number.POSITIVE_INFINITY)).toBe(BUCKETS - 1);
  expect(bucketOf(Number.NaN)).toBe(0);
  expect(bucketOf(-5)).toBe(0);
});

it('reads quantiles within the error of its buckets', () => {
  const histogram = emptyHistogram();
  for (let ms = 1; ms <= 1_000; ms += 1) histogram[bucketOf(ms)]! += 1;

  expect(quantile(histogram, 0.5)).toBeGreaterThan(500 * 0.9375);
  expect(quantile(histogram, 0.5)).toBeLessThan(500 * 1.0625);
  expect(quantile(histogram, 0.99)).toBeGreaterThan(990 * 0.9375);
  expect(quantile(histogram, 0.99)).toBeLessThan(990 * 1.0625);
});

it('knows no quantile of nothing', () => {
  expect(quantile(emptyHistogram(), 0.95)).toBeNaN();
});
