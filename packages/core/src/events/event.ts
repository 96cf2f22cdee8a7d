import type { EventDraft, EventStamp } from '../base/event-bus.ts';
import type { ChannelEventDraft } from './channel-event.ts';
import type { PoolEventDraft } from './pool-event.ts';
import type { RunEventDraft } from './run-event.ts';

/** What every event carries: its place in the sequence and its time. */
export type EventBase = EventStamp & EventDraft;

/** An error as events show it: no stack, no cause, no secret. */
export interface EventError {
  readonly name: string;
  readonly code: string;
  /** Redacted and cut at 500 characters. */
  readonly message: string;
  /** The provider's own code, when it gave one. */
  readonly providerCode?: string | undefined;
  /** The HTTP status, when there was one. */
  readonly status?: number | undefined;
}

/** Anything that happens in an engine, before it is stamped. */
export type SluiceEventDraft =
  | PoolEventDraft
  | RunEventDraft
  | ChannelEventDraft
  | EngineEventDraft;

/**
 * Anything observable that happens in an engine: plain JSON, told apart by `type`. The union grows with minor versions;
 * readers keep events of unknown type as they are.
 */
export type SluiceEvent = SluiceEventDraft & EventStamp;

/** The members of the union that can be of that type. A member that stands for several types keeps them all. */
export type EventOf<Type extends SluiceEvent['type']> = MemberOf<SluiceEvent, Type>;

type MemberOf<Event extends EventBase, Type> = Event extends unknown
  ? [Extract<Event['type'], Type>] extends [never]
    ? never
    : Event
  : never;

/** What happens to the engine itself, to its observers, and by its operators' hands. */
export type EngineEventDraft =
  | { readonly type: 'engine.started'; readonly version: string }
  | { readonly type: 'engine.stopping' }
  | { readonly type: 'engine.stopped' }
  | { readonly type: 'observer.failed'; readonly error: EventError }
  | FaultAdded
  | {
      readonly type: 'fault.removed';
      readonly fault: string;
      readonly kind: FaultKind;
      /** A person's label, or `expired`. */
      readonly by: string;
    }
  | {
      readonly type: 'command.accepted';
      readonly command: string;
      readonly commandType: string;
      readonly subject: string;
      readonly by: string;
    }
  | {
      readonly type: 'command.refused';
      readonly command: string;
      readonly commandType: string;
      readonly subject: string;
      readonly by: string;
      readonly code: string;
      readonly reason: string;
    };

/** A fault that a person added, to see how the engine bears it. It always ends by itself. */
export interface FaultAdded extends FaultFields {
  readonly type: 'fault.added';
}

/** What there is to know of a fault added by hand. */
export interface FaultFields {
  readonly fault: string;
  readonly kind: FaultKind;
  readonly target?: string | undefined;
  readonly pool?: string | undefined;
  /** Every how many attempts it strikes: 1 is every one. */
  readonly every: number;
  /** Milliseconds for `latency`, the HTTP status for `status`, chunks before the cut or the stall. */
  readonly value?: number | undefined;
  /** When it ends by itself, in epoch milliseconds. */
  readonly until: number;
  readonly by: string;
}

/** What a fault added by hand does to an attempt. */
export type FaultKind = 'latency' | 'status' | 'cut' | 'stall';
