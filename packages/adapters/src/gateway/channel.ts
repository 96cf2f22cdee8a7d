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
 * The gateway as a channel. The server stays up whatever the channel does: while nobody subscribes to a session's
 * messages there is no intake, and the gateway answers 503; replies to accepted messages still go out on the
 * connections that they came by.
 */
export class GatewayChannel implements Channel {
  readonly kind = 'gateway';
  readonly capabilities: ChannelCapabilities = { overlap: true, streaming: true };

  /** Shared by all sessions: a reply goes to its sender whichever session served when the message came. */
  readonly #exchanges = new Map<MessageId, Exchange>();
  #intake: GatewaySessionLink | undefined;

  /** Whether messages are taken now. */
  get isAccepting(): boolean {
    return this.#intake?.isTaking === true;
  }

  /** How many accepted messages wait for their reply. */
  get pending(): number {
    return this.#exchanges.size;
  }

  open(context: OpenContext): Promise<Session> {
    context.signal.throwIfAborted();
    return Promise.resolve(
      new GatewaySessionLink(this.#exchanges, (link) => {
        this.#intake = link;
      }),
    );
  }

  /** Hands an accepted message to whoever answers it. Call only while `isAccepting`. */
  accept(exchange: Exchange, text: string): void {
    this.#exchanges.set(exchange.id, exchange);
    this.#intake?.take(exchange, text);
  }

  /** Lets go of an exchange that has ended. */
  forget(id: MessageId): void {
    this.#exchanges.delete(id);
  }
}

/** One connection of the gateway to its supervisor. Nothing is dialled: what it holds is the right to take and answer. */
class GatewaySessionLink implements Session {
  readonly source: Observable<InboundMessage>;
  readonly closed: Promise<CloseReason>;
  readonly #exchanges: ReadonlyMap<MessageId, Exchange>;
  /** What came by this session. Another one may take messages already, while this one is hung up. */
  readonly #own = new Set<MessageId>();
  readonly #settle: (reason: CloseReason) => void;
  #subscriber: Subscriber<InboundMessage> | undefined;

  constructor(
    exchanges: ReadonlyMap<MessageId, Exchange>,
    onIntake: (link: GatewaySessionLink) => void,
  ) {
    this.#exchanges = exchanges;
    this.source = new Observable((subscriber) => {
      this.#subscriber = subscriber;
      onIntake(this);
      return () => {
        this.#subscriber = undefined;
      };
    });
    let settle!: (reason: CloseReason) => void;
    this.closed = new Promise((resolve) => {
      settle = resolve;
    });
    this.#settle = settle;
  }

  /** Whether somebody reads its messages. */
  get isTaking(): boolean {
    return this.#subscriber !== undefined;
  }

  take({ id, session, signal }: Exchange, text: string): void {
    this.#own.add(id);
    this.#subscriber?.next({ id, namespace: ['gateway', session.id], text, signal });
  }

  async send(message: OutboundMessage): Promise<void> {
    const exchange = this.#exchanges.get(message.replyTo);
    if (exchange === undefined) {
      throw new SendError('The sender no longer waits for this reply', { retryable: false });
    }
    if (message.body.kind === 'delta') exchange.delta(message.body.text);
    else exchange.final(message.body.text, message.body.usage);
  }

  async sendError(address: ReplyAddress, text: string): Promise<void> {
    this.#exchanges.get(address.replyTo)?.fail('reply_failed', text);
  }

  /** A sender to whom nothing was sent must not wait for the reply's deadline. */
  done({ replyTo }: ReplyAddress): void {
    this.#own.delete(replyTo);
    const exchange = this.#exchanges.get(replyTo);
    if (this.isTaking) exchange?.fail('not_answered', 'Nobody here answers this message');
    else exchange?.fail('unavailable', STOPPED);
  }

  async close(reason: HangUpReason): Promise<void> {
    if (!reason.keepSession) {
      for (const id of this.#own) this.#exchanges.get(id)?.fail('unavailable', STOPPED);
    }
    this.#own.clear();
    this.#settle({ kind: 'clean' });
  }
}

const STOPPED = 'The gateway stopped before this message was answered';
