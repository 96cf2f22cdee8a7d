import type { InboundMessage } from '@sluice/core';
import type { Exchange } from './exchange.ts';

/** A message that was accepted and waits until somebody takes it. */
export interface WaitingMessage {
  readonly exchange: Exchange;
  readonly text: string;
}

/** What a line needs. */
export interface WaitingLineOptions {
  /** How many may wait before it counts as full. */
  readonly capacity: number;
  /** Called when a line that was full is half empty again. */
  readonly onRoom: () => void;
}

/**
 * Accepted messages that the supervisor has not asked for: it asks for one at a time, and only while there is room. So
 * its backpressure is felt here, and from here by those who send.
 */
export class WaitingLine {
  readonly #options: WaitingLineOptions;
  readonly #waiting = new Set<WaitingMessage>();
  #receiver: ((message: WaitingMessage) => void) | undefined;
  #wasFull = false;

  constructor(options: WaitingLineOptions) {
    this.#options = options;
  }

  /** How many wait. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Whether no more should be accepted. */
  get isFull(): boolean {
    return this.#waiting.size >= this.#options.capacity;
  }

  /** Hands a message to whoever waits for one, or keeps it. */
  offer(message: WaitingMessage): void {
    const receiver = this.#receiver;
    if (receiver === undefined) {
      this.#waiting.add(message);
      this.#wasFull ||= this.isFull;
      return;
    }
    this.#receiver = undefined;
    receiver(message);
  }

  /** Gives the message that waited longest, or else the next one; `undefined` when `signal` is aborted. */
  take(signal: AbortSignal): Promise<WaitingMessage | undefined> {
    if (signal.aborted) return Promise.resolve(undefined);
    const [first] = this.#waiting;
    if (first !== undefined) {
      this.remove(first);
      return Promise.resolve(first);
    }
    return new Promise((resolve) => {
      const receive = (message: WaitingMessage): void => {
        signal.removeEventListener('abort', stop);
        resolve(message);
      };
      const stop = (): void => {
        if (this.#receiver === receive) this.#receiver = undefined;
        resolve(undefined);
      };
      this.#receiver = receive;
      signal.addEventListener('abort', stop, { once: true });
    });
  }

  /** Takes a message out that nobody waits for any more. */
  remove(message: WaitingMessage): void {
    this.#waiting.delete(message);
    if (!this.#wasFull || this.#waiting.size > this.#options.capacity / 2) return;
    this.#wasFull = false;
    this.#options.onRoom();
  }

  /** Takes all out. */
  clear(): readonly WaitingMessage[] {
    const all = [...this.#waiting];
    for (const message of all) this.remove(message);
    return all;
  }
}

/** What the supervisor is given. */
export function inboundOf({ exchange, text }: WaitingMessage): InboundMessage {
  const { id, session, signal } = exchange;
  return { id, namespace: ['gateway', session.id], text, signal };
}
