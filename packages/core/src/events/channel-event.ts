import type { EventError } from './event.ts';

/** Where a supervised channel stands. */
export type ChannelStatus =
  | 'idle'
  | 'connecting'
  | 'running'
  | 'backoff'
  | 'paused'
  | 'standby'
  | 'handover'
  | 'draining'
  | 'stopped'
  | 'failed';

/** Who moved a channel: its supervisor, or a person. */
export type MovedBy = 'supervisor' | 'hand';

/** What happens to channels and to the messages that they carry. */
export type ChannelEventDraft = ChannelLifeEvent | MessageEvent;

/** The life of a channel. */
export type ChannelLifeEvent =
  | {
      readonly type: 'channel.added';
      readonly channel: string;
      readonly kind: string;
      readonly metadata: Readonly<Record<string, string>>;
    }
  | { readonly type: 'channel.removed'; readonly channel: string }
  | {
      readonly type: 'channel.transition';
      readonly channel: string;
      readonly from: ChannelStatus;
      readonly to: ChannelStatus;
      readonly cause: string;
      readonly generation: number;
      readonly attempt: number;
      readonly by: MovedBy;
      /** Epoch milliseconds of the next try, in backoff. */
      readonly nextRetryAt?: number | undefined;
      /** Given when the count changed with it, such as after a stable while. */
      readonly restartsInWindow?: number | undefined;
      /** Given when it changed with it: the whole of it. */
      readonly metadata?: Readonly<Record<string, string>> | undefined;
      readonly error?: EventError | undefined;
    }
  | {
      readonly type:
        | 'channel.restarting'
        | 'channel.gaveUp'
        | 'channel.swapped'
        | 'channel.replayGap';
      readonly channel: string;
      readonly generation: number;
      readonly cause: string;
      readonly by: MovedBy;
      readonly delayMs?: number | undefined;
      readonly restartsInWindow?: number | undefined;
      /** Messages that were queued and go on in the new generation. */
      readonly redelivered: number;
      /** The kind of the new channel, when a swap changed it. */
      readonly kind?: string | undefined;
      /** What is known of the new channel, when a swap changed it: the whole of it. */
      readonly metadata?: Readonly<Record<string, string>> | undefined;
      readonly error?: EventError | undefined;
    };

/** Why a message was given up. */
export type DeadLetterReason =
  | 'overflow'
  | 'unroutable'
  | 'stopped'
  | 'send-failed'
  | 'handler-failed'
  /** A newer message of the same namespace took its place. */
  | 'superseded';

/** What every event of a message says. */
export interface MessageFields {
  readonly channel: string;
  readonly message: string;
  /** A salted hash, unless the host captures identity. */
  readonly namespace: string;
  readonly runId: string;
  /** How many messages of this channel wait now. */
  readonly queued?: number | undefined;
  /** How many messages of this channel are being handled now. */
  readonly running?: number | undefined;
  readonly durationMs?: number | undefined;
}

/** The life of a message in its channel. */
export type MessageEvent =
  | (MessageFields & {
      readonly type:
        | 'message.received'
        | 'message.duplicate'
        | 'message.queued'
        | 'message.started'
        | 'message.replied'
        /** Handled, and no reply was meant. */
        | 'message.ignored';
    })
  | (MessageFields & { readonly type: 'message.failed'; readonly error: EventError })
  | (MessageFields & { readonly type: 'message.deadLettered'; readonly reason: DeadLetterReason });
