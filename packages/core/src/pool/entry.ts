import type { DestroyReason } from '../events/pool-event.ts';

/** What a place in the pool is doing. */
export type EntryStatus = 'creating' | 'idle' | 'checking' | 'inUse' | 'destroying';

/** To whom an entry is lent. */
export interface Borrower {
  readonly label?: string | undefined;
  readonly tenant?: string | undefined;
  /** Where it was acquired, if that is recorded. */
  readonly stack?: string | undefined;
  /** The waiter it was, when it had to wait. */
  readonly waiter?: number | undefined;
  /** How long it waited, where somebody else kept the line. */
  readonly waitMs?: number | undefined;
  /** Since when it waited here, in monotonic milliseconds. */
  readonly waitingSince?: number | undefined;
}

/** One place in the pool, the resource in it, and what is known of both. Times are monotonic milliseconds. */
export class Entry<R> {
  /** A small number, free again once the place is. */
  readonly slot: number;
  status: EntryStatus = 'creating';
  /** When it took its status. */
  since: number;
  resource: R | undefined = undefined;
  /** How often it was acquired. */
  uses: number = 0;
  /** When its create ended. */
  createdAt: number = 0;
  /** When it was last checked; a create counts as a check. */
  checkedAt: number = 0;
  /** Whether it was created or checked just now: a check before its next use would be the second in a row. */
  isFresh: boolean = false;
  /** Since when nobody used it. A keepalive check is no use. */
  idleSince: number = 0;
  /** From 0 to 1, drawn once: spreads lifetimes and checks, so that entries made together do not end together. */
  readonly jitter: number;
  /** When a spread eviction reaches it. */
  evictAt: number = Infinity;
  /** Why it will be destroyed when it comes back. */
  doom: DestroyReason | undefined = undefined;
  /** Why it is being destroyed. */
  reason: DestroyReason | undefined = undefined;
  /** Ends the create or the check under way. */
  abort: ((reason: unknown) => void) | undefined = undefined;

  /** The lease that holds it; 0 for none. A lease with another number has ended. */
  leaseId = 0;
  /** To whom it was lent last. */
  borrower: Borrower | undefined = undefined;
  /** When its lease was suspected to be a leak, in epoch milliseconds. */
  suspectedAt: number | undefined = undefined;
  /** Tells the holder that the lease was revoked. Made when somebody asks for the signal. */
  controller: AbortController | undefined = undefined;

  /** Its neighbours among the idle. */
  previous: Entry<R> | undefined = undefined;
  next: Entry<R> | undefined = undefined;

  constructor(slot: number, now: number, jitter: number) {
    this.slot = slot;
    this.since = now;
    this.jitter = jitter;
  }

  /** When it was last known to work: created, checked or given back. */
  get vouchedAt(): number {
    return Math.max(this.checkedAt, this.idleSince);
  }
}

/** The idle entries, in the order in which they were last used: a linked list, so that any of them can leave at once. */
export class IdleList<R> {
  size = 0;
  #oldest: Entry<R> | undefined = undefined;
  #newest: Entry<R> | undefined = undefined;

  /** The entry that has been idle for longest. */
  get oldest(): Entry<R> | undefined {
    return this.#oldest;
  }

  /** The entry that was used last. */
  get newest(): Entry<R> | undefined {
    return this.#newest;
  }

  /** Puts an entry last: nobody has used another one since. */
  push(entry: Entry<R>): void {
    this.#insertAfter(this.#newest, entry);
  }

  /** Puts an entry back at the place that it had before its check. */
  putBack(entry: Entry<R>): void {
    let before = this.#newest;
    while (before !== undefined && before.idleSince > entry.idleSince) before = before.previous;
    this.#insertAfter(before, entry);
  }

  /** Takes out an entry that is in the list. */
  remove(entry: Entry<R>): void {
    const { previous, next } = entry;
    if (previous === undefined) this.#oldest = next;
    else previous.next = next;
    if (next === undefined) this.#newest = previous;
    else next.previous = previous;
    entry.previous = undefined;
    entry.next = undefined;
    this.size -= 1;
  }

  #insertAfter(before: Entry<R> | undefined, entry: Entry<R>): void {
    const after = before === undefined ? this.#oldest : before.next;
    entry.previous = before;
    entry.next = after;
    if (before === undefined) this.#oldest = entry;
    else before.next = entry;
    if (after === undefined) this.#newest = entry;
    else after.previous = entry;
    this.size += 1;
  }
}
