import type { Observable } from 'rxjs';
import type { Clock } from '../base/clock.ts';
import type { EventBus } from '../base/event-bus.ts';
import type { ChannelId } from '../base/id.ts';
import { withoutUndefined } from '../base/json.ts';
import type { Random } from '../base/random.ts';
import { StateCell } from '../base/state-cell.ts';
import { Trampoline } from '../base/trampoline.ts';
import type { MovedBy } from '../events/channel-event.ts';
import type { ChannelSnapshot } from '../events/snapshot.ts';
import { type Caller, type CallerCommand, CallerList } from './caller.ts';
import type { ChannelInput } from './channel-input.ts';
import type { ChannelManagerEventDraft, ChannelStepDraft } from './channel-manager-event.ts';
import { Chronicle, retryAtOf } from './chronicle.ts';
import type { Delivery, DeliveryPorts } from './delivery.ts';
import type { ReportEffect } from './effect.ts';
import { ChannelEffects } from './effects.ts';
import type { ResolvedChannelDefinition } from './options.ts';
import { STRATEGY } from './restart-strategy.ts';
import { type ChannelState, idleState } from './state.ts';
import type { TransitionContext } from './step.ts';
import { transition } from './transition.ts';

/** What a supervisor needs. */
export interface SupervisorPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly bus: EventBus<ChannelManagerEventDraft>;
  readonly steps: EventBus<ChannelStepDraft>;
  /** How long messages may take to be answered when the peer has ended, in milliseconds. */
  readonly stopDeadlineMs: number;
  readonly makeDelivery: (
    ports: Pick<DeliveryPorts, 'definition' | 'current' | 'onChange'>,
  ) => Delivery;
  /** Hears that the channel restarts by itself. */
  readonly onRestarting: () => void;
  readonly onObserverError: ((error: unknown) => void) | undefined;
}

interface Mail {
  readonly input: ChannelInput;
  readonly caller?: Caller | undefined;
}

/**
 * Keeps one channel alive. Whatever happens to it, commands of people and results of effects, goes through one mailbox
 * and is decided one at a time by the reducer, so that no two things happen to it at once.
 */
export class Supervisor {
  readonly state$: Observable<ChannelState>;

  readonly #ports: SupervisorPorts;
  readonly #cell: StateCell<ChannelState>;
  readonly #effects: ChannelEffects;
  readonly #delivery: Delivery;
  readonly #callers: CallerList;
  readonly #chronicle: Chronicle;
  /** What arrives while a step is under way waits for its end: nothing is decided inside a decision. */
  readonly #mailbox = new Trampoline<Mail>((mail) => this.#step(mail));
  #state: ChannelState;
  #definition: ResolvedChannelDefinition;
  #next: ResolvedChannelDefinition | undefined;
  #thrown: unknown;

  constructor(definition: ResolvedChannelDefinition, ports: SupervisorPorts) {
    this.#ports = ports;
    this.#definition = definition;
    this.#state = idleState(definition.metadata, ports.clock.timestamp());
    this.#cell = new StateCell<ChannelState>(this.#state, {
      onObserverError: ports.onObserverError,
    });
    this.state$ = this.#cell.changes$;
    this.#callers = new CallerList(definition.id);
    this.#chronicle = new Chronicle({
      channel: definition.id,
      clock: ports.clock,
      bus: ports.bus,
      kind: () => this.#definition.channel.kind,
      queued: () => this.#delivery.counts.queued,
    });
    this.#effects = this.#makeEffects();
    this.#delivery = ports.makeDelivery({
      definition: () => this.#definition,
      current: () => this.#effects.current,
      onChange: () => this.#effects.wake(),
    });
  }

  /** Where the channel stands now. */
  get state(): ChannelState {
    return this.#state;
  }

  /** How the channel is supervised now. */
  get definition(): ResolvedChannelDefinition {
    return this.#definition;
  }

  /** Connects. Resolves when it runs, is paused, or stands by. */
  start(): Promise<void> {
    return this.#command('start', { type: 'start', by: 'hand' });
  }

  /** Answers what was accepted, for at most `deadlineMs`, and hangs up. */
  stop(deadlineMs: number): Promise<void> {
    return this.#command('stop', { type: 'stop', by: 'hand', deadlineMs });
  }

  /** Answers what was accepted, hangs up, and connects again. */
  restart(by: MovedBy, cause: string, deadlineMs: number): Promise<void> {
    return this.#command('restart', { type: 'restart', by, cause, deadlineMs });
  }

  /** In backoff tries at once; given up or stopped, starts. */
  retryNow(): Promise<void> {
    return this.#command('start', { type: 'retry', by: 'hand' });
  }

  /** Moves to another definition. Resolves when it serves. */
  swap(definition: ResolvedChannelDefinition, deadlineMs: number): Promise<void> {
    const both = [this.#definition.channel, definition.channel];
    const overlap = both.every(({ capabilities }) => capabilities?.overlap === true);
    const { metadata } = definition;
    const input = { type: 'swap', by: 'hand', overlap, deadlineMs, metadata } as const;
    return this.#command('swap', input, definition);
  }

  /** Starts no more messages. The connection stays. Tells whether that changed anything. */
  pause(): boolean {
    return this.#hold('pause');
  }

  /** Starts messages again, in their order. Tells whether that changed anything. */
  resume(): boolean {
    return this.#hold('resume');
  }

  /** The channel as plain JSON. */
  snapshot(): ChannelSnapshot {
    const { status, since, generation, attempt, lastError, restarts, metadata } = this.#state;
    return withoutUndefined({
      channel: this.#definition.id,
      kind: this.#definition.channel.kind,
      state: status,
      since,
      generation,
      attempt,
      nextRetryAt: retryAtOf(this.#state),
      lastError,
      restartsInWindow: restarts.length,
      restarts: this.#chronicle.restarts,
      metadata,
      ...this.#delivery.counts,
    });
  }

  /** Completes `state$`. Its last state stays for late subscribers. */
  end(): void {
    this.#cell.end();
  }

  #command(
    command: CallerCommand,
    input: ChannelInput,
    definition?: ResolvedChannelDefinition,
  ): Promise<void> {
    const caller = this.#callers.caller(command, definition);
    this.#deliver({ input, caller });
    return caller.done.promise;
  }

  #hold(type: 'pause' | 'resume'): boolean {
    const { held } = this.#state;
    this.#post({ type, by: 'hand' });
    return this.#state.held !== held;
  }

  #post(input: ChannelInput): void {
    this.#deliver({ input });
  }

  #deliver(mail: Mail): void {
    const isInside = this.#mailbox.isRunning;
    this.#mailbox.post(mail);
    if (!isInside) this.#callers.settle(this.#state, this.#standing);
  }

  #step({ input, caller }: Mail): void {
    const before = this.#state;
    if (caller !== undefined) {
      if (caller.definition !== undefined) this.#next = caller.definition;
      this.#callers.admit(caller, before);
    }
    const context = this.#context(input);
    const [after, effects] = transition(before, input, context);
    this.#ports.bus.together(() => {
      this.#state = after;
      if (isVisible(before, after)) {
        this.#chronicle.transition(before, after, input);
        this.#cell.set(after);
      }
      for (const effect of effects) this.#effects.run(effect, after);
    });
    if (before.status === 'handover' && after.status !== 'handover') this.#next = undefined;
    this.#inspect({ input, from: before, to: after, effects, context });
    this.#callers.settleStops(after);
  }

  #context(input: ChannelInput): TransitionContext {
    const { clock, random, stopDeadlineMs } = this.#ports;
    const needsChance = input.type === 'ended' || input.type === 'openFailed';
    return {
      now: clock.now(),
      at: clock.timestamp(),
      roll: needsChance ? random.next() : 0,
      policy: this.#definition.restart,
      mayConnect: this.#effects.mayConnect,
      stopDeadlineMs,
    };
  }

  #report(effect: ReportEffect): void {
    this.#chronicle.report(effect, this.#state);
    const { kind, by, cause } = effect;
    const isOwn = kind === 'restarting' && by === 'supervisor' && cause !== STRATEGY;
    if (isOwn) this.#ports.onRestarting();
  }

  #inspect(step: Omit<ChannelStepDraft, 'type' | 'channel'>): void {
    const { steps } = this.#ports;
    if (!steps.isObserved) return;
    steps.emit({ type: 'channelStep', channel: this.#definition.id as ChannelId, ...step });
  }

  #makeEffects(): ChannelEffects {
    return new ChannelEffects({
      clock: this.#ports.clock,
      delivery: () => this.#delivery,
      definition: () => this.#definition,
      next: () => this.#next ?? this.#definition,
      state: () => this.#state,
      adopt: () => {
        this.#definition = this.#next ?? this.#definition;
        this.#next = undefined;
      },
      rejectNext: () => {
        this.#next = undefined;
      },
      post: (input) => this.#post(input),
      onError: (error) => {
        this.#thrown = error;
      },
      onReplayGap: (generation) => this.#chronicle.replayGap(generation),
      onReport: (effect) => this.#report(effect),
    });
  }

  get #standing(): {
    readonly definition: ResolvedChannelDefinition;
    readonly next: ResolvedChannelDefinition | undefined;
    readonly thrown: unknown;
  } {
    return { definition: this.#definition, next: this.#next, thrown: this.#thrown };
  }
}

/** A state is shown when it is another one; notes within one, such as a pause that is remembered, are not. */
function isVisible(before: ChannelState, after: ChannelState): boolean {
  return before.status !== after.status || before.generation !== after.generation;
}
