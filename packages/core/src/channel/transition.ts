import { assertNever } from '../base/assert.ts';
import type { ChannelInput, ChannelTimer } from './channel-input.ts';
import type { ChannelEffect } from './effect.ts';
import {
  beginHandover,
  candidateFailed,
  candidateOpened,
  continueHandover,
  hastenHandover,
  isCandidate,
  oldConnectionEnded,
} from './handover.ts';
import { isOver, type ChannelState, type DrainingState } from './state.ts';
import {
  afterEnding,
  connect,
  connected,
  discard,
  drain,
  fieldsOf,
  redial,
  type Step,
  type TransitionContext,
} from './step.ts';

type EndedInput = Extract<ChannelInput, { readonly type: 'openFailed' | 'ended' }>;

/**
 * Decides what becomes of a channel. Pure: no time, no chance, nothing awaited. What does not fit the state (a result of
 * an old generation, a resume of what runs) changes nothing.
 */
export function transition(
  state: ChannelState,
  input: ChannelInput,
  context: TransitionContext,
): Step {
  switch (input.type) {
    case 'start':
      return start(state, context);
    case 'stop':
      return stop(state, input.deadlineMs, context);
    case 'restart':
      return restart(state, input, context);
    case 'retry':
      return state.status === 'backoff' ? redial(state, context) : start(state, context);
    case 'pause':
      return hold(state, context);
    case 'resume':
      return release(state, context);
    case 'swap':
      return beginHandover(state, input, context);
    case 'owned':
      return state.status === 'standby' ? connect(state, context) : [state, []];
    case 'disowned':
      return disowned(state, context);
    case 'opened':
      return opened(state, input.generation, context);
    case 'openFailed':
      return openFailed(state, input, context);
    case 'ended':
      return ended(state, input, context);
    case 'elapsed':
      return elapsed(state, input.timer, context);
    case 'intakeClosed':
      return state.status === 'handover' && input.generation === state.generation
        ? continueHandover(state)
        : [state, []];
    case 'drained':
      return state.status === 'draining' && state.phase === 'emptying'
        ? hangUp(state, false)
        : [state, []];
    case 'hungUp':
      return hungUp(state, input.generation, context);
    default:
      return assertNever(input);
  }
}

function start(state: ChannelState, context: TransitionContext): Step {
  switch (state.status) {
    case 'idle':
    case 'stopped':
    case 'failed':
      return connect({ ...state, attempt: 0, restarts: [], held: false }, context);
    case 'draining':
      return state.next === 'stop' ? [{ ...state, next: 'start' }, []] : [state, []];
    default:
      return [state, []];
  }
}

function stop(state: ChannelState, deadlineMs: number, context: TransitionContext): Step {
  switch (state.status) {
    case 'idle':
    case 'stopped':
    case 'failed':
      return [state, []];
    case 'draining':
      return [
        { ...state, next: 'stop' },
        [{ type: 'setTimer', timer: 'deadline', delayMs: deadlineMs }],
      ];
    default:
      return drain(state, { next: 'stop', deadlineMs }, context);
  }
}

function restart(
  state: ChannelState,
  input: Extract<ChannelInput, { type: 'restart' }>,
  context: TransitionContext,
): Step {
  const report = { type: 'report', kind: 'restarting', by: input.by, cause: input.cause } as const;
  switch (state.status) {
    case 'draining':
    case 'standby':
      return [state, []];
    case 'running':
    case 'paused':
    case 'handover': {
      const [next, effects] = drain(
        { ...state, attempt: 0 },
        { next: 'restart', deadlineMs: input.deadlineMs },
        context,
      );
      return [next, [report, ...effects]];
    }
    case 'idle':
    case 'stopped':
    case 'failed': {
      const [next, effects] = start(state, context);
      return [next, [report, ...effects]];
    }
    default: {
      const [next, effects] = redial({ ...state, attempt: 0 }, context);
      return [next, [report, ...effects]];
    }
  }
}

function hold(state: ChannelState, context: TransitionContext): Step {
  if (state.status === 'running') {
    return [{ ...state, status: 'paused', since: context.at, held: true }, [{ type: 'hold' }]];
  }
  if (isEnding(state)) return [state, []];
  return [{ ...state, held: true }, [{ type: 'hold' }]];
}

function release(state: ChannelState, context: TransitionContext): Step {
  if (state.status === 'paused') {
    return [{ ...state, status: 'running', since: context.at, held: false }, [{ type: 'release' }]];
  }
  if (!state.held) return [state, []];
  return [{ ...state, held: false }, [{ type: 'release' }]];
}

/** Another process may run the channel now: this one must be silent before that one speaks, so nothing is waited for. */
function disowned(state: ChannelState, context: TransitionContext): Step {
  if (state.status === 'draining') return abandon(state);
  if (isOver(state) || state.status === 'standby') return [state, []];
  return [
    { ...fieldsOf(state, context), connected: false, status: 'standby' },
    [
      { type: 'cancelDial' },
      { type: 'clearTimers' },
      { type: 'abandon' },
      { type: 'hangUp', keepSession: true, isHasty: true },
    ],
  ];
}

function opened(state: ChannelState, generation: number, context: TransitionContext): Step {
  if (state.status === 'connecting' && state.generation === generation) {
    return [connected(state, generation, context), [{ type: 'openIntake', generation }]];
  }
  if (state.status === 'handover' && isCandidate(state, generation)) {
    return candidateOpened(state, context);
  }
  return [state, [discard(generation, false)]];
}

function openFailed(
  state: ChannelState,
  { generation, ending }: EndedInput,
  context: TransitionContext,
): Step {
  if (state.status === 'connecting' && state.generation === generation) {
    return afterEnding(state, ending, context);
  }
  if (state.status === 'handover' && isCandidate(state, generation)) {
    return candidateFailed(state, ending, context);
  }
  return [state, []];
}

function ended(
  state: ChannelState,
  { generation, ending }: EndedInput,
  context: TransitionContext,
): Step {
  if (state.generation !== generation) return [state, [discard(generation, true)]];
  if (state.status === 'handover') return oldConnectionEnded(state);
  if (state.status === 'draining') return [{ ...state, connected: false }, []];
  if (state.status !== 'running' && state.status !== 'paused') return [state, []];
  const [next, effects] = afterEnding(state, ending, context);
  if (next.status === 'draining') return [next, effects];
  return [next, [discard(generation, true), ...effects]];
}

function elapsed(state: ChannelState, timer: ChannelTimer, context: TransitionContext): Step {
  if (timer === 'retry') {
    return state.status === 'backoff' ? connect(state, context) : [state, []];
  }
  if (state.status === 'draining') return abandon(state);
  return state.status === 'handover' ? hastenHandover(state) : [state, []];
}

function abandon(state: DrainingState): Step {
  const [next, effects] = hangUp(state, true);
  return [next, [{ type: 'abandon' }, ...effects]];
}

function hangUp(state: DrainingState, isHasty: boolean): Step {
  return [
    { ...state, phase: 'closing' },
    [{ type: 'hangUp', keepSession: state.next === 'restart', isHasty }],
  ];
}

function hungUp(state: ChannelState, generation: number, context: TransitionContext): Step {
  if (state.generation !== generation) return [state, []];
  if (state.status === 'handover') return continueHandover(state);
  if (state.status !== 'draining' || state.phase !== 'closing') return [state, []];
  if (state.next === 'restart') {
    const [next, effects] = connect(state, context);
    return [next, [{ type: 'clearTimers' }, ...effects]];
  }
  const stopped = { ...fieldsOf(state, context), connected: false, status: 'stopped' } as const;
  const effects: ChannelEffect[] = [{ type: 'clearTimers' }, { type: 'disown' }];
  if (state.next === 'start') effects.push({ type: 'startAgain' });
  return [stopped, effects];
}

function isEnding(state: ChannelState): boolean {
  return isOver(state) || state.status === 'draining';
}
