import {
  type Channel,
  type ChannelCapabilities,
  type CloseReason,
  type HangUpReason,
  type InboundMessage,
  type MessageId,
  type OpenContext,
  type OutboundMessage,
  type PullSource,
  type ReplyAddress,
  SendError,
  type SendOptions,
  type Session,
} from '@sluice/core';
import type { Exchange } from './exchange.ts';
import { inboundOf, WaitingLine, type WaitingMessage } from './waiting-line.ts';

/** What a gateway's channel needs. */
export interface GatewayChannelOptions {
  /** Accepted messages that may wait until the supervisor takes them. */
  readonly maxWaiting: number;
  /** What a sender is told to wait when there was no room, in milliseconds. */
  readonly retryAfterMs: number;
  /** Called when there is room again after there was none. */
  readonly onRoom: () => void;
}

/**
 * The gateway as a channel. The server stays up whatever the channel does: while nobody asks for messages there is no
 * intake, and the gateway answers 503; replies to accepted messages still go out on the connections that they came by.
 */
export class GatewayChannel implements Channel {
  readonly kind = 'gateway';
  readonly capabilities: ChannelCapabilities = { overlap: true, streaming: true };

  readonly #options: GatewayChannelOptions;
  /** Shared by all sessions: a reply goes to its sender whichever session served when the message came. */
  readonly #exchanges = new Map<MessageId, Exchange>();
  readonly #line: WaitingLine;
  #intake: GatewaySessionLink | undefined;

  constructor(options: GatewayChannelOptions) {
    this.#options = options;
    this.#line = new WaitingLine({ capacity: options.maxWaiting, onRoom: options.onRoom });
  }

  /** Whether messages are taken now. */
  get isAccepting(): boolean {
    return this.#intake?.isTaking === true;
  }

  /** Whether so many wait that no more should come. */
  get isFull(): boolean {
    return this.#line.isFull;
  }

  /** How many accepted messages wait for their reply. */
  get pending(): number {
    return this.#exchanges.size;
  }

  open(context: OpenContext): Promise<Session> {
    context.signal.throwIfAborted();
    const link = new GatewaySessionLink({
      exchanges: this.#exchanges,
      line: this.#line,
      retryAfterMs: this.#options.retryAfterMs,
      onTaking: () => {
        this.#intake = link;
      },
      isLast: () => this.#intake === undefined || this.#intake === link,
    });
    return Promise.resolve(link);
  }

  /** Hands an accepted message to whoever answers it. Call only while `isAccepting`. */
  accept(exchange: Exchange, text: string): void {
    this.#exchanges.set(exchange.id, exchange);
    const message: WaitingMessage = { exchange, text };
    exchange.signal.addEventListener('abort', () => this.#line.remove(message), { once: true });
    this.#line.offer(message);
  }

  /** Lets go of an exchange that has ended. */
  forget(id: MessageId): void {
    this.#exchanges.delete(id);
  }
}

/** What a link is made of. */
interface GatewaySessionLinkOptions {
  readonly exchanges: ReadonlyMap<MessageId, Exchange>;
  readonly line: WaitingLine;
  readonly retryAfterMs: number;
  /** Called when it is asked for messages. */
  readonly onTaking: () => void;
  /** Whether no other link takes the messages over that wait. */
  readonly isLast: () => boolean;
}

/** One connection of the gateway to its supervisor. Nothing is dialled: what it holds is the right to take and answer. */
class GatewaySessionLink implements Session {
  readonly source: PullSource = { receive: (signal) => this.#receive(signal) };
  readonly closed: Promise<CloseReason>;
  readonly #options: GatewaySessionLinkOptions;
  /** What came by this session. Another one may take messages already, while this one is hung up. */
  readonly #own = new Set<MessageId>();
  #settle!: (reason: CloseReason) => void;
  /** Whoever asks for messages: they are taken until it is aborted. */
  #reader: AbortSignal | undefined;

  constructor(options: GatewaySessionLinkOptions) {
    this.#options = options;
    this.closed = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** Whether somebody reads its messages. */
  get isTaking(): boolean {
    return this.#reader?.aborted === false;
  }

  async send(message: OutboundMessage): Promise<void> {
    const exchange = this.#exchange(message);
    if (exchange === undefined) {
      throw new SendError('The sender no longer waits for this reply', { retryable: false });
    }
    if (message.body.kind === 'delta') exchange.delta(message.body.text);
    else exchange.final(message.body.text, message.body.usage);
  }

  async sendError(address: ReplyAddress, text: string, { busy }: SendOptions): Promise<void> {
    const exchange = this.#exchange(address);
    if (busy === undefined) exchange?.fail('reply_failed', text);
    else exchange?.busy(text, busy.retryAfterMs ?? this.#options.retryAfterMs);
  }

  /** A sender to whom nothing was sent must not wait for the reply's deadline. */
  done(address: ReplyAddress): void {
    this.#own.delete(address.replyTo);
    const exchange = this.#exchange(address);
    if (this.isTaking) exchange?.fail('not_answered', 'Nobody here answers this message');
    else exchange?.fail('unavailable', STOPPED);
  }

  async close(reason: HangUpReason): Promise<void> {
    this.#reader = undefined;
    if (!reason.keepSession) this.#giveUp();
    this.#own.clear();
    this.#settle({ kind: 'clean' });
  }

  async #receive(signal: AbortSignal): Promise<InboundMessage | null> {
    this.#reader = signal;
    this.#options.onTaking();
    const waiting = await this.#options.line.take(signal);
    if (waiting === undefined) return null;
    this.#own.add(waiting.exchange.id);
    return inboundOf(waiting);
  }

  #giveUp(): void {
    const { exchanges, line, isLast } = this.#options;
    for (const id of this.#own) exchanges.get(id)?.fail('unavailable', STOPPED);
    if (!isLast()) return;
    for (const { exchange } of line.clear()) exchange.fail('unavailable', STOPPED);
  }

  #exchange({ replyTo }: ReplyAddress): Exchange | undefined {
    return this.#options.exchanges.get(replyTo);
  }
}

const STOPPED = 'The gateway stopped before this message was answered';
