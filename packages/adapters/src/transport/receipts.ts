import type { SendError } from '@sluice/core';

/** One wait for one receipt. */
interface Wait {
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** Pieces that were sent and of which the peer has not said yet that it has them. */
export class Receipts {
  readonly #waits = new Map<string, Wait>();

  /**
   * Resolves when the peer has said that it has the piece `key`. One wait a key.
   *
   * @throws what `fail` makes, when the connection ends first; `signal.reason` when it is aborted first.
   */
  async wait(key: string, signal: AbortSignal): Promise<void> {
    const onAbort = (): void => this.#waits.get(key)?.reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await new Promise<void>((resolve, reject) => this.#waits.set(key, { resolve, reject }));
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#waits.delete(key);
    }
  }

  /** Notes that the peer has a piece. A key that nobody waits for, as of a second receipt, changes nothing. */
  settle(key: string): void {
    this.#waits.get(key)?.resolve();
  }

  /** Fails every wait. */
  fail(makeError: () => SendError): void {
    for (const { reject } of this.#waits.values()) reject(makeError());
  }
}
