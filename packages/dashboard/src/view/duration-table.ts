import { BUCKETS, bucketStart } from '../state/histogram.ts';
import { count, roughDuration } from './format.ts';

/** How many durations lie between two others. */
export interface DurationRow {
  readonly range: string;
  readonly count: string;
}

/** Where a row begins, in milliseconds. */
const STARTS: readonly number[] = [
  0, 1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000,
];

/** Writes a histogram as a table, three rows to each power of ten; the empty rows at both ends are left out. */
export function durationRows(histogram: Uint32Array): readonly DurationRow[] {
  const counts = STARTS.map(() => 0);
  for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
    const middle = (bucketStart(bucket) + bucketStart(bucket + 1)) / 2;
    const row = STARTS.findLastIndex((start) => start <= middle);
    counts[row] = (counts[row] ?? 0) + (histogram[bucket] ?? 0);
  }
  const first = counts.findIndex((value) => value > 0);
  const last = counts.findLastIndex((value) => value > 0);
  return counts
    .map((value, row) => ({ range: rangeOf(row), count: count(value) }))
    .slice(Math.max(0, first), last + 1);
}

function rangeOf(row: number): string {
  const from = STARTS[row] ?? 0;
  const to = STARTS[row + 1];
  if (to === undefined) return `${roughDuration(from)} and more`;
  return from === 0
    ? `below ${roughDuration(to)}`
    : `${roughDuration(from)} to ${roughDuration(to)}`;
}
