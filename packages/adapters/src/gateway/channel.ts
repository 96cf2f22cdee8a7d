import {
  type Channel,
  type ChannelCapabilities,
  type CloseReason,
  type HangUpReason,
  type InboundMessage,
  type MessageId,
  type OpenContext,
  type OutboundMessage,
  type ReplyAddress,
  SendError,
  type Session,
} from '@sluice/core';
import { Observable, type Subscriber } from 'rxjs';
import type { Exchange } from './exchange.ts';

/**
 * The gateway as a channel. The server stays up whatever the channel does: while nobody subscribes to the session's
 * messages there is no intake, and the gateway answers 503; replies to accepted messages still go out on the
 * connections that they came by.
 */
export class GatewayChannel implements Channel {
  readonly kind = 'gateway';
  readonly capabilities: ChannelCapabilities = { overlap: true, streaming: true };

  readonly #exchanges = new Map<MessageId, Exchange>();
  #intake: Subscriber<InboundMessage> | undefined;

  /** Whether messages are taken now. */
  get isAccepting(): boolean {
    return this.#intake !== undefined;
  }

  /** How many accepted messages wait for their reply. */
  get pending(): number {
    return this.#exchanges.size;
  }

  open(context: OpenContext): Promise<Session> {
    context.signal.throwIfAborted();
    return Promise.resolve(new GatewaySessionLink(this.#exchanges, this.#source()));
  }

  /** Hands an accepted message to whoever answers it. Call only while `isAccepting`. */
  accept(exchange: Exchange, text: string): void {
    this.#exchanges.set(exchange.id, exchange);
    this.#intake?.next({
      id: exchange.id,
      namespace: ['gateway', exchange.session.id],
      text,
      signal: exchange.signal,
    });
  }

  /** Lets go of an exchange that has ended. */
  forget(id: MessageId): void {
    this.#exchanges.delete(id);
  }

  /** The latest session's subscription is the intake; one that unsubscribes late does not close its successor's. */
  #source(): Observable<InboundMessage> {
    return new Observable((subscriber) => {
      this.#intake = subscriber;
      return () => {
        if (this.#intake === subscriber) this.#intake = undefined;
      };
    });
  }
}

/** One connection of the gateway to its supervisor. Nothing is dialled: what it holds is the right to take and answer. */
class GatewaySessionLink implements Session {
  readonly source: Observable<InboundMessage>;
  readonly closed: Promise<CloseReason>;
  readonly #exchanges: ReadonlyMap<MessageId, Exchange>;
  readonly #settle: (reason: CloseReason) => void;

  constructor(exchanges: ReadonlyMap<MessageId, Exchange>, source: Observable<InboundMessage>) {
    this.#exchanges = exchanges;
    this.source = source;
    let settle!: (reason: CloseReason) => void;
    this.closed = new Promise((resolve) => {
      settle = resolve;
    });
    this.#settle = settle;
  }

  async send(message: OutboundMessage): Promise<void> {
    const exchange = this.#exchanges.get(message.replyTo);
    if (exchange === undefined) throw new SendError('The sender no longer waits for this reply');
    if (message.body.kind === 'delta') exchange.delta(message.body.text);
    else exchange.final(message.body.text, message.body.usage);
  }

  async sendError(address: ReplyAddress, text: string): Promise<void> {
    this.#exchanges.get(address.replyTo)?.fail('reply_failed', text);
  }

  async close(reason: HangUpReason): Promise<void> {
    if (!reason.keepSession) {
      for (const exchange of [...this.#exchanges.values()]) {
        exchange.fail('unavailable', 'The gateway stopped before this message was answered');
      }
    }
    this.#settle({ kind: 'clean' });
  }
}
