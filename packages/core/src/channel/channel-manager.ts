import '../base/dispose.ts';
import type { Observable } from 'rxjs';
import { assertDelay } from '../base/clock.ts';
import { EventBus, type EventStamp } from '../base/event-bus.ts';
import { type ChannelId, channelId } from '../base/id.ts';
import type { MovedBy } from '../events/channel-event.ts';
import type { ChannelSnapshot } from '../events/snapshot.ts';
import type {
  ChannelManagerEventDraft,
  ChannelStepDraft,
  DeadLetterDraft,
} from './channel-manager-event.ts';
import { Delivery } from './delivery.ts';
import {
  type ChannelManagerOptions,
  resolveChannelManagerOptions,
  type ResolvedChannelManagerOptions,
} from './manager-options.ts';
import { type ChannelDefinition, resolveChannelDefinition } from './options.ts';
import { sharersOf, STRATEGY } from './restart-strategy.ts';
import { assertOrder, inOrder, inReverse, type Ordered, throwFailures } from './start-order.ts';
import type { ChannelState } from './state.ts';
import { Supervisor } from './supervisor.ts';

/** How long a stop waits. */
export interface StopOptions {
  /** How long messages may take to be answered, in milliseconds. Default: the manager's `stopDeadlineMs`. */
  readonly deadlineMs?: number | undefined;
}

/** Why a channel is restarted by hand. */
export interface RestartRequest extends StopOptions {
  /** Who wants it. @defaultValue `'hand'` */
  readonly by?: MovedBy | undefined;
  /** One word for observers. @defaultValue `'restart'` */
  readonly cause?: string | undefined;
}

/** A message that was given up. */
export type DeadLetter = DeadLetterDraft & EventStamp;

/** One decision of a supervisor. */
export type ChannelStep = ChannelStepDraft & EventStamp;

/**
 * Many supervised channels and one handler for their messages. Nothing is connected before `start`.
 *
 * @example
 * ```ts
 * const channels = new ChannelManager({
 *   handler: async (message, { reply }) => reply.final(`You said: ${message.text}`),
 * });
 * channels.add({ id: 'web', channel });
 * await channels.start();
 * ```
 */
export class ChannelManager implements AsyncDisposable {
  /** What happens to channels and messages, from subscription on. No message text. */
  readonly events$: Observable<ChannelManagerEventDraft & EventStamp>;
  /** Messages that were given up, whole. */
  readonly deadLetters$: Observable<DeadLetter>;
  /** Every decision of every supervisor, for tools that draw or replay them. Holds no message. */
  readonly inspect$: Observable<ChannelStep>;
  /** Where events come from: attach it to an engine's. */
  readonly bus: EventBus<ChannelManagerEventDraft>;

  readonly #options: ResolvedChannelManagerOptions;
  readonly #deadLetters: EventBus<DeadLetterDraft>;
  readonly #steps: EventBus<ChannelStepDraft>;
  readonly #supervisors = new Map<string, Supervisor>();
  readonly #removing = new Map<string, Promise<void>>();

  /** @throws {TypeError} when an option makes no sense. */
  constructor(options: ChannelManagerOptions) {
    this.#options = resolveChannelManagerOptions(options);
    this.bus = new EventBus(this.#options);
    this.#deadLetters = new EventBus(this.#options);
    this.#steps = new EventBus(this.#options);
    this.events$ = this.bus.events$;
    this.deadLetters$ = this.#deadLetters.events$;
    this.inspect$ = this.#steps.events$;
  }

  /** The channels, in the order in which they were added. */
  get ids(): readonly ChannelId[] {
    return [...this.#supervisors.keys()].map(channelId);
  }

  /**
   * Adds a channel, without starting it.
   *
   * @throws {TypeError} when the id is taken, a dependency is unknown or depends on it, or an option makes no sense.
   */
  add(definition: ChannelDefinition): void {
    const resolved = resolveChannelDefinition(definition);
    const { id, channel, metadata } = resolved;
    if (this.#supervisors.has(id)) throw new TypeError(`There is a channel "${id}" already`);
    assertOrder(resolved, (other) => this.#supervisors.get(other)?.definition);
    const supervisor: Supervisor = new Supervisor(resolved, {
      ...this.#options,
      bus: this.bus,
      steps: this.#steps,
      onRestarting: () => this.#spread(supervisor),
      makeDelivery: (ports) =>
        new Delivery({
          ...this.#options,
          ...ports,
          channel: channelId(id),
          bus: this.bus,
          deadLetters: this.#deadLetters,
        }),
    });
    this.#supervisors.set(id, supervisor);
    this.bus.emit({ type: 'channel.added', channel: id, kind: channel.kind, metadata });
  }

  /** Stops a channel and forgets it: its id can be added again. Those that depend on it wait for it no longer. */
  remove(id: string, options: StopOptions = {}): Promise<void> {
    const removing = this.#removing.get(id) ?? this.#remove(id, options);
    if (this.#supervisors.has(id)) this.#removing.set(id, removing);
    return removing;
  }

  /**
   * Connects a channel, or all: those that others depend on first. Resolves when it runs, is paused, or stands by for
   * another process.
   *
   * @throws {ChannelFailedError} when it was given up; the error itself when that cannot be mended.
   * @throws {ChannelSupersededError} when it was stopped meanwhile.
   * @throws {AggregateError} when several of all failed. The others run.
   */
  async start(id?: string): Promise<void> {
    const ids = id === undefined ? this.ids : [id];
    const begun = inOrder(ids, this.#find, (each) => this.#get(each).start());
    throwFailures(await Promise.allSettled(begun));
  }

  /**
   * Ends a channel, or all: those that depend on others first, under one deadline. What was accepted is answered; at the
   * deadline it is aborted and given up. Never rejects.
   */
  async stop(id?: string, options: StopOptions = {}): Promise<void> {
    const deadlineMs = this.#deadlineOf(options);
    if (id !== undefined) return this.#get(id).stop(deadlineMs);
    const endsAt = this.#options.clock.now() + deadlineMs;
    const stop = async (each: string): Promise<void> => {
      const leftMs = Math.max(0, endsAt - this.#options.clock.now());
      await this.#supervisors.get(each)?.stop(leftMs); // it may have been removed meanwhile
    };
    await Promise.all(inReverse(this.ids, this.#find, stop));
  }

  /**
   * Answers what was accepted, hangs up and connects again. A channel that stands still is started.
   *
   * @throws {ChannelSupersededError} when a later restart or a stop took its place.
   * @throws {ChannelFailedError} when it was given up.
   */
  restart(id: string, request: RestartRequest = {}): Promise<void> {
    const { by = 'hand', cause = 'restart' } = request;
    return this.#get(id).restart(by, cause, this.#deadlineOf(request));
  }

  /**
   * Moves a channel to another definition while it runs; nothing accepted is lost or answered twice. When the new one
   * does not come up, the old one goes on. One that stands still takes the definition and stays so.
   *
   * @throws {TypeError} when the definition makes no sense, names another id, or depends on itself. Nothing has changed then.
   * @throws {ChannelSupersededError} when a later swap, a restart or a stop took its place.
   */
  swap(id: string, definition: ChannelDefinition, options: StopOptions = {}): Promise<void> {
    if (definition.id !== id) throw new TypeError(`The new definition of "${id}" must have its id`);
    const supervisor = this.#get(id);
    const resolved = resolveChannelDefinition(definition);
    assertOrder(resolved, (other) => this.#supervisors.get(other)?.definition);
    return supervisor.swap(resolved, this.#deadlineOf(options));
  }

  /** In backoff tries at once; given up or stopped, starts. */
  retryNow(id: string): Promise<void> {
    return this.#get(id).retryNow();
  }

  /**
   * Starts no more messages of a channel: those that were begun are answered, the connection stays. One that is not
   * connected yet will be paused when it is.
   *
   * @returns whether that changed anything: not where it is paused, ends, or stands still.
   */
  pause(id: string): boolean {
    return this.#get(id).pause();
  }

  /**
   * Starts messages again, in their order.
   *
   * @returns whether that changed anything: not where it is not paused.
   */
  resume(id: string): boolean {
    return this.#get(id).resume();
  }

  /** Where a channel stands now. */
  state(id: string): ChannelState {
    return this.#get(id).state;
  }

  /** Each state of a channel once, the latest at once. Completes when the channel is removed; the last state stays. */
  state$(id: string): Observable<ChannelState> {
    return this.#get(id).state$;
  }

  /** Whether a channel has a connection by which messages can be answered. */
  isConnected(id: string): boolean {
    return this.#supervisors.get(id)?.state.connected ?? false;
  }

  /** All channels as plain JSON, taken in one synchronous step. */
  snapshot(): ChannelSnapshot[] {
    return [...this.#supervisors.values()].map((supervisor) => supervisor.snapshot());
  }

  /** Removes all channels, within the default deadline. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await Promise.all(this.ids.map((id) => this.remove(id, { deadlineMs: 0 })));
  }

  async #remove(id: string, options: StopOptions): Promise<void> {
    const supervisor = this.#get(id);
    await supervisor.stop(this.#deadlineOf(options));
    supervisor.end();
    this.#supervisors.delete(id);
    this.#removing.delete(id);
    this.bus.emit({ type: 'channel.removed', channel: id });
  }

  /** Restarts the channels that share the fate of one that restarts by itself. */
  #spread(origin: Supervisor): void {
    const { strategy, stopDeadlineMs } = this.#options;
    for (const other of sharersOf(origin, [...this.#supervisors.values()], strategy)) {
      if (!other.state.connected) continue;
      // Told as a state, and as an event; a later command may take its place.
      void other.restart('supervisor', STRATEGY, stopDeadlineMs).catch(() => undefined);
    }
  }

  #deadlineOf({ deadlineMs = this.#options.stopDeadlineMs }: StopOptions): number {
    assertDelay(deadlineMs, 'deadlineMs');
    return deadlineMs;
  }

  /** Those that were removed are not waited for. */
  readonly #find = (id: string): Ordered => {
    const { dependsOn } = this.#get(id).definition;
    return { dependsOn: dependsOn.filter((other) => this.#supervisors.has(other)) };
  };

  #get(id: string): Supervisor {
    const supervisor = this.#supervisors.get(id);
    if (supervisor === undefined) throw new TypeError(`There is no channel "${id}"`);
    return supervisor;
  }
}
