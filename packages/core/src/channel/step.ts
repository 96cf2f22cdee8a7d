import type { ChannelEffect } from './effect.ts';
import { decideRestart, type Ending, type RestartPolicy } from './restart-policy.ts';
import type { ChannelState, ChannelStateFields, DrainingState } from './state.ts';

/** What the reducer may know beside the state and the input. */
export interface TransitionContext {
  /** Monotonic milliseconds. */
  readonly now: number;
  /** Epoch milliseconds. */
  readonly at: number;
  /** A number from 0 to 1 that chance drew. */
  readonly roll: number;
  readonly policy: RestartPolicy;
  /** Whether it may connect now: it needs no ownership, or has it. */
  readonly mayConnect: boolean;
  /** How long messages may take to be answered once the peer has ended, in milliseconds. */
  readonly stopDeadlineMs: number;
}

/** The next state, and what is to be done. */
export type Step = readonly [ChannelState, readonly ChannelEffect[]];

/** What follows a drain, and how long it may take in milliseconds. */
export interface DrainWish {
  readonly next: DrainingState['next'];
  readonly deadlineMs: number;
}

/** Begins a connection: at once, or when this process owns the channel. */
export function connect(state: ChannelState, context: TransitionContext): Step {
  if (!context.mayConnect) {
    return [
      { ...fieldsOf(state, context), connected: false, status: 'standby' },
      [{ type: 'compete' }],
    ];
  }
  const generation = state.dialed + 1;
  return [
    {
      ...fieldsOf(state, context),
      connected: false,
      status: 'connecting',
      generation,
      dialed: generation,
    },
    [{ type: 'dial', generation, definition: 'current' }],
  ];
}

/** Gives up what was under way and begins a connection anew. */
export function redial(state: ChannelState, context: TransitionContext): Step {
  const [next, effects] = connect(state, context);
  return [next, [{ type: 'cancelDial' }, { type: 'clearTimers' }, ...effects]];
}

/** Connected: takes messages, or waits with them when somebody paused it. */
export function connected(
  state: ChannelState,
  generation: number,
  context: TransitionContext,
): ChannelState {
  const fields = { ...fieldsOf(state, context), connected: true as const, generation };
  return { ...fields, status: state.held ? 'paused' : 'running', upSince: context.now };
}

/** What becomes of a channel whose connection ended by itself. */
export function afterEnding(state: ChannelState, ending: Ending, context: TransitionContext): Step {
  const { policy, now, roll } = context;
  const attempt = isStable(state, context) ? 0 : state.attempt;
  const decision = decideRestart(policy, ending, { attempt, restarts: state.restarts, now, roll });
  if (decision.kind === 'stop') {
    const quiet = { ...state, connected: ending.isOpen === true } as ChannelState;
    return drain(quiet, { next: 'stop', deadlineMs: context.stopDeadlineMs }, context);
  }

  const fields = {
    ...fieldsOf(state, context),
    connected: false as const,
    restarts: decision.restarts,
    lastError: ending.error ?? state.lastError,
  };
  const report = { cause: ending.cause, by: 'supervisor' as const, error: ending.error };
  if (decision.kind === 'give-up') {
    const gaveUp = {
      type: 'report',
      kind: 'gaveUp',
      ...report,
      cause: giveUpCause(decision, ending),
    } as const;
    return [
      { ...fields, status: 'failed', attempt, reason: decision.reason },
      [gaveUp, { type: 'clearTimers' }, { type: 'abandon' }, { type: 'disown' }],
    ];
  }
  const { delayMs } = decision;
  return [
    {
      ...fields,
      status: 'backoff',
      attempt: attempt + 1,
      delayMs,
      nextRetryAt: context.at + delayMs,
    },
    [
      { type: 'report', kind: 'restarting', ...report, delayMs },
      { type: 'setTimer', timer: 'retry', delayMs },
    ],
  ];
}

/** Takes nothing new and answers what there is, for at most `deadlineMs`. */
export function drain(
  state: ChannelState,
  { next, deadlineMs }: DrainWish,
  context: TransitionContext,
): Step {
  return [
    { ...fieldsOf(state, context), status: 'draining', next, phase: 'emptying' },
    [
      { type: 'cancelDial' },
      { type: 'clearTimers' },
      { type: 'setTimer', timer: 'deadline', delayMs: deadlineMs },
      { type: 'drain' },
    ],
  ];
}

/** What every state keeps of the one before. */
export function fieldsOf(state: ChannelState, context: TransitionContext): ChannelStateFields {
  const { connected, generation, dialed, attempt, restarts, held, lastError, metadata } = state;
  const since = context.at;
  const fields = { connected, generation, dialed, attempt, since, restarts, held, metadata };
  return lastError === undefined ? fields : { ...fields, lastError };
}

function isStable(state: ChannelState, { policy, now }: TransitionContext): boolean {
  return 'upSince' in state && now - state.upSince >= policy.stableAfterMs;
}

function giveUpCause({ reason }: { readonly reason: string }, { cause }: Ending): string {
  return reason === 'fatal' || reason === 'temporary' ? cause : reason;
}

/** Closes a connection that has ended, for one that means to resume it, or one that nobody wants. */
export function discard(
  generation: number,
  keepSession: boolean,
): Extract<ChannelEffect, { readonly type: 'discard' }> {
  return { type: 'discard', generation, keepSession, isHasty: false };
}
