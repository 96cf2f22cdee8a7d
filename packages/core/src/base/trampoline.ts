import { BoundedQueue, type OverflowPolicy } from './bounded-queue.ts';

/** How a trampoline waits. */
export interface TrampolineOptions {
  /** How many items may wait while one is being handled. Default 65,536. */
  readonly capacity?: number | undefined;
  /** What becomes of one more. Default `reject`. */
  readonly overflow?: OverflowPolicy | undefined;
}

/**
 * Handles items one at a time, in the order in which they were posted: what is posted from inside the handler waits until
 * the one under way is done. So nothing is handled in the middle of something else, and the stack stays flat.
 */
export class Trampoline<T> {
  readonly #handle: (item: T) => void;
  readonly #waiting: BoundedQueue<T>;
  #isRunning = false;

  constructor(handle: (item: T) => void, options: TrampolineOptions = {}) {
    this.#handle = handle;
    this.#waiting = new BoundedQueue(options.capacity ?? 65_536, options.overflow ?? 'reject');
  }

  /** Whether an item is being handled, or held back. */
  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** Whether one more item would find room. */
  get hasRoom(): boolean {
    return !this.#isRunning || !this.#waiting.isFull;
  }

  /** Handles the item: now, or once those before it are done. What the handler throws comes out of the outermost call. */
  post(item: T): void {
    if (this.#isRunning) {
      this.#waiting.push(item);
      return;
    }
    this.#isRunning = true;
    try {
      if (this.#waiting.size > 0) this.#handleWaiting(); // left over by a handler that threw
      this.#handle(item);
      this.#handleWaiting();
    } finally {
      this.#isRunning = false;
    }
  }

  /** Runs `work` and handles what it posts only after it has returned or thrown. */
  hold<R>(work: () => R): R {
    if (this.#isRunning) return work();
    this.#isRunning = true;
    try {
      return work();
    } finally {
      try {
        this.#handleWaiting();
      } finally {
        this.#isRunning = false;
      }
    }
  }

  #handleWaiting(): void {
    while (this.#waiting.size > 0) this.#handle(this.#waiting.shift() as T);
  }
}
