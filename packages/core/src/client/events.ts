import type { EngineEventDraft } from '../events/event.ts';
import type { PoolEventDraft } from '../events/pool-event.ts';
import type { AttemptEvent, CallEvent } from '../events/run-event.ts';

/** What happens in a client pool: in its pools, at its targets, in calls and attempts, and by faults added by hand. */
export type ClientPoolEventDraft =
  | PoolEventDraft
  | CallEvent
  | AttemptEvent
  | Extract<EngineEventDraft, { readonly type: 'fault.added' | 'fault.removed' }>;
