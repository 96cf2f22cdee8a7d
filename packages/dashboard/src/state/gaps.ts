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

  /** Notes a hole; one that follows the last at once is joined to it. */
  add(gap: Gap): void {
    const last = this.#gaps.at(-1);
    if (last !== undefined && gap.from - last.to < 1_000) {
      const lost = (last.lost ?? 0) + (gap.lost ?? 0);
      this.#gaps[this.#gaps.length - 1] = { from: last.from, to: Math.max(last.to, gap.to), lost };
      return;
    }
    this.#gaps.push(gap);
    if (this.#gaps.length > KEPT) this.#gaps.shift();
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
