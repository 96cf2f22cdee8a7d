import type { SwapInput } from './channel-input.ts';
import type { ChannelEffect, ReportEffect } from './effect.ts';
import type { Ending } from './restart-policy.ts';
import type { ChannelState, HandoverState, PausedState, RunningState } from './state.ts';
import {
  afterEnding,
  connected,
  discard,
  fieldsOf,
  redial,
  type Step,
  type TransitionContext,
} from './step.ts';

/**
 * Begins to move to the next definition. Where two connections may be open at once, the new one is dialled first and the
 * old one serves meanwhile; else the old one first closes its intake, then hangs up. What is not connected just adopts.
 */
export function beginHandover(
  state: ChannelState,
  input: SwapInput,
  context: TransitionContext,
): Step {
  switch (state.status) {
    case 'running':
    case 'paused':
      return input.overlap ? dialFirst(state, input, context) : yieldFirst(state, input, context);
    case 'handover':
      return replaceCandidate(state, input);
    case 'connecting':
    case 'backoff': {
      const [next, effects] = redial({ ...state, attempt: 0, metadata: input.metadata }, context);
      return [next, [...adoption(), ...effects]];
    }
    default:
      return [{ ...state, metadata: input.metadata }, adoption()];
  }
}

/** Whether a result is that of the connection that is to take over: not of one that was given up. */
export function isCandidate(state: HandoverState, generation: number): boolean {
  const isDialing = state.phase === 'dialing' || state.phase === 'rollback';
  return isDialing && state.dialed === generation;
}

/** The old connection let go of something: the next thing is done. */
export function continueHandover(state: HandoverState): Step {
  switch (state.phase) {
    case 'yielding':
      return [
        { ...state, phase: 'closing' },
        [{ type: 'hangUp', keepSession: true, isHasty: false }],
      ];
    case 'closing':
      return dialCandidate({ ...state, connected: false }, false);
    default:
      return [state, []];
  }
}

/** The old connection took too long to let go. */
export function hastenHandover(state: HandoverState): Step {
  if (state.phase !== 'yielding' && state.phase !== 'closing') return [state, []];
  return [{ ...state, phase: 'closing' }, [{ type: 'hangUp', keepSession: true, isHasty: true }]];
}

/** The new connection is up: it takes over, and the old one may still answer what came by it. */
export function candidateOpened(state: HandoverState, context: TransitionContext): Step {
  const { dialed, generation, phase, nextMetadata } = state;
  const openIntake = { type: 'openIntake', generation: dialed } as const;
  if (phase === 'rollback') return [connected(state, dialed, context), [openIntake]];

  const next = connected({ ...state, attempt: 0, metadata: nextMetadata }, dialed, context);
  const retire = { type: 'retire', generation, deadlineMs: context.stopDeadlineMs } as const;
  const effects: ChannelEffect[] = [...adoption(), openIntake];
  return [next, state.connected ? [...effects, retire] : effects];
}

/** The new connection did not come up: back to the old one, which is dialled again when it is gone. */
export function candidateFailed(
  state: HandoverState,
  ending: Ending,
  context: TransitionContext,
): Step {
  if (state.phase === 'rollback') {
    return afterEnding({ ...state, generation: state.dialed }, ending, context);
  }
  const failed: ReportEffect = {
    type: 'report',
    kind: 'swapped',
    cause: 'rolled-back',
    by: 'supervisor',
    error: ending.error,
  };
  const effects: ChannelEffect[] = [{ type: 'rejectNext' }, failed];
  const lastError = ending.error ?? state.lastError;
  if (state.connected) return [backToOld({ ...state, lastError }, context), effects];
  const dialed = state.dialed + 1;
  return [
    { ...state, lastError, dialed, phase: 'rollback' },
    [...effects, { type: 'dial', generation: dialed, definition: 'current' }],
  ];
}

/** The old connection ended by itself before it was told to. */
export function oldConnectionEnded(state: HandoverState): Step {
  const old = discard(state.generation, true);
  const alone = { ...state, connected: false };
  if (state.phase === 'closing') return [state, []];
  if (state.phase !== 'yielding') return [alone, [old]];
  const [next, effects] = dialCandidate(alone, false);
  return [next, [old, ...effects]];
}

function dialFirst(
  state: RunningState | PausedState,
  input: SwapInput,
  context: TransitionContext,
): Step {
  return dialCandidate(handingOver(state, input, context), true);
}

function yieldFirst(
  state: RunningState | PausedState,
  input: SwapInput,
  context: TransitionContext,
): Step {
  return [handingOver(state, input, context), letGo(input)];
}

function handingOver(
  state: RunningState | PausedState,
  { metadata }: SwapInput,
  context: TransitionContext,
): HandoverState {
  return {
    ...fieldsOf(state, context),
    status: 'handover',
    upSince: state.upSince,
    phase: 'yielding',
    nextMetadata: metadata,
  };
}

function letGo({ deadlineMs }: SwapInput): ChannelEffect[] {
  return [{ type: 'closeIntake' }, { type: 'setTimer', timer: 'deadline', delayMs: deadlineMs }];
}

/** A swap during a swap: the latest wins. */
function replaceCandidate(state: HandoverState, input: SwapInput): Step {
  const next = { ...state, nextMetadata: input.metadata };
  if (state.phase === 'yielding' || state.phase === 'closing') return [next, []];
  if (state.connected && !input.overlap) {
    return [{ ...next, phase: 'yielding' }, [{ type: 'cancelDial' }, ...letGo(input)]];
  }
  const [dialing, effects] = dialCandidate(next, input.overlap);
  return [dialing, [{ type: 'cancelDial' }, ...effects]];
}

function dialCandidate(state: HandoverState, overlap: boolean): Step {
  const dialed = state.dialed + 1;
  return [
    { ...state, dialed, phase: 'dialing' },
    [{ type: 'clearTimers' }, { type: 'dial', generation: dialed, definition: 'next', overlap }],
  ];
}

function backToOld(state: HandoverState, context: TransitionContext): ChannelState {
  const fields = { ...fieldsOf(state, context), connected: true as const };
  return { ...fields, status: state.held ? 'paused' : 'running', upSince: state.upSince };
}

function adoption(): ChannelEffect[] {
  return [{ type: 'adopt' }, { type: 'report', kind: 'swapped', cause: 'swap', by: 'hand' }];
}
