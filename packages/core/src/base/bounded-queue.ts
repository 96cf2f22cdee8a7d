import { assertCount } from './assert.ts';

/** What a full queue does with one more item. */
export type OverflowPolicy = 'reject' | 'drop-oldest' | 'drop-newest';

/** What became of an item that was pushed. */
export type PushResult<T> =
  | { readonly kind: 'queued' }
  | { readonly kind: 'rejected' }
  | { readonly kind: 'dropped'; readonly item: T };

const QUEUED: PushResult<never> = { kind: 'queued' };
const REJECTED: PushResult<never> = { kind: 'rejected' };

/**
 * A first-in, first-out queue with a capacity and a named policy for what happens at it. Push and shift take constant
 * time, whatever the length.
 */
export class BoundedQueue<T> {
  readonly #capacity: number;
  readonly #policy: OverflowPolicy;
  #items: (T | undefined)[] = [];
  #head = 0;

  /** @throws {TypeError} when `capacity` is not an integer of at least 1. */
  constructor(capacity: number, policy: OverflowPolicy) {
    assertCount('capacity', capacity);
    this.#capacity = capacity;
    this.#policy = policy;
  }

  /** How many items wait. */
  get size(): number {
    return this.#items.length - this.#head;
  }

  /** Whether one more item would meet the policy. */
  get isFull(): boolean {
    return this.size >= this.#capacity;
  }

  /** The oldest item, which stays, or `undefined` when the queue is empty. */
  get first(): T | undefined {
    return this.#items[this.#head];
  }

  /** Adds an item at the end, or does what the policy says when the queue is full. */
  push(item: T): PushResult<T> {
    if (!this.isFull) {
      this.#items.push(item);
      return QUEUED;
    }
    if (this.#policy === 'reject') return REJECTED;
    if (this.#policy === 'drop-newest') return { kind: 'dropped', item };
    const oldest = this.shift() as T; // full, and the capacity is at least 1
    this.#items.push(item);
    return { kind: 'dropped', item: oldest };
  }

  /** Takes the oldest item, or `undefined` when the queue is empty. */
  shift(): T | undefined {
    if (this.size === 0) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head] = undefined; // lets go of it before the array is compacted
    this.#head += 1;
    if (this.#head * 2 >= this.#items.length) this.#compact();
    return item;
  }

  /** Takes all items, the oldest first. */
  drain(): T[] {
    const items = this.#items.slice(this.#head) as T[];
    this.#items = [];
    this.#head = 0;
    return items;
  }

  /** Moving what is left once half is empty costs at most one move an item: constant on average. */
  #compact(): void {
    this.#items = this.#items.slice(this.#head);
    this.#head = 0;
  }
}
