import type { SendError } from '@sluice/core';
import { type Hearing, untilHeard } from './until-heard.ts';

/** Pieces that were sent and of which the peer has not said yet that it has them. */
export class Receipts {
  readonly #waits = new Map<string, Hearing<void>>();

  /**
   * Resolves when the peer has said that it has the piece `key`. One wait a key.
   *
   * @throws what `fail` makes, when the connection ends first; `signal.reason` when it is aborted first.
   */
  wait(key: string, signal: AbortSignal): Promise<void> {
    return untilHeard(signal, (hearing) => {
      this.#waits.set(key, hearing);
      return () => void this.#waits.delete(key);
    });
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
