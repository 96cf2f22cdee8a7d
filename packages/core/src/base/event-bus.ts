import type { Observable, Subscriber } from 'rxjs';
import type { Clock } from './clock.ts';
import { toError } from './errors.ts';
import { GuardedObservable } from './guarded-observable.ts';
import { newId } from './id.ts';
import type { Random } from './random.ts';

/** What the bus stamps on every event. */
export interface EventStamp {
  /** Names one unbroken sequence: a new one begins with the bus, and whenever somebody observes it again. */
  readonly epoch: string;
  /** Counts the events of its epoch from 1. A hole means loss. */
  readonly seq: number;
  /** When it happened, in epoch milliseconds. */
  readonly at: number;
}

/** Where a bus stands: the stamp of the last event it gave out, but for the time. */
export type BusPosition = Pick<EventStamp, 'epoch' | 'seq'>;

/** What an event is before the bus stamps it. */
export interface EventDraft {
  readonly type: string;
}

/** How a bus is made. */
export interface EventBusOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** How many past events `since` can give again; the oldest are forgotten first. Default 0. */
  readonly replay?: number | undefined;
  /** Hears what an observer threw, once for each subscription. The event tells only that it did. Default: nobody. */
  readonly onObserverError?: ((error: unknown) => void) | undefined;
}

/** How many events may wait while observers re-enter. Beyond it new ones are lost, and their missing `seq` shows it. */
const MAX_PENDING = 65_536;

interface Delivery {
  readonly bus: AnyBus;
  readonly event: EventDraft & EventStamp;
}

// A parent delivers the events of children of any type; which they are is checked where they are attached.
type AnyBus = EventBus<never>;

/**
 * Ordered, isolated delivery of events. Every observer sees the same order, also of events that are emitted from inside
 * an observer; an observer that throws is reported by an `observer.failed` event and harms nobody else.
 *
 * Emitters ask `isObserved` first and build the event only then: nobody watching costs one read.
 */
export class EventBus<Draft extends EventDraft> {
  /** The events of this bus and of the buses attached to it, from subscription on. */
  readonly events$: Observable<Draft & EventStamp>;

  readonly #clock: Clock;
  readonly #random: Random;
  readonly #replayLimit: number;
  readonly #onObserverError: ((error: unknown) => void) | undefined;
  #parent: AnyBus | undefined;
  #observers: readonly Subscriber<Draft & EventStamp>[] = [];

  // The sequence. Only a root's is used: an attached bus hands its events up to be stamped.
  #epoch: string;
  #seq = 0;
  #watchers = 0;
  #hasBeenWatched = false;
  #replayed: (Draft & EventStamp)[] = [];
  #pending: Delivery[] = [];
  #delivered = 0;
  #isDelivering = false;

  constructor(options: EventBusOptions) {
    this.#clock = options.clock;
    this.#random = options.random;
    this.#replayLimit = options.replay ?? 0;
    this.#onObserverError = options.onObserverError;
    this.#epoch = newId(options.random);
    this.events$ = new GuardedObservable(
      (subscriber) => this.#observe(subscriber),
      (error) => this.#reportObserver(error),
    );
  }

  /** Whether anybody would see an event. Ask before building one. */
  get isObserved(): boolean {
    return this.#observers.length > 0 || (this.#parent !== undefined && this.#parent.isObserved);
  }

  /** The epoch and the last `seq` that was given out. */
  get position(): BusPosition {
    const root = this.#root();
    return { epoch: root.#epoch, seq: root.#seq };
  }

  /** Stamps an event and delivers it to this bus's observers and to those of every bus above. */
  emit(draft: Draft): void {
    if (!this.isObserved) return;
    this.#root().#stampAndDeliver(this as unknown as AnyBus, draft);
  }

  /**
   * Runs `work` and delivers what it emits only when it has returned or thrown. For changes of state that are one step
   * but several events: observers, and whoever they ask for a snapshot, never see the step half told. Calls nest.
   */
  together<T>(work: () => T): T {
    if (!this.isObserved) return work();
    return this.#root().#holdWhile(work);
  }

  /**
   * Makes `child` a part of this bus: from now on this bus's root stamps its events, and observers here see them too.
   * Attach once, while building.
   *
   * @throws {TypeError} when `child` has a parent already, or is this bus or one above it.
   */
  attach<ChildDraft extends Draft>(child: EventBus<ChildDraft>): void {
    if (child.#parent !== undefined) throw new TypeError('This bus is attached already');
    if (this.#root() === (child as unknown as AnyBus)) {
      throw new TypeError('A bus cannot be attached below itself');
    }
    child.#parent = this as unknown as AnyBus;
    for (let i = 0; i < child.#watchers; i += 1) this.#watchUp(1);
  }

  /** Gives this bus's events back to itself: a part that leaves its engine stamps its own again. */
  detach<ChildDraft extends Draft>(child: EventBus<ChildDraft>): void {
    if (child.#parent !== (this as unknown as AnyBus)) return;
    child.#parent = undefined;
    for (let i = 0; i < child.#watchers; i += 1) this.#watchUp(-1);
  }

  /**
   * Gives the events after `position` again, the oldest first, or `undefined` when that is not possible without a gap:
   * another epoch, or more events since than the bus remembers. Ask the root: an attached bus sees its own events only.
   */
  since(position: BusPosition): readonly (Draft & EventStamp)[] | undefined {
    if (this.#parent !== undefined) return undefined;
    if (position.epoch !== this.#epoch || position.seq > this.#seq) return undefined;
    if (position.seq === this.#seq) return [];
    const first = this.#replayed[0];
    if (first === undefined || first.seq > position.seq + 1) return undefined;
    return this.#replayed.filter((event) => event.seq > position.seq);
  }

  #root(): AnyBus {
    return this.#parent === undefined ? (this as unknown as AnyBus) : this.#parent.#root();
  }

  #observe(subscriber: Subscriber<Draft & EventStamp>): () => void {
    this.#watchUp(1);
    this.#observers = [...this.#observers, subscriber];
    return () => {
      this.#observers = this.#observers.filter((other) => other !== subscriber);
      this.#watchUp(-1);
    };
  }

  /** Counts watchers here and above, so that the root knows when its sequence was interrupted. */
  #watchUp(change: 1 | -1): void {
    if (change === 1) this.#watch();
    else this.#watchers -= 1;
    if (this.#parent !== undefined) this.#parent.#watchUp(change);
  }

  #watch(): void {
    if (this.#watchers === 0 && this.#hasBeenWatched) this.#beginEpoch();
    this.#watchers += 1;
    this.#hasBeenWatched = true;
  }

  /** What happened unobserved was never built: a new name says that the old sequence cannot be continued. */
  #beginEpoch(): void {
    this.#epoch = newId(this.#random);
    this.#seq = 0;
    this.#replayed = [];
  }

  #holdWhile<T>(work: () => T): T {
    if (this.#isDelivering) return work(); // what it emits waits already
    this.#isDelivering = true;
    try {
      return work();
    } finally {
      this.#deliverPending();
    }
  }

  #stampAndDeliver(origin: AnyBus, draft: EventDraft): void {
    this.#seq += 1;
    if (this.#pending.length - this.#delivered >= MAX_PENDING) return;
    const at = this.#clock.timestamp();
    const event = { ...draft, epoch: this.#epoch, seq: this.#seq, at };
    this.#pending.push({ bus: origin, event });
    if (!this.#isDelivering) this.#deliverPending();
  }

  /** A trampoline: events emitted from inside an observer wait until the one under way has reached everyone. */
  #deliverPending(): void {
    this.#isDelivering = true;
    while (this.#delivered < this.#pending.length) {
      const { bus, event } = this.#pending[this.#delivered] as Delivery;
      this.#delivered += 1;
      bus.#deliverUp(event as never);
    }
    this.#pending = [];
    this.#delivered = 0;
    this.#isDelivering = false;
  }

  #deliverUp(event: Draft & EventStamp): void {
    this.#remember(event);
    for (const observer of this.#observers) observer.next(event);
    if (this.#parent !== undefined) this.#parent.#deliverUp(event as never);
  }

  #remember(event: Draft & EventStamp): void {
    if (this.#replayLimit === 0) return;
    this.#replayed.push(event);
    if (this.#replayed.length >= this.#replayLimit * 2) {
      this.#replayed = this.#replayed.slice(-this.#replayLimit);
    }
  }

  #reportObserver(thrown: unknown): void {
    const error = {
      name: toError(thrown).name,
      code: 'OBSERVER_FAILED',
      message: 'An observer of events threw', // its own text may hold anything: the hook gets it, the event does not
    };
    this.emit({ type: 'observer.failed', error } as EventDraft as Draft);
    this.#onObserverError?.(thrown);
  }
}
