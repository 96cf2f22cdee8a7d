import type { ChannelStatus, RestartMark } from '@sluice/core/events';

/** Which status a channel was in, from when on. The next segment's beginning is its end. */
export interface RibbonSegment {
  /** Epoch milliseconds. */
  readonly from: number;
  readonly status: ChannelStatus;
}

/** How many segments and how many marks are kept for a channel; the oldest go first. */
const KEPT = 512;

/** The life of a channel along time: what it was when, and where it was restarted. */
export class Ribbon {
  #segments: RibbonSegment[] = [];
  #marks: RestartMark[] = [];

  /** All segments that are kept, the oldest first. */
  get segments(): readonly RibbonSegment[] {
    return this.#segments;
  }

  /** All restarts that are kept, the oldest first. */
  get marks(): readonly RestartMark[] {
    return this.#marks;
  }

  /** Begins a segment. The same status again, as in a snapshot of what is known, begins nothing. */
  enter(status: ChannelStatus, from: number): void {
    const last = this.#segments.at(-1);
    if (last?.status === status) return;
    if (last !== undefined && from <= last.from) this.#cutBack(from);
    this.#segments.push({ from, status });
    if (this.#segments.length > KEPT) this.#segments = this.#segments.slice(-KEPT / 2);
  }

  /** Notes a restart; one that is known already is not noted twice. */
  mark(mark: RestartMark): void {
    if (this.#marks.some((other) => isSame(other, mark))) return;
    this.#marks.push(mark);
    if (this.#marks.length > KEPT) this.#marks = this.#marks.slice(-KEPT / 2);
  }

  /** Counts the restarts after `from`, up to and with `to`. */
  restarts(from: number, to: number): number {
    let count = 0;
    for (const mark of this.#marks) {
      if (isRestart(mark) && mark.at > from && mark.at <= to) count += 1;
    }
    return count;
  }

  /** Takes over what another fold recorded. */
  load(segments: readonly RibbonSegment[], marks: readonly RestartMark[]): void {
    this.#segments = segments.slice(-KEPT);
    this.#marks = marks.slice(-KEPT);
  }

  /** A snapshot knows better when its status began than events that were told out of order. */
  #cutBack(from: number): void {
    this.#segments = this.#segments.filter((segment) => segment.from < from);
  }
}

/** What a swap's mark gives as its cause: that it was done, or that the new channel did not come up. */
export const SWAP_CAUSES: readonly string[] = ['swap', 'rolled-back'];

/** Whether a mark is a restart: giving up is none, and a swap is no fault. */
export function isRestart({ gaveUp, cause }: RestartMark): boolean {
  return !gaveUp && !SWAP_CAUSES.includes(cause);
}

/**
 * The engine reads the clock for the mark and again for the event, so that their times may differ by a moment. A
 * generation ends once; another process counts them from 1 again, at quite another time.
 */
const SAME_MOMENT_MS = 1_000;

function isSame(one: RestartMark, other: RestartMark): boolean {
  return (
    one.generation === other.generation &&
    one.gaveUp === other.gaveUp &&
    Math.abs(one.at - other.at) < SAME_MOMENT_MS
  );
}
