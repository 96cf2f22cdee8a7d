import type { Observable, Subscriber } from 'rxjs';
import type { Clock } from './clock.ts';
import { toError } from './errors.ts';
import { GuardedObservable } from './guarded-observable.ts';
import { newId } from './id.ts';
import type { Random } from './random.ts';
import { Trampoline } from './trampoline.ts';

/** What the bus stamps on every event. */
export interface EventStamp {
  /** Names one unbroken sequence: a new one begins whenever a bus that nobody observed is observed. */
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
  /** How many past events `since` can give again, at least; the oldest are forgotten first. Default 0. */
  readonly replay?: number | undefined;
  /** Hears what an observer threw, once for each subscription. The event tells only that it did. Default: nobody. */
  readonly onObserverError?: ((error: unknown) => void) | undefined;
}

type Observers = readonly Subscriber<never>[];

/** An event and those who observed it when it was stamped: the observers of each bus on the way up. */
type Writable<T> = { -readonly [K in keyof T]: T[K] };

interface Delivery {
  readonly event: EventDraft & EventStamp;
  readonly observers: readonly Observers[];
  readonly onThrow: (error: unknown) => void;
}

// A parent delivers the events of children of any type; which they are is checked where they are attached.
type AnyBus = EventBus<never>;

/**
 * Ordered, isolated delivery of events. Every observer sees the same order, also of events that are emitted from inside
 * an observer, and exactly those stamped while it is subscribed. An observer that throws is reported by an
 * `observer.failed` event and harms nobody else. When more than 65,536 events wait while observers re-enter, new ones
 * are lost, and their missing `seq` shows it.
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
  readonly #onThrow = (error: unknown): void => this.#reportObserver(error);
  #parent: AnyBus | undefined;
  #observers: Observers = [];

  // The sequence and the order. Only a root's are used: an attached bus hands its events up.
  #epoch: string;
  #seq = 0;
  #replayed: (EventDraft & EventStamp)[] = [];
  #deliveries = new Trampoline<Delivery>(deliver);

  constructor(options: EventBusOptions) {
    this.#clock = options.clock;
    this.#random = options.random;
    this.#replayLimit = options.replay ?? 0;
    this.#onObserverError = options.onObserverError;
    this.#epoch = newId(options.random);
    this.events$ = new GuardedObservable((subscriber) => this.#observe(subscriber), this.#onThrow);
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

  /**
   * Stamps an event and delivers it to this bus's observers and to those of every bus above. The draft becomes the event:
   * make a new one for each.
   */
  emit(draft: Draft): void {
    if (!this.isObserved) return;
    const root = this.#root();
    const event = root.#stamp(draft);
    if (event === undefined) return;
    root.#deliveries.post({ event, observers: this.#observersUp(), onThrow: this.#onThrow });
  }

  /**
   * Runs `work` and delivers what it emits only when it has returned or thrown. For changes of state that are one step
   * but several events: observers, and whoever they ask for a snapshot, never see the step half told. Calls nest.
   */
  together<T>(work: () => T): T {
    return this.isObserved ? this.#root().#deliveries.hold(work) : work();
  }

  /**
   * Makes `child` a part of this bus: from now on this bus's root stamps its events, and observers here see them too.
   *
   * @throws {TypeError} when `child` has a parent already, is this bus or one above it, or is delivering just now.
   */
  attach<ChildDraft extends Draft>(child: EventBus<ChildDraft>): void {
    const root = this.#root();
    if (child.#parent !== undefined) throw new TypeError('This bus is attached already');
    if (root === (child as unknown as AnyBus)) {
      throw new TypeError('A bus cannot be attached below itself');
    }
    // What waits there would come after newer events from here.
    if (child.#deliveries.isRunning && child.#deliveries !== root.#deliveries) {
      throw new TypeError('A bus cannot be attached while it delivers');
    }
    child.#parent = this as unknown as AnyBus;
  }

  /** Gives this bus's events back to itself: a part that leaves its engine stamps its own again, in a new epoch. */
  detach<ChildDraft extends Draft>(child: EventBus<ChildDraft>): void {
    if (child.#parent !== (this as unknown as AnyBus)) return;
    child.#parent = undefined;
    child.#deliveries = this.#root().#deliveries; // what waits there for the child's observers comes first
    child.#beginEpoch();
  }

  /**
   * Gives the events after `position` again, the oldest first, or `undefined` when that is not possible without a gap:
   * another epoch, or more events since than the bus remembers. Ask the root: an attached bus sees its own events only.
   */
  since(position: BusPosition): readonly (Draft & EventStamp)[] | undefined {
    if (this.#parent !== undefined || position.epoch !== this.#epoch) return undefined;
    const missed = this.#seq - position.seq;
    if (missed === 0) return [];
    const events = this.#replayed.filter((event) => event.seq > position.seq);
    if (events.length !== missed) return undefined; // forgotten, or lost on the way
    return events as (Draft & EventStamp)[]; // a root remembers what it and its parts emitted, which are Drafts
  }

  #root(): AnyBus {
    let bus = this as unknown as AnyBus;
    while (bus.#parent !== undefined) bus = bus.#parent;
    return bus;
  }

  #observe(subscriber: Subscriber<never>): () => void {
    // What happened unobserved was never stamped: a new name says that the old sequence cannot be continued.
    if (!this.isObserved) this.#root().#beginEpoch();
    this.#observers = [...this.#observers, subscriber];
    return () => {
      this.#observers = this.#observers.filter((other) => other !== subscriber);
    };
  }

  #observersUp(): readonly Observers[] {
    const lists: Observers[] = [];
    for (let bus: AnyBus | undefined = this as unknown as AnyBus; bus; bus = bus.#parent) {
      if (bus.#observers.length > 0) lists.push(bus.#observers);
    }
    return lists;
  }

  #beginEpoch(): void {
    this.#epoch = newId(this.#random);
    this.#seq = 0;
    this.#replayed = [];
  }

  #stamp(draft: EventDraft): (EventDraft & EventStamp) | undefined {
    this.#seq += 1;
    if (!this.#deliveries.hasRoom) return undefined;
    // The draft becomes the event: copying objects of many shapes costs more than all the rest of an emission.
    const event = draft as Writable<EventDraft & EventStamp>;
    event.epoch = this.#epoch;
    event.seq = this.#seq;
    event.at = this.#clock.timestamp();
    if (this.#replayLimit > 0) this.#remember(event);
    return event;
  }

  #remember(event: EventDraft & EventStamp): void {
    this.#replayed.push(event);
    if (this.#replayed.length < this.#replayLimit * 2) return;
    this.#replayed = this.#replayed.slice(-this.#replayLimit);
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

function deliver({ event, observers, onThrow }: Delivery): void {
  for (const list of observers) {
    for (const observer of list) {
      try {
        observer.next(event as never);
      } catch (error) {
        // Plain observers are guarded, so this is a Subscriber of somebody's own making. It has failed for good.
        observer.unsubscribe();
        onThrow(error);
      }
    }
  }
}
