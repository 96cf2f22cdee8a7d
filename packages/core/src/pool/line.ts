import type { Waiter } from './waiter.ts';

/** How much waiting lifts a waiter by one priority, in milliseconds. */
const AGEING_MS = 1_000;

/** The waiters of one tenant and one priority, in the order in which they came. */
export class Line<T, P> {
  readonly group: LineGroup<T, P>;
  readonly priority: number;
  first: Waiter<T, P> | undefined = undefined;
  last: Waiter<T, P> | undefined = undefined;

  constructor(group: LineGroup<T, P>, priority: number) {
    this.group = group;
    this.priority = priority;
  }

  /**
   * When a waiter of this line would have come had it no priority. All waiters age alike, so this never changes and
   * orders waiters of different priorities once and for all.
   */
  rankOf(waiter: Waiter<T, P>): number {
    return waiter.since - this.priority * AGEING_MS;
  }
}

/** The lines of one tenant, one for each priority in use. */
export class LineGroup<T, P> {
  readonly tenant: string | undefined;
  /** How many are served in one turn. */
  readonly quantum: number;
  /** How many may still be served in this turn. */
  deficit = 0;
  size = 0;
  #lines: Line<T, P>[] = [];
  /** Its neighbours in the ring of tenants. */
  previous: LineGroup<T, P> = this;
  next: LineGroup<T, P> = this;

  constructor(tenant: string | undefined, quantum: number) {
    this.tenant = tenant;
    this.quantum = quantum;
  }

  /** Whether all stand in one line. */
  get isSingleLine(): boolean {
    return this.#lines.length === 1;
  }

  /** Puts a waiter at the end of the line of its priority. */
  add(waiter: Waiter<T, P>, priority: number): void {
    const line = this.#lineOf(priority);
    waiter.line = line;
    waiter.ahead = line.last;
    if (line.last === undefined) line.first = waiter;
    else line.last.behind = waiter;
    line.last = waiter;
    this.size += 1;
  }

  /** Takes a waiter out, wherever it stands. */
  remove(waiter: Waiter<T, P>, line: Line<T, P>): void {
    const { ahead, behind } = waiter;
    if (ahead === undefined) line.first = behind;
    else ahead.behind = behind;
    if (behind === undefined) line.last = ahead;
    else behind.ahead = ahead;
    waiter.line = undefined;
    waiter.ahead = undefined;
    waiter.behind = undefined;
    this.size -= 1;
    if (line.first === undefined && this.#lines.length > 1) {
      this.#lines = this.#lines.filter((other) => other !== line); // priorities may be many over time
    }
  }

  /** The waiter to be served first, among those that `accepts` takes. */
  first(accepts: ((waiter: Waiter<T, P>) => boolean) | undefined): Waiter<T, P> | undefined {
    if (this.#lines.length === 1 && accepts === undefined) return this.#lines[0]?.first;
    for (const waiter of this.inOrder()) {
      if (accepts === undefined || accepts(waiter)) return waiter;
    }
    return undefined;
  }

  /** Its waiters in the order of service. */
  *inOrder(): Generator<Waiter<T, P>, void, undefined> {
    const heads = this.#lines.map((line) => line.first);
    for (;;) {
      const at = this.#firstOf(heads);
      const waiter = heads[at];
      if (waiter === undefined) return;
      heads[at] = waiter.behind;
      yield waiter;
    }
  }

  #firstOf(heads: readonly (Waiter<T, P> | undefined)[]): number {
    let first = -1;
    let firstRank = Infinity;
    let firstId = Infinity;
    for (const [i, waiter] of heads.entries()) {
      const line = waiter?.line;
      if (waiter === undefined || line === undefined) continue;
      const rank = line.rankOf(waiter);
      if (rank > firstRank || (rank === firstRank && waiter.id > firstId)) continue;
      first = i;
      firstRank = rank;
      firstId = waiter.id;
    }
    return first;
  }

  #lineOf(priority: number): Line<T, P> {
    const [first] = this.#lines;
    if (first !== undefined && first.priority === priority) return first; // in most pools there is one
    const known = this.#lines.find((line) => line.priority === priority);
    if (known !== undefined) return known;
    const line = new Line(this, priority);
    const isOnlyEmptyOne = this.size === 0;
    this.#lines = isOnlyEmptyOne ? [line] : [...this.#lines, line];
    return line;
  }
}
