import { assertNever } from '../base/assert.ts';
import { deferred, type Deferred } from '../base/deferred.ts';
import { ChannelFailedError, ChannelSupersededError } from './errors.ts';
import type { ResolvedChannelDefinition } from './options.ts';
import { type ChannelState, isOver } from './state.ts';

/** A command that somebody waits for. */
export type CallerCommand = 'start' | 'stop' | 'restart' | 'swap';

/** Somebody who waits for a command to be done. */
export interface Caller {
  readonly command: CallerCommand;
  /** What a swap moves to. */
  readonly definition: ResolvedChannelDefinition | undefined;
  readonly done: Deferred<void>;
  /** The generation that was there when the command was taken up. */
  generation: number;
  /** Whether the channel stood still then: a swap takes the definition and starts nothing. */
  stoodStill: boolean;
}

/** What callers must know beside the state. */
export interface Standing {
  readonly definition: ResolvedChannelDefinition;
  /** The definition of a swap under way. */
  readonly next: ResolvedChannelDefinition | undefined;
  /** What was thrown last. */
  readonly thrown: unknown;
}

type Verdict =
  | { readonly kind: 'wait' | 'done' | 'failed' }
  | { readonly kind: 'superseded'; readonly by: string };

/** Those who wait for commands to one channel. Each is told once. */
export class CallerList {
  readonly #channel: string;
  #callers: Caller[] = [];

  constructor(channel: string) {
    this.#channel = channel;
  }

  /** Makes a caller for a command: the one who waits for the same already, where that is the same thing. */
  caller(command: CallerCommand, definition?: ResolvedChannelDefinition): Caller {
    const isShared = command === 'start' || command === 'stop';
    const same = isShared ? this.#callers.find((other) => other.command === command) : undefined;
    return same ?? { command, definition, done: deferred(), generation: 0, stoodStill: false };
  }

  /** Takes a caller up as its command is carried out. A restart or swap takes the place of the one before. */
  admit(caller: Caller, state: ChannelState): void {
    if (this.#callers.includes(caller)) return;
    caller.generation = state.generation;
    caller.stoodStill = whileNotServing(state).kind !== 'wait';
    const { command } = caller;
    if (command === 'restart' || command === 'swap') {
      for (const other of this.#callers.filter((each) => each.command === command)) {
        this.#tell(other, { kind: 'superseded', by: command }, undefined);
      }
    }
    this.#callers.push(caller);
  }

  /** Tells those who wait for a stop, also when the channel has only passed through it. */
  settleStops(state: ChannelState): void {
    if (!isOver(state)) return;
    for (const caller of this.#callers.filter(({ command }) => command === 'stop')) {
      this.#tell(caller, { kind: 'done' }, undefined);
    }
  }

  /** Tells all who need not wait any longer. */
  settle(state: ChannelState, standing: Standing): void {
    for (const caller of this.#callers) {
      const verdict = verdictOf(caller, state, standing);
      if (verdict.kind !== 'wait') this.#tell(caller, verdict, failureOf(state, standing.thrown));
    }
  }

  #tell(caller: Caller, verdict: Verdict, failure: unknown): void {
    this.#callers = this.#callers.filter((other) => other !== caller);
    if (verdict.kind === 'done') caller.done.resolve();
    else if (verdict.kind === 'failed') caller.done.reject(failure);
    else if (verdict.kind === 'superseded') {
      caller.done.reject(new ChannelSupersededError(this.#channel, caller.command, verdict.by));
    }
  }
}

function verdictOf(caller: Caller, state: ChannelState, standing: Standing): Verdict {
  switch (caller.command) {
    case 'stop':
      return { kind: isOver(state) ? 'done' : 'wait' };
    case 'start':
      return isServing(state) ? { kind: 'done' } : whileNotServing(state);
    case 'restart': {
      const isNew = state.generation > caller.generation || state.status === 'standby';
      return isServing(state) && isNew ? { kind: 'done' } : whileNotServing(state);
    }
    case 'swap':
      if (caller.definition === standing.definition) {
        return caller.stoodStill || isServing(state) ? { kind: 'done' } : whileNotServing(state);
      }
      if (caller.definition === standing.next) return { kind: 'wait' };
      if (state.status === 'draining') return { kind: 'superseded', by: state.next };
      return { kind: 'failed' };
    default:
      return assertNever(caller.command);
  }
}

function whileNotServing(state: ChannelState): Verdict {
  if (state.status === 'failed') return { kind: 'failed' };
  const isStopped = state.status === 'stopped' || state.status === 'idle';
  const isStopping = state.status === 'draining' && state.next === 'stop';
  return isStopped || isStopping ? { kind: 'superseded', by: 'stop' } : { kind: 'wait' };
}

function isServing({ status }: ChannelState): boolean {
  return status === 'running' || status === 'paused' || status === 'standby';
}

/** A fatal error is passed on as it was; one too many is told as such, with the last as its cause. */
function failureOf(state: ChannelState, thrown: unknown): unknown {
  if (state.status !== 'failed') return thrown;
  if (state.reason === 'fatal' || state.reason === 'temporary') return thrown;
  return new ChannelFailedError(`The channel was given up: too many restarts (${state.reason})`, {
    fatal: true,
    reason: state.reason,
    cause: thrown,
  });
}
