import '../base/dispose.ts';
import type { Observable } from 'rxjs';
import { assertDelay, type Clock, systemClock } from '../base/clock.ts';
import { EventBus, type EventStamp } from '../base/event-bus.ts';
import { type ChannelId, channelId, newId } from '../base/id.ts';
import { type Random, systemRandom } from '../base/random.ts';
import type { MovedBy } from '../events/channel-event.ts';
import { hashIdentity } from '../events/redact.ts';
import type { ChannelSnapshot } from '../events/snapshot.ts';
import type {
  ChannelManagerEventDraft,
  ChannelStepDraft,
  DeadLetterDraft,
} from './channel-manager-event.ts';
import { Delivery } from './delivery.ts';
import type { MessageHandler, MessageListener } from './handler.ts';
import { type ChannelDefinition, resolveChannelDefinition } from './options.ts';
import { inOrder, inReverse, type Ordered } from './start-order.ts';
import type { ChannelState } from './state.ts';
import { STRATEGY, Supervisor } from './supervisor.ts';

/** How a channel manager is made. */
export interface ChannelManagerOptions {
  /** Handles every message of every channel. */
  readonly handler: MessageHandler;
  readonly clock?: Clock | undefined;
  readonly random?: Random | undefined;
  /** How long a stop waits for messages to be answered, in milliseconds, unless it says. @defaultValue 5 000 */
  readonly stopDeadlineMs?: number | undefined;
  /**
   * Which channels are restarted when one restarts by itself: none else; those added after it; all.
   *
   * @defaultValue `'one-for-one'`
   */
  readonly strategy?: 'one-for-one' | 'rest-for-one' | 'one-for-all' | undefined;
  /** What the sender reads when the handler throws. @defaultValue `'Something went wrong. Please try again.'` */
  readonly errorText?: string | undefined;
  /** What the sender reads when a message is refused. @defaultValue `'Too busy right now. Please try again later.'` */
  readonly busyText?: string | undefined;
  /** How events name a namespace. Default: a hash, salted once for each manager. */
  readonly hashIdentity?: ((text: string) => string) | undefined;
  /** Hears of each event of each message, observed or not. Default: nobody. */
  readonly onMessage?: MessageListener | undefined;
  /** Hears what an observer threw. Default: nobody. */
  readonly onObserverError?: ((error: unknown) => void) | undefined;
}

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

  readonly #options: ChannelManagerOptions;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #stopDeadlineMs: number;
  readonly #hashIdentity: (text: string) => string;
  readonly #deadLetters: EventBus<DeadLetterDraft>;
  readonly #steps: EventBus<ChannelStepDraft>;
  readonly #supervisors = new Map<string, Supervisor>();
  readonly #removing = new Map<string, Promise<void>>();

  /** @throws {TypeError} when an option makes no sense. */
  constructor(options: ChannelManagerOptions) {
    const { handler, clock = systemClock, random = systemRandom, stopDeadlineMs = 5_000 } = options;
    if (typeof handler !== 'function') throw new TypeError('handler must be a function');
    assertDelay(stopDeadlineMs);
    this.#options = options;
    this.#clock = clock;
    this.#random = random;
    this.#stopDeadlineMs = stopDeadlineMs;
    const salt = newId(random);
    this.#hashIdentity = options.hashIdentity ?? ((text) => hashIdentity(text, salt));
    const { onObserverError } = options;
    this.bus = new EventBus({ clock, random, onObserverError });
    this.#deadLetters = new EventBus({ clock, random, onObserverError });
    this.#steps = new EventBus({ clock, random, onObserverError });
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
   * @throws {TypeError} when the id is taken, a dependency is unknown, or an option makes no sense.
   */
  add(definition: ChannelDefinition): void {
    const resolved = resolveChannelDefinition(definition);
    const { id, channel, metadata, dependsOn } = resolved;
    if (this.#supervisors.has(id)) throw new TypeError(`There is a channel "${id}" already`);
    for (const other of dependsOn) this.#get(other);
    const supervisor: Supervisor = new Supervisor(resolved, {
      clock: this.#clock,
      random: this.#random,
      bus: this.bus,
      steps: this.#steps,
      stopDeadlineMs: this.#stopDeadlineMs,
      onObserverError: this.#options.onObserverError,
      onRestarting: () => this.#spread(supervisor),
      makeDelivery: (ports) =>
        new Delivery({
          ...ports,
          channel: channelId(id),
          handler: this.#options.handler,
          clock: this.#clock,
          random: this.#random,
          bus: this.bus,
          deadLetters: this.#deadLetters,
          hashIdentity: this.#hashIdentity,
          onMessage: this.#options.onMessage,
          errorText: this.#options.errorText ?? 'Something went wrong. Please try again.',
          busyText: this.#options.busyText ?? 'Too busy right now. Please try again later.',
        }),
    });
    this.#supervisors.set(id, supervisor);
    this.bus.emit({ type: 'channel.added', channel: id, kind: channel.kind, metadata });
  }

  /** Stops a channel and forgets it: its id can be added again. */
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
    const find = (each: string): Ordered => this.#get(each).definition;
    throwFailures(await Promise.allSettled(inOrder(ids, find, (each) => this.#get(each).start())));
  }

  /**
   * Ends a channel, or all: those that depend on others first, under one deadline. What was accepted is answered; at the
   * deadline it is aborted and given up. Never rejects.
   */
  async stop(id?: string, options: StopOptions = {}): Promise<void> {
    const deadlineMs = this.#deadlineOf(options);
    if (id !== undefined) return this.#get(id).stop(deadlineMs);
    const endsAt = this.#clock.now() + deadlineMs;
    const find = (each: string): Ordered => this.#get(each).definition;
    const stop = (each: string): Promise<void> =>
      this.#get(each).stop(Math.max(0, endsAt - this.#clock.now()));
    await Promise.all(inReverse(this.ids, find, stop));
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
   * @throws {TypeError} when the definition makes no sense, or names another id. Nothing has changed then.
   * @throws {ChannelSupersededError} when a later swap, a restart or a stop took its place.
   */
  swap(id: string, definition: ChannelDefinition, options: StopOptions = {}): Promise<void> {
    if (definition.id !== id) throw new TypeError(`The new definition of "${id}" must have its id`);
    return this.#get(id).swap(resolveChannelDefinition(definition), this.#deadlineOf(options));
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
    const { strategy = 'one-for-one' } = this.#options;
    if (strategy === 'one-for-one') return;
    const all = [...this.#supervisors.values()];
    const first = strategy === 'one-for-all' ? 0 : all.indexOf(origin) + 1;
    for (const other of all.slice(first)) {
      if (other === origin || !other.state.connected) continue;
      // Told as a state, and as an event; a later command may take its place.
      void other.restart('supervisor', STRATEGY, this.#stopDeadlineMs).catch(() => undefined);
    }
  }

  #deadlineOf({ deadlineMs = this.#stopDeadlineMs }: StopOptions): number {
    assertDelay(deadlineMs);
    return deadlineMs;
  }

  #get(id: string): Supervisor {
    const supervisor = this.#supervisors.get(id);
    if (supervisor === undefined) throw new TypeError(`There is no channel "${id}"`);
    return supervisor;
  }
}

function throwFailures(results: readonly PromiseSettledResult<void>[]): void {
  const errors = results.flatMap((result): unknown[] =>
    result.status === 'rejected' ? [result.reason] : [],
  );
  const different = [...new Set(errors)]; // what depends on a channel that failed fails with its error
  if (different.length === 1) throw different[0];
  if (different.length > 1) {
    throw new AggregateError(different, `${errors.length} channels did not start`);
  }
}
