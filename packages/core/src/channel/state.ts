import type { EventError } from '../events/event.ts';

/** Where a supervised channel stands: plain JSON, never changed, told apart by `status`. */
export type ChannelState =
  | IdleState
  | StandbyState
  | ConnectingState
  | RunningState
  | PausedState
  | BackoffState
  | HandoverState
  | DrainingState
  | StoppedState
  | FailedState;

/** What every state tells. */
export interface ChannelStateFields {
  /** Whether there is a connection by which messages can be answered. */
  readonly connected: boolean;
  /** The connection that counts: they are numbered as they are dialled, from 1. 0 before the first. */
  readonly generation: number;
  /** The highest generation that was dialled. None is used again, also when it was given up before it could count. */
  readonly dialed: number;
  /** Counts the restarts in a row without a connection that stayed up for `stableAfterMs`. */
  readonly attempt: number;
  /** Since when, in epoch milliseconds. */
  readonly since: number;
  /** When the supervisor restarted it within the last period: monotonic milliseconds, the oldest first. */
  readonly restarts: readonly number[];
  /** Whether somebody paused it. Outlives a lost connection, not a stop. */
  readonly held: boolean;
  readonly lastError?: EventError | undefined;
  /** What the user said of the channel. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Never started. */
export interface IdleState extends ChannelStateFields {
  readonly status: 'idle';
  readonly connected: false;
}

/** Waits until no other process runs this channel. */
export interface StandbyState extends ChannelStateFields {
  readonly status: 'standby';
  readonly connected: false;
}

/** Dials. */
export interface ConnectingState extends ChannelStateFields {
  readonly status: 'connecting';
  readonly connected: false;
}

/** Connected, and takes messages. */
export interface RunningState extends ChannelStateFields {
  readonly status: 'running';
  readonly connected: true;
  /** Monotonic milliseconds. */
  readonly upSince: number;
}

/** Connected, but starts no message: those that were begun are answered, the others wait. */
export interface PausedState extends ChannelStateFields {
  readonly status: 'paused';
  readonly connected: true;
  /** Monotonic milliseconds. */
  readonly upSince: number;
}

/** Waits before it dials again. */
export interface BackoffState extends ChannelStateFields {
  readonly status: 'backoff';
  readonly connected: false;
  readonly delayMs: number;
  /** Epoch milliseconds. */
  readonly nextRetryAt: number;
}

/** Moves from one definition to another. `generation` is the old connection's until the new one, `dialed`, is up. */
export interface HandoverState extends ChannelStateFields {
  readonly status: 'handover';
  /** What the old connection was up since, in monotonic milliseconds. */
  readonly upSince: number;
  /** `yielding`: the old intake closes; `closing`: the old connection closes; `dialing`; `rollback`: the old one is dialled again. */
  readonly phase: 'yielding' | 'closing' | 'dialing' | 'rollback';
  /** What the user said of the channel that is to take over. */
  readonly nextMetadata: Readonly<Record<string, string>>;
}

/** Takes nothing new, and answers what it accepted. */
export interface DrainingState extends ChannelStateFields {
  readonly status: 'draining';
  /** What follows: the end, a new connection, or the end and then a start that was asked for meanwhile. */
  readonly next: 'stop' | 'restart' | 'start';
  readonly phase: 'emptying' | 'closing';
}

/** Ended, by a stop or by its peer's clean end. */
export interface StoppedState extends ChannelStateFields {
  readonly status: 'stopped';
  readonly connected: false;
}

/** Given up. Only a person's start tries again. */
export interface FailedState extends ChannelStateFields {
  readonly status: 'failed';
  readonly connected: false;
  readonly reason: GiveUpReason;
}

/** Why a supervisor stops trying: it cannot help, it was too often, it was too often in a row, it is not to restart. */
export type GiveUpReason = 'fatal' | 'intensity' | 'attempts' | 'temporary';

/** The state in which every channel begins. */
export function idleState(metadata: Readonly<Record<string, string>>, at: number): IdleState {
  return {
    status: 'idle',
    connected: false,
    generation: 0,
    dialed: 0,
    attempt: 0,
    since: at,
    restarts: [],
    held: false,
    metadata,
  };
}

/** Tells whether a channel has ended: nothing happens to it until somebody starts it. */
export function isOver(state: ChannelState): state is IdleState | StoppedState | FailedState {
  return state.status === 'idle' || state.status === 'stopped' || state.status === 'failed';
}

/** Tells whether a message that is accepted now will be answered, now or by the next connection. */
export function answersMessages(state: ChannelState): boolean {
  if (isOver(state) || state.status === 'standby') return false;
  return state.status !== 'draining' || state.phase === 'emptying';
}
