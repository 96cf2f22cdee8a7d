import type { Observable } from 'rxjs';
import type { Clock } from '../base/clock.ts';
import type { MessageId } from '../base/id.ts';
import type { InboundMessage, OutboundMessage, ReplyAddress } from '../message/envelope.ts';
import type { Busy } from './busy.ts';

/**
 * Where messages come from and replies go. A channel only knows how to connect; being connected, restarted, swapped and
 * stopped is its supervisor's business.
 */
export interface Channel {
  /** What kind of transport it is, such as `gateway` or `discord`. */
  readonly kind: string;
  readonly capabilities?: ChannelCapabilities | undefined;
  /**
   * Connects once. Called again for each new connection. A session that is ready only after `signal` was aborted is
   * still returned: its supervisor closes it.
   *
   * @throws {ChannelFailedError} marked fatal when trying again cannot help (bad credentials). Any other error is retried.
   */
  open(context: OpenContext): Promise<Session>;
}

/** What a channel can do. */
export interface ChannelCapabilities {
  /** Whether two connections may exist at the same time, as a hand-over likes it. Default false. */
  readonly overlap?: boolean | undefined;
  /** Whether replies are shown while they grow: `send` gets `delta` bodies. Default false. */
  readonly streaming?: boolean | undefined;
  /**
   * Whether a growing reply is shown by editing what was sent, and how often, at most, in milliseconds: the first text is
   * sent as a `delta`, and edited from then on. Needs `edit` on the session. Default: growing replies are not shown.
   */
  readonly edits?: { readonly intervalMs: number } | undefined;
  /** The longest text of one message, in UTF-16 units. Default: no limit. */
  readonly maxLength?: number | undefined;
  /** How often "typing" must be said again, in milliseconds. Default: never said. */
  readonly typingMs?: number | undefined;
  /** Whether messages are redelivered until they are acknowledged. Default false. */
  readonly ack?: boolean | undefined;
}

/** What a channel is given to connect with. */
export interface OpenContext {
  /** Aborted when the connection is no longer wanted: a level, not an edge. */
  readonly signal: AbortSignal;
  /** What `resumeInfo` of the session before told, when there was one. */
  readonly resume?: unknown;
  /** Grows with every process that comes to own the channel, where it has an ownership store. */
  readonly fence?: number | undefined;
  readonly clock: Clock;
}

/** One connection of a channel, used once. */
export interface Session {
  /**
   * Messages by pull or by push. A pull source is asked for one message at a time, and only while there is room. A push
   * source is subscribed to once; unsubscribing from it means: take no more, while replies still go out.
   */
  readonly source: PullSource | Observable<InboundMessage>;
  /**
   * Holds a push source back, where the transport can: under `overflow: 'block'`, or while the channel is paused, nothing
   * more should come until `resume`. What comes all the same is buffered.
   */
  pause?(): void;
  /** Lets a push source go on. */
  resume?(): void;
  /** Settles once, never rejects: how the connection ended. */
  readonly closed: Promise<CloseReason>;
  /** Sends one piece of a reply. @throws {SendError} when it cannot be delivered. */
  send(message: OutboundMessage, options: SendOptions): Promise<SentRef | void>;
  /** Tells the sender that there will be no reply. `text` is safe to show. */
  sendError(address: ReplyAddress, text: string, options: SendOptions): Promise<void>;
  /** Replaces the text of what was sent. */
  edit?(ref: SentRef, text: string, options: SendOptions): Promise<void>;
  /** Says that a reply is being written. */
  typing?(address: ReplyAddress): Promise<void>;
  /** Says that a message, and all before it, need not be delivered again. */
  ack?(id: MessageId): void;
  /** Says that nothing more will be sent for a message: it was answered, ignored, refused or given up. */
  done?(address: ReplyAddress): void;
  /** False when it was opened with something to resume and could not: messages may be missing between. Default true. */
  readonly resumed?: boolean | undefined;
  /** What the next session needs to go on where this one ended. Plain JSON. */
  resumeInfo?(): unknown;
  /** Hangs up. Resolves when nothing is left, or soon after `signal` is aborted. */
  close(reason: HangUpReason, signal: AbortSignal): Promise<void>;
}

/** A source that is asked. Resolves with `null` when there will be no more. */
export interface PullSource {
  receive(signal: AbortSignal): Promise<InboundMessage | null>;
}

/** How a connection ended: by the peer's wish, by a fault that another try may mend, or for good. */
export type CloseReason =
  | { readonly kind: 'clean' }
  | { readonly kind: 'fault'; readonly error: unknown; readonly retryAfterMs?: number | undefined }
  | { readonly kind: 'fatal'; readonly error: unknown };

/** Why the supervisor hangs up. */
export interface HangUpReason {
  /** Whether the next connection means to resume this one. */
  readonly keepSession: boolean;
}

/** What accompanies one send. */
export interface SendOptions {
  readonly signal: AbortSignal;
  /** The same for every try of the same piece, so that a peer can recognise a repetition. */
  readonly idempotencyKey?: string | undefined;
  /**
   * The number of this process's ownership, where the channel has an ownership store: a peer that has seen a greater one
   * refuses what an earlier owner still sends.
   */
  readonly fence?: number | undefined;
  /** With an error text: that it was for want of room, so that a channel can say when to try again. */
  readonly busy?: Busy | undefined;
}

/** Names what was sent, in the channel's own terms, so that it can be edited. */
export interface SentRef {
  readonly id: string;
}
