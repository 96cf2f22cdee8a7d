import { BUCKETS, bucketOf } from './histogram.ts';

/** How far back every series reaches, in seconds: what the tide line shows. */
export const KEPT_SECONDS = 1_200;

/** The width of a histogram slice, in seconds. */
export const SLICE_SECONDS = 10;

const KEPT_SLICES = KEPT_SECONDS / SLICE_SECONDS + 1;

/** One number a second for the last twenty minutes, in one typed array. Seconds are whole epoch seconds. */
export class SecondRing {
  readonly #values: Float32Array = new Float32Array(KEPT_SECONDS).fill(Number.NaN);
  #newest = Number.NEGATIVE_INFINITY;

  /** Reads a second; NaN when nothing was recorded in it. */
  read(second: number): number {
    if (second > this.#newest || second <= this.#newest - KEPT_SECONDS) return Number.NaN;
    return this.#values[slot(second, KEPT_SECONDS)] ?? Number.NaN;
  }

  /** Writes a second. One that is older than twenty minutes is dropped. */
  write(second: number, value: number): void {
    if (!this.#moveTo(second)) return;
    this.#values[slot(second, KEPT_SECONDS)] = value;
  }

  /** Adds to a second that begins at 0. */
  add(second: number, value: number): void {
    if (!this.#moveTo(second)) return;
    const at = slot(second, KEPT_SECONDS);
    const before = this.#values[at] ?? Number.NaN;
    this.#values[at] = Number.isNaN(before) ? value : before + value;
  }

  /** Sums the recorded seconds after `from`, up to and with `to`. */
  sum(from: number, to: number): number {
    let sum = 0;
    const first = Math.max(from + 1, this.#newest - KEPT_SECONDS + 1);
    for (let second = first; second <= Math.min(to, this.#newest); second += 1) {
      const value = this.read(second);
      if (!Number.isNaN(value)) sum += value;
    }
    return sum;
  }

  /** Finds the greatest recorded value after `from`, up to and with `to`; 0 when there is none. */
  peak(from: number, to: number): number {
    let peak = 0;
    for (let second = from + 1; second <= to; second += 1) {
      const value = this.read(second);
      if (value > peak) peak = value;
    }
    return peak;
  }

  /** Makes `second` part of the ring, forgetting what it overwrites. */
  #moveTo(second: number): boolean {
    if (!Number.isSafeInteger(second) || second <= this.#newest - KEPT_SECONDS) return false;
    if (second <= this.#newest) return true;
    const from = Math.max(this.#newest + 1, second - KEPT_SECONDS + 1);
    for (let s = from; s <= second; s += 1) this.#values[slot(s, KEPT_SECONDS)] = Number.NaN;
    this.#newest = second;
    return true;
  }
}

/** Durations of the last twenty minutes as one log-linear histogram for each ten seconds, made when first needed. */
export class DurationRing {
  readonly #slices: (Uint32Array | undefined)[] = Array.from({ length: KEPT_SLICES });
  readonly #numbers: Float64Array = new Float64Array(KEPT_SLICES).fill(Number.NaN);

  /** Counts a duration in milliseconds that ended at `second`. */
  add(second: number, durationMs: number): void {
    const counts = this.#slice(Math.floor(second / SLICE_SECONDS));
    if (counts === undefined) return;
    const bucket = bucketOf(durationMs);
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }

  /** Adds the slices that touch the seconds after `from`, up to and with `to`, to `histogram`. */
  addTo(histogram: Uint32Array, from: number, to: number): void {
    const last = Math.floor(to / SLICE_SECONDS);
    for (let n = Math.floor((from + 1) / SLICE_SECONDS); n <= last; n += 1) {
      const at = slot(n, KEPT_SLICES);
      const counts = this.#numbers[at] === n ? this.#slices[at] : undefined;
      if (counts === undefined) continue;
      for (let b = 0; b < BUCKETS; b += 1) histogram[b] = (histogram[b] ?? 0) + (counts[b] ?? 0);
    }
  }

  /** Lists the non-empty slices as pairs of bucket and count, for the wire. */
  toSlices(): readonly DurationSlice[] {
    const slices: DurationSlice[] = [];
    this.#slices.forEach((counts, at) => {
      const number = this.#numbers[at];
      if (counts === undefined || number === undefined || Number.isNaN(number)) return;
      const buckets: [number, number][] = [];
      counts.forEach((count, bucket) => count > 0 && buckets.push([bucket, count]));
      if (buckets.length > 0) slices.push({ slice: number, buckets });
    });
    return slices.toSorted((a, b) => a.slice - b.slice);
  }

  /** Takes slices over from another fold. */
  load(slices: readonly DurationSlice[]): void {
    for (const { slice, buckets } of slices) {
      const counts = this.#slice(slice);
      if (counts === undefined) continue;
      for (const [bucket, count] of buckets) if (bucket < BUCKETS) counts[bucket] = count;
    }
  }

  #slice(number: number): Uint32Array | undefined {
    if (!Number.isSafeInteger(number)) return undefined;
    const at = slot(number, KEPT_SLICES);
    const held = this.#numbers[at] ?? Number.NaN;
    if (held > number) return undefined; // too old: its place is taken
    const counts = (this.#slices[at] ??= new Uint32Array(BUCKETS));
    if (held !== number) {
      counts.fill(0);
      this.#numbers[at] = number;
    }
    return counts;
  }
}

/** Ten seconds of durations, as JSON: only the buckets that hold something. */
export interface DurationSlice {
  /** Epoch seconds, divided by ten. */
  readonly slice: number;
  readonly buckets: readonly (readonly [bucket: number, count: number])[];
}

function slot(number: number, length: number): number {
  return ((number % length) + length) % length;
}
