import { BoundedQueue } from '../base/bounded-queue.ts';
import type { MessageId } from '../base/id.ts';

/**
 * Knows up to which message everything is settled, in the order of arrival. An acknowledgement says "this one and all
 * before it", so a message that is still being answered holds back those behind it.
 */
export class AckLedger {
  /** Whether it is settled, for each message not yet acknowledged. */
  readonly #settled = new Map<MessageId, boolean>();
  /** The same messages in the order of arrival. */
  readonly #arrived = new BoundedQueue<MessageId>(Number.MAX_SAFE_INTEGER, 'reject');

  /** Notes a message that arrived. */
  arrive(id: MessageId): void {
    if (this.#settled.has(id)) return;
    this.#settled.set(id, false);
    this.#arrived.push(id);
  }

  /** Notes that a message is settled. Returns the last one that can be acknowledged now, if there is one. */
  settle(id: MessageId): MessageId | undefined {
    if (!this.#settled.has(id)) return undefined;
    this.#settled.set(id, true);
    let last: MessageId | undefined;
    for (let oldest = this.#arrived.first; oldest !== undefined; oldest = this.#arrived.first) {
      if (this.#settled.get(oldest) !== true) break;
      this.#settled.delete(oldest);
      last = this.#arrived.shift();
    }
    return last;
  }

  /** Forgets everything: what was not acknowledged will come again. */
  clear(): void {
    this.#settled.clear();
    this.#arrived.drain();
  }
}
