/**
 * How many buckets a histogram has: 8 linear ones in each octave of microseconds, so that a value read back from the
 * middle of its bucket is wrong by at most 6.25%. The last octave ends at 2^34 µs, 4.7 hours; longer times count there.
 */
export const BUCKETS = 256;

const PER_OCTAVE = 8;
const LONGEST_MICROS = 2 ** 34;

/** Finds the bucket of a duration in milliseconds. Negative and missing durations count as 0. */
export function bucketOf(durationMs: number): number {
  const micros = Math.min(Math.round(durationMs * 1000), LONGEST_MICROS);
  if (!(micros >= PER_OCTAVE)) return Math.max(0, micros) || 0;
  const octave = Math.floor(Math.log2(micros));
  const step = 2 ** (octave - 3);
  const bucket = (octave - 3) * PER_OCTAVE + Math.floor(micros / step);
  return Math.min(BUCKETS - 1, bucket);
}

/** Tells where a bucket begins, in milliseconds. The next bucket's beginning is its end. */
export function bucketStart(bucket: number): number {
  if (bucket < PER_OCTAVE) return bucket / 1000;
  const octave = Math.floor(bucket / PER_OCTAVE);
  return ((PER_OCTAVE + (bucket % PER_OCTAVE)) * 2 ** (octave - 1)) / 1000;
}

/** Makes an empty histogram. */
export function emptyHistogram(): Uint32Array {
  return new Uint32Array(BUCKETS);
}

/** Counts the samples of a histogram. */
export function samplesIn(histogram: Uint32Array): number {
  let samples = 0;
  for (let i = 0; i < histogram.length; i += 1) samples += histogram[i] ?? 0;
  return samples;
}

/**
 * Reads a quantile, 0 to 1, in milliseconds: the middle of the bucket in which it lies.
 *
 * @returns NaN for an empty histogram.
 */
export function quantile(histogram: Uint32Array, share: number): number {
  const samples = samplesIn(histogram);
  if (samples === 0) return Number.NaN;
  const rank = Math.max(1, Math.ceil(samples * share));
  let seen = 0;
  let bucket = 0;
  for (; bucket < BUCKETS - 1; bucket += 1) {
    seen += histogram[bucket] ?? 0;
    if (seen >= rank) break;
  }
  return (bucketStart(bucket) + bucketStart(bucket + 1)) / 2;
}
