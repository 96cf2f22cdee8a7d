import { GatewayError } from './client-error.ts';
import type { ClientFrame } from './protocol.ts';
import { SentMessage } from './sent-message.ts';

/** What outgoing messages need. */
export interface OutgoingOptions {
  readonly capacity: number;
  readonly overflow: 'reject' | 'drop-oldest';
  readonly maxInFlight: number;
  /** Sends a frame. Called only between `open` and `close`. */
  readonly send: (frame: ClientFrame) => void;
}

/** The messages of one connection: in line while there is none, under way until they are answered. */
export class Outgoing {
  readonly #options: OutgoingOptions;
  /** In the order in which they were said. */
  readonly #messages = new Map<string, SentMessage>();
  #isOpen = false;

  constructor(options: OutgoingOptions) {
    this.#options = options;
  }

  /** How many have not ended. */
  get size(): number {
    return this.#messages.size;
  }

  /** Adds a message. @throws {GatewayError} `queue_full`. */
  add(id: string, message: string, onEnd: () => void): SentMessage {
    this.#makeRoom();
    const sent = new SentMessage({
      id,
      message,
      onEnd: () => {
        this.#messages.delete(id);
        onEnd();
        this.#flush();
      },
    });
    this.#messages.set(id, sent);
    this.#flush();
    return sent;
  }

  /** Finds a message that has not ended. */
  find(id: string): SentMessage | undefined {
    return this.#messages.get(id);
  }

  /** Notes that the gateway listens. `pending` are the messages that it still answers; others that it took are lost. */
  open(pending: readonly string[]): void {
    for (const message of this.#messages.values()) {
      if (message.status === 'sent') message.status = 'waiting'; // it may not have arrived: its id keeps it from being answered twice
      if (message.status === 'accepted' && !pending.includes(message.id)) {
        message.fail(new GatewayError('gap', 'The reply was lost while there was no connection'));
      }
    }
    this.#isOpen = true;
    this.#flush();
  }

  /** Notes that nobody listens. */
  close(): void {
    this.#isOpen = false;
  }

  /** Ends those that the gateway may have got; or only those of which it has not said that it took them. */
  failSent(
    error: GatewayError,
    { butAccepted = false }: { readonly butAccepted?: boolean } = {},
  ): void {
    for (const message of this.#messages.values()) {
      const isLeft = butAccepted && message.status === 'accepted';
      if (message.status !== 'waiting' && !isLeft) message.fail(error);
    }
  }

  /** Ends all. */
  failAll(error: unknown): void {
    for (const message of this.#messages.values()) message.fail(error);
  }

  #makeRoom(): void {
    const waiting = [...this.#messages.values()].filter(({ status }) => status === 'waiting');
    const { capacity, overflow } = this.#options;
    if (waiting.length < capacity) return;
    if (overflow === 'reject') {
      throw new GatewayError('queue_full', `${capacity} messages wait already`);
    }
    waiting[0]?.fail(new GatewayError('dropped', 'Newer messages took its place'));
  }

  #flush(): void {
    if (!this.#isOpen) return;
    let inFlight = 0;
    for (const message of this.#messages.values()) {
      if (inFlight >= this.#options.maxInFlight) return;
      inFlight += 1;
      if (message.status !== 'waiting') continue;
      message.status = 'sent';
      this.#options.send(message.frame);
    }
  }
}
