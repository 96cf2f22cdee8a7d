import type { Waiter } from './waiter.ts';

/** The waiters of one timeout. They come in the order of time, so they fall due in the order in which they came. */
export class DeadlineList<T, P> {
  readonly timeoutMs: number;
  first: Waiter<T, P> | undefined = undefined;
  last: Waiter<T, P> | undefined = undefined;

  constructor(timeoutMs: number) {
    this.timeoutMs = timeoutMs;
  }

  /** When its first waiter falls due, in monotonic milliseconds. */
  get dueAt(): number {
    return this.first === undefined ? Infinity : this.first.since + this.timeoutMs;
  }
}

/** Who falls due when. Adding and removing take constant time. */
export class Deadlines<T, P> {
  readonly #lists = new Map<number, DeadlineList<T, P>>();
  /** The list that was used last: most callers of a pool wait equally long. */
  #recent: DeadlineList<T, P> | undefined = undefined;

  /** When the first waiter falls due, in monotonic milliseconds; `Infinity` when none does. */
  get nextDueAt(): number {
    let next = Infinity;
    for (const list of this.#lists.values()) next = Math.min(next, list.dueAt);
    return next;
  }

  /** Notes that a waiter, come just now, waits for `timeoutMs` at most. */
  add(waiter: Waiter<T, P>, timeoutMs: number): void {
    const list = this.#listOf(timeoutMs);
    waiter.deadlines = list;
    waiter.sooner = list.last;
    if (list.last === undefined) list.first = waiter;
    else list.last.later = waiter;
    list.last = waiter;
  }

  /** Forgets a waiter. */
  remove(waiter: Waiter<T, P>): void {
    const list = waiter.deadlines;
    if (list === undefined) return;
    const { sooner, later } = waiter;
    if (sooner === undefined) list.first = later;
    else sooner.later = later;
    if (later === undefined) list.last = sooner;
    else later.sooner = sooner;
    waiter.sooner = undefined;
    waiter.later = undefined;
    if (list.first === undefined && list !== this.#recent) this.#lists.delete(list.timeoutMs);
  }

  /** The waiter whose deadline passed first, if any has by `now`. */
  firstDue(now: number): Waiter<T, P> | undefined {
    let due: DeadlineList<T, P> | undefined;
    for (const list of this.#lists.values()) {
      if (list.dueAt <= now && (due === undefined || list.dueAt < due.dueAt)) due = list;
    }
    return due?.first;
  }

  /** An empty list is kept while it is the recent one, so at most one is empty. */
  #listOf(timeoutMs: number): DeadlineList<T, P> {
    const recent = this.#recent;
    if (recent !== undefined) {
      if (recent.timeoutMs === timeoutMs) return recent;
      if (recent.first === undefined) this.#lists.delete(recent.timeoutMs);
    }
    const list = this.#lists.get(timeoutMs) ?? new DeadlineList<T, P>(timeoutMs);
    this.#lists.set(timeoutMs, list);
    this.#recent = list;
    return list;
  }
}
