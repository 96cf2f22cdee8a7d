import type { ChannelId, RunId } from '../base/id.ts';
import type { DeadLetterReason, MessageEvent } from '../events/channel-event.ts';
import type { InboundMessage, OutboundUsage } from '../message/envelope.ts';
import type { TypingGuard } from './typing.ts';

/**
 * Handles one message. One that returns without a reply is fine: the message is ignored. One that throws is answered
 * with the configured safe text, never with its error.
 */
export type MessageHandler = (message: InboundMessage, context: MessageContext) => Promise<void>;

/**
 * Hears of each event of each message, observed or not, in one step with it: for who counts. It must not throw.
 */
export type MessageListener = (
  type: MessageEvent['type'],
  about: {
    readonly message: InboundMessage;
    readonly runId: RunId;
    readonly channel: ChannelId;
  },
) => void;

/** What accompanies a message. */
export interface MessageContext {
  readonly channel: ChannelId;
  /** Joins everything that happens on the way of this message. */
  readonly runId: RunId;
  /** Aborted when the channel stops, the sender goes away, or a newer message interrupts. */
  readonly signal: AbortSignal;
  /** Counts the times that this message was handed out, from 1: more when a redelivery followed an abort. */
  readonly attempt: number;
  /** The connection by which the message came. */
  readonly generation: number;
  /** All messages that this run answers, the oldest first: more than one in mode `collect` only, where `message` joins them. */
  readonly batch: readonly InboundMessage[];
  readonly reply: Reply;
  /** Says "typing" until the reply, the end of the handler, or until it is stopped. */
  readonly typing: TypingGuard;
  /** Gives the message up for good, for observers and for `deadLetters$`. A reply may still be sent. */
  deadLetter(reason: DeadLetterReason): void;
}

/** How a message is answered: by one `final` or one `error`, after as many deltas as one likes. */
export interface Reply {
  /** Shows a piece of a growing reply, where the channel can. Nothing after the end. */
  delta(text: string): void;
  /**
   * Sends the whole reply. Resolves when the channel has taken it.
   *
   * @throws {SendError} when it could not be delivered.
   * @throws {TypeError} when the message was answered already.
   */
  final(text: string, usage?: OutboundUsage): Promise<void>;
  /**
   * Says that there will be no reply. `text` is shown to the sender; `cause` goes to observers alone.
   *
   * @throws {SendError} when it could not be delivered.
   * @throws {TypeError} when the message was answered already.
   */
  error(text: string, cause?: unknown): Promise<void>;
}
