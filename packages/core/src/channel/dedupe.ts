import { BoundedQueue } from '../base/bounded-queue.ts';
import type { Clock } from '../base/clock.ts';

/** How long and how many message ids are remembered. */
export interface DedupeLimits {
  /** How long a handled message is remembered, in milliseconds. */
  readonly ttlMs: number;
  /** The most ids that are remembered; the oldest handled ones are forgotten first. */
  readonly maxSize: number;
}

/** A message that came before: it waits or runs, or was handled. */
export interface Seen<T> {
  readonly kind: 'running' | 'handled';
  readonly value: T;
}

interface Handled<T> {
  readonly id: string;
  readonly value: T;
  readonly until: number;
}

/**
 * Knows which messages were seen: claimed when accepted, committed when handled, released when given back so that a
 * redelivery is handled. Bounded in time and in size, without a timer.
 */
export class Dedupe<T> {
  readonly #clock: Clock;
  readonly #limits: () => DedupeLimits;
  readonly #claimed = new Map<string, T>();
  readonly #handled = new Map<string, Handled<T>>();
  /**
   * The same in the order in which they expire. A map alone keeps that order, too, but finding its first entry means to
   * step over all that were deleted before it.
   */
  readonly #expiring = new BoundedQueue<Handled<T>>(Number.MAX_SAFE_INTEGER, 'reject');
  /** How often a message was released, in the order of release. */
  readonly #released = new Map<string, number>();

  constructor(clock: Clock, limits: () => DedupeLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** How many ids are remembered. */
  get size(): number {
    return this.#claimed.size + this.#handled.size + this.#released.size;
  }

  /** Tells whether a message of this id waits, runs or was handled. */
  seen(id: string): Seen<T> | undefined {
    this.#forgetExpired();
    const running = this.#claimed.get(id);
    if (running !== undefined) return { kind: 'running', value: running };
    const handled = this.#handled.get(id);
    return handled === undefined ? undefined : { kind: 'handled', value: handled.value };
  }

  /**
   * Claims an id that was not seen. `value` is what `seen` then tells.
   *
   * @returns which attempt at the message this is, from 1.
   */
  claim(id: string, value: T): number {
    const attempt = (this.#released.get(id) ?? 0) + 1;
    this.#released.delete(id);
    this.#claimed.set(id, value);
    this.#shrink();
    return attempt;
  }

  /** Marks a claimed id as handled. */
  commit(id: string): void {
    const value = this.#claimed.get(id);
    if (value === undefined) return;
    this.#claimed.delete(id);
    const { ttlMs } = this.#limits();
    if (ttlMs <= 0) return;
    const handled = { id, value, until: this.#clock.now() + ttlMs };
    this.#handled.set(id, handled);
    this.#expiring.push(handled);
  }

  /** Gives a claimed id back: the next claim gets it, as one more attempt. */
  release(id: string, attempt: number): void {
    if (!this.#claimed.delete(id)) return;
    this.#released.set(id, attempt);
    this.#shrink();
  }

  #forgetExpired(): void {
    const now = this.#clock.now();
    for (let oldest = this.#expiring.first; oldest !== undefined; oldest = this.#expiring.first) {
      if (oldest.until > now) return;
      this.#forgetOldest();
    }
  }

  #forgetOldest(): void {
    const oldest = this.#expiring.shift();
    if (oldest !== undefined) this.#handled.delete(oldest.id);
  }

  /** What was handled long ago is the least likely to come again; what runs now is kept as long as anything. */
  #shrink(): void {
    const { maxSize } = this.#limits();
    while (this.size > maxSize) {
      if (this.#released.size > 0) deleteFirst(this.#released);
      else if (this.#handled.size > 0) this.#forgetOldest();
      else deleteFirst(this.#claimed);
    }
  }
}

function deleteFirst(map: Map<string, unknown>): void {
  const [first] = map.keys();
  if (first !== undefined) map.delete(first);
}
