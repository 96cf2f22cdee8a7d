import type { MovedBy } from '../events/channel-event.ts';
import type { EventError } from '../events/event.ts';
import type { ChannelTimer } from './channel-input.ts';

/** What the reducer wants done. Plain data; `effects.ts` does it. */
export type ChannelEffect =
  /** Connects; `opened` or `openFailed` follows. */
  | {
      readonly type: 'dial';
      readonly generation: number;
      readonly definition: 'current' | 'next';
      /** Whether the connection before may stay open meanwhile. */
      readonly overlap?: boolean | undefined;
    }
  /** Gives up the dial under way; a session that still comes of it is closed at once. */
  | { readonly type: 'cancelDial' }
  /** Makes a connection the current one and takes its messages. */
  | { readonly type: 'openIntake'; readonly generation: number }
  /** Takes no more from the current connection; `intakeClosed` follows. */
  | { readonly type: 'closeIntake' }
  /** Starts no more messages; `release` starts them again. */
  | { readonly type: 'hold' | 'release' }
  /** Takes nothing new; `drained` follows once everything accepted is answered. */
  | { readonly type: 'drain' }
  /** Aborts what runs, and gives up what waits. */
  | { readonly type: 'abandon' }
  /** Closes the current connection; `hungUp` follows, at once when hasty. */
  | { readonly type: 'hangUp'; readonly keepSession: boolean; readonly isHasty: boolean }
  /** Closes a connection that has ended, or came too late. Nothing follows. */
  | {
      readonly type: 'discard';
      readonly generation: number;
      readonly keepSession: boolean;
      readonly isHasty: false;
    }
  /** Takes no more from a connection, and closes it once its messages are answered. Nothing follows. */
  | { readonly type: 'retire'; readonly generation: number; readonly deadlineMs: number }
  /** Makes the next definition the current one, or forgets it. */
  | { readonly type: 'adopt' | 'rejectNext' }
  /** Begins, or ends, to compete with other processes for the channel; `owned` and `disowned` follow. */
  | { readonly type: 'compete' | 'disown' }
  /** Sets a timer anew, except that a deadline is never put off; `elapsed` follows. */
  | { readonly type: 'setTimer'; readonly timer: ChannelTimer; readonly delayMs: number }
  | { readonly type: 'clearTimers' }
  /** Starts again, as a step of its own. */
  | { readonly type: 'startAgain' }
  /** Tells observers. */
  | ReportEffect;

/** A restart, a giving up, or a swap, to be told to observers. */
export interface ReportEffect {
  readonly type: 'report';
  readonly kind: 'restarting' | 'gaveUp' | 'swapped';
  readonly cause: string;
  readonly by: MovedBy;
  readonly delayMs?: number | undefined;
  readonly error?: EventError | undefined;
}
