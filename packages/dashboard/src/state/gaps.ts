/** A stretch of which nothing, or not everything, is known. */
export interface Gap {
  /** Epoch milliseconds. */
  readonly from: number;
  readonly to: number;
  /** How many events were lost, when that is known. */
  readonly lost?: number | undefined;
}

const KEPT = 200;

/** Where the record has holes. They are shown, never interpolated. */
export class Gaps {
  #gaps: Gap[] = [];

  /** All that are kept, the oldest first. */
  get all(): readonly Gap[] {
    return this.#gaps;
  }

  /** Notes a hole; what is less than a second apart is one. */
  add(gap: Gap): void {
    const all = [...this.#gaps, gap].toSorted((a, b) => a.from - b.from);
    this.#gaps = all.reduce(joinTo, []).slice(-KEPT);
  }

  /** Takes over what another fold noted. */
  load(gaps: readonly Gap[]): void {
    this.#gaps = gaps.slice(-KEPT);
  }

  /** Forgets all. */
  clear(): void {
    this.#gaps = [];
  }
}

function joinTo(joined: Gap[], gap: Gap): Gap[] {
  const last = joined.at(-1);
  if (last === undefined || gap.from - last.to >= 1_000) return [...joined, gap];
  const lost = (last.lost ?? 0) + (gap.lost ?? 0);
  return [...joined.slice(0, -1), { from: last.from, to: Math.max(last.to, gap.to), lost }];
}
