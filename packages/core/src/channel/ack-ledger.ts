import type { MessageId } from '../base/id.ts';

/**
 * Knows up to which message everything is settled, in the order of arrival. An acknowledgement says "this one and all
 * before it", so a message that is still being answered holds back those behind it.
 */
export class AckLedger {
  /** Whether it is settled, for each message not yet acknowledged, in the order of arrival. */
  readonly #settled = new Map<MessageId, boolean>();

  /** Notes a message that arrived. */
  arrive(id: MessageId): void {
    if (!this.#settled.has(id)) this.#settled.set(id, false);
  }

  /** Notes that a message is settled. Returns the last one that can be acknowledged now, if there is one. */
  settle(id: MessageId): MessageId | undefined {
    if (!this.#settled.has(id)) return undefined;
    this.#settled.set(id, true);
    let last: MessageId | undefined;
    for (const [arrived, isSettled] of this.#settled) {
      if (!isSettled) break;
      this.#settled.delete(arrived);
      last = arrived;
    }
    return last;
  }

  /** Forgets everything: what was not acknowledged will come again. */
  clear(): void {
    this.#settled.clear();
  }
}
