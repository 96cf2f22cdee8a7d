/** One caller in line. Times are epoch milliseconds. */
export interface Waiter {
  readonly waiter: number;
  readonly since: number;
  readonly timeoutMs?: number | undefined;
  readonly label?: string | undefined;
}

/** How many callers are listed; beyond it they are only counted, as in a snapshot. */
const LISTED = 1_000;

/** The callers that wait for one pool, in the order of service. */
export class WaitLine {
  #listed: Waiter[] = [];
  #cut = 0;

  /** How many wait. */
  get length(): number {
    return this.#listed.length + this.#cut;
  }

  /** The first in line, up to 1,000. */
  get listed(): readonly Waiter[] {
    return this.#listed;
  }

  /** Puts a caller at its place, counted from 1. */
  join(position: number, waiter: Waiter): void {
    const index = Math.max(0, position - 1);
    // Behind callers that are not listed, its place is not known either.
    if (index >= LISTED || (index > this.#listed.length && this.#cut > 0)) {
      this.#cut += 1;
      return;
    }
    this.#listed.splice(index, 0, waiter);
    if (this.#listed.length <= LISTED) return;
    this.#listed.pop();
    this.#cut += 1;
  }

  /** Takes a caller out, and tells who it was, when it was listed. */
  leave(waiter: number): Waiter | undefined {
    const index = this.#listed.findIndex((other) => other.waiter === waiter);
    if (index < 0) {
      this.#cut = Math.max(0, this.#cut - 1);
      return undefined;
    }
    return this.#listed.splice(index, 1)[0];
  }

  /** How many are counted but not listed. */
  get cut(): number {
    return this.#cut;
  }

  /** Corrects the count by what an event says. */
  recount(waiting: number): void {
    this.#cut = Math.max(0, waiting - this.#listed.length);
  }

  /** The one that has waited longest, by its arrival: ageing priorities may serve another first. */
  get oldest(): Waiter | undefined {
    let oldest = this.#listed[0];
    for (const waiter of this.#listed) {
      if (oldest === undefined || waiter.since < oldest.since) oldest = waiter;
    }
    return oldest;
  }

  /** Replaces everything by what a snapshot says. */
  load(waiters: readonly Waiter[], cut: number): void {
    this.#listed = waiters.slice(0, LISTED);
    this.#cut = cut + waiters.length - this.#listed.length;
  }

  /** Makes an independent copy, to look at later. */
  copy(): WaitLine {
    const copy = new WaitLine();
    copy.load(this.#listed, this.#cut);
    return copy;
  }
}
