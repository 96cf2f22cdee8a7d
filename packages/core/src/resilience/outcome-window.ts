/** How many calls there were, and how many of them failed. */
export interface OutcomeCounts {
  readonly calls: number;
  readonly failures: number;
}

/** Into how many pieces a window is cut: it forgets a tenth at a time. */
const PIECES = 10;

interface Piece {
  /** Which piece of time it counts. */
  index: number;
  calls: number;
  failures: number;
}

/** Counts outcomes over the last `windowMs`, in constant memory: exact but for the tenth that is about to be forgotten. */
export class OutcomeWindow {
  readonly #pieceMs: number;
  readonly #pieces: Piece[] = [];

  constructor(windowMs: number) {
    this.#pieceMs = windowMs / PIECES;
    for (let i = 0; i < PIECES; i += 1) this.#pieces.push({ index: -1, calls: 0, failures: 0 });
  }

  /** Counts one call, at `nowMs` of a monotonic clock. */
  add(isFailure: boolean, nowMs: number): void {
    const index = Math.floor(nowMs / this.#pieceMs);
    const piece = this.#pieces[index % PIECES] as Piece;
    if (piece.index !== index) {
      piece.index = index;
      piece.calls = 0;
      piece.failures = 0;
    }
    piece.calls += 1;
    if (isFailure) piece.failures += 1;
  }

  /** Adds up what the window holds at `nowMs`. */
  counts(nowMs: number): OutcomeCounts {
    const newest = Math.floor(nowMs / this.#pieceMs);
    let calls = 0;
    let failures = 0;
    for (const piece of this.#pieces) {
      if (piece.index <= newest - PIECES) continue;
      calls += piece.calls;
      failures += piece.failures;
    }
    return { calls, failures };
  }

  /** Forgets everything. */
  clear(): void {
    for (const piece of this.#pieces) {
      piece.calls = 0;
      piece.failures = 0;
    }
  }
}
