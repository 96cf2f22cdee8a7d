/** When a pool counts as overloaded. */
export interface SheddingOptions {
  /** The wait that is acceptable, in milliseconds. */
  readonly targetMs: number;
  /** How long even the shortest wait must stay above it, in milliseconds. A burst is shorter. */
  readonly intervalMs: number;
}

/**
 * Tells standing overload from a burst (CoDel): overload is when in a whole interval nobody waited less than `targetMs`.
 * Then whoever has waited longer than twice that is refused at once, instead of everybody almost timing out.
 *
 * https://queue.acm.org/detail.cfm?id=2209336, in the form that Erlang's and Elixir's `db_connection` gave it.
 */
export class Shedder {
  readonly #targetMs: number;
  readonly #intervalMs: number;
  #intervalEndsAt = -Infinity;
  #shortestMs = 0;
  #isOverloaded = false;

  constructor({ targetMs, intervalMs }: SheddingOptions) {
    this.#targetMs = targetMs;
    this.#intervalMs = intervalMs;
  }

  /** Notes how long the first in line has waited by now, and says whether it should be refused. */
  refuses(waitedMs: number, now: number): boolean {
    if (now >= this.#intervalEndsAt) this.#beginInterval(waitedMs, now);
    else this.#shortestMs = Math.min(this.#shortestMs, waitedMs);
    return this.#isOverloaded && waitedMs > this.#targetMs * 2;
  }

  /** Notes that nobody waits. */
  relax(): void {
    this.#shortestMs = 0;
    this.#isOverloaded = false;
  }

  #beginInterval(waitedMs: number, now: number): void {
    this.#isOverloaded = this.#shortestMs > this.#targetMs;
    this.#shortestMs = waitedMs;
    this.#intervalEndsAt = now + this.#intervalMs;
  }
}
