import type { MovedBy } from '../events/channel-event.ts';
import type { Ending } from './restart-policy.ts';

/** What happens to a channel: commands of a person, and the results of effects. Results tell whose generation they are. */
export type ChannelInput =
  | { readonly type: 'start'; readonly by: MovedBy }
  | {
      readonly type: 'stop';
      readonly by: MovedBy;
      readonly deadlineMs: number;
      readonly cause?: string;
    }
  | {
      readonly type: 'restart';
      readonly by: MovedBy;
      readonly deadlineMs: number;
      readonly cause: string;
    }
  | { readonly type: 'retry'; readonly by: MovedBy }
  | { readonly type: 'pause' | 'resume'; readonly by: MovedBy }
  | SwapInput
  | { readonly type: 'owned' | 'disowned' }
  | { readonly type: 'opened'; readonly generation: number }
  | { readonly type: 'openFailed' | 'ended'; readonly generation: number; readonly ending: Ending }
  | { readonly type: 'elapsed'; readonly timer: ChannelTimer; readonly generation: number }
  | { readonly type: 'intakeClosed' | 'drained' | 'hungUp'; readonly generation: number };

/** The wish to move to another definition. */
export interface SwapInput {
  readonly type: 'swap';
  readonly by: MovedBy;
  /** Whether both connections may be open at once. */
  readonly overlap: boolean;
  readonly deadlineMs: number;
  readonly metadata: Readonly<Record<string, string>>;
}

/** The timers of a supervisor. At most one of each runs. */
export type ChannelTimer = 'retry' | 'deadline';
