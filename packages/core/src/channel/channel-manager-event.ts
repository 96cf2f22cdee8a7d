import type { ChannelId, RunId } from '../base/id.ts';
import type { ChannelEventDraft, DeadLetterReason } from '../events/channel-event.ts';
import type { EngineEventDraft } from '../events/event.ts';
import type { SendEvent } from '../events/run-event.ts';
import type { InboundMessage } from '../message/envelope.ts';
import type { ChannelInput } from './channel-input.ts';
import type { ChannelEffect } from './effect.ts';
import type { ChannelState } from './state.ts';
import type { TransitionContext } from './step.ts';

/** What a channel manager tells, before it is stamped. */
export type ChannelManagerEventDraft =
  | ChannelEventDraft
  | SendEvent
  | Extract<EngineEventDraft, { readonly type: 'observer.failed' }>;

/** A message that was given up, with all of its content: for the program, never for a dashboard. */
export interface DeadLetterDraft {
  readonly type: 'deadLetter';
  readonly channel: ChannelId;
  readonly message: InboundMessage;
  readonly runId: RunId;
  readonly reason: DeadLetterReason;
  /** What led to it, when it was a failure. */
  readonly error?: unknown;
}

/** One decision of a supervisor, whole: replaying inputs and contexts through `transition` gives the same states. */
export interface ChannelStepDraft {
  readonly type: 'channelStep';
  readonly channel: ChannelId;
  readonly input: ChannelInput;
  readonly from: ChannelState;
  readonly to: ChannelState;
  readonly effects: readonly ChannelEffect[];
  readonly context: TransitionContext;
}
