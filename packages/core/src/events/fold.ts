import type { SluiceEvent } from './event.ts';
import { foldChannel } from './fold-channel.ts';
import { foldPool } from './fold-pool.ts';
import { foldRun } from './fold-run.ts';
import { foldTarget } from './fold-target.ts';
import type { EngineSnapshot } from './snapshot.ts';

/**
 * Folds one event into a snapshot: the next snapshot, exactly but for `at`. Pure; what did not change is shared. An
 * event of another epoch, or one that the snapshot contains already (`seq` not greater), changes nothing; an event of
 * unknown type moves `seq` and `at` alone.
 *
 * What follows binds emitters and builders of snapshots alike. Changes that the state makes in one step are emitted in
 * one `EventBus.together`: then no snapshot can be taken between the change and its events. `since` is the event's `at`.
 * Counts are those of `stats`; a slot that changes its status leaves the one count and enters the other.
 *
 * | event | what it changes |
 * | --- | --- |
 * | `pool.opened` | adds the pool, last: status open, counts 0, no slots, no waiters; a pool of that name is replaced |
 * | `pool.resized` | `maxSize` and `minIdle` in stats and options; all options when it gives them |
 * | `pool.suspended` `resumed` `draining` `closed` | status `suspended`, `open`, `draining`, `closed`; as `resized` otherwise. What a close leaves out stays until its own events |
 * | `pool.removed` | removes the pool and its targets |
 * | `client.creating` | adds the slot, by its number: `creating`, uses 0; size + 1 |
 * | `client.created` | slot `idle`; totalCreated + 1 |
 * | `client.createFailed` | removes the slot; size − 1. Says nothing when it never was `creating` |
 * | `client.checking` | slot `checking` |
 * | `client.checked` | slot `idle` when healthy; otherwise nothing: `client.destroying` follows |
 * | `client.destroying` | slot `destroying` with its `reason`, whatever it was; its lease is gone |
 * | `client.destroyed` | removes the slot; size − 1, totalDestroyed + 1 |
 * | `lease.waiting` | puts the waiter at `position`; stats.waiting = `waiting`. One that stood elsewhere leaves there and keeps its `since` |
 * | `lease.acquired` | slot `inUse` with the lease, uses + 1; totalAcquired + 1; its waiter leaves the line where it stands (waiting − 1) |
 * | `lease.refused` | its waiter, if it was one, leaves the line; totalTimedOut, totalAborted or (any other reason) totalRefused + 1 at `pool` |
 * | `lease.released` | slot `idle` without its lease; totalReleased + 1 |
 * | `lease.destroyed` `lease.revoked` | slot `destroying` without its lease; totalReleased + 1; `client.destroying` follows and tells the reason |
 * | `lease.detached` | removes the slot; size − 1, totalDetached + 1 |
 * | `lease.leakSuspected` | the lease's `suspectedAt` = `at`, and its `stack` when given |
 * | `lease.leakCleared` | the lease's `suspectedAt` goes |
 * | `lease.lost` | totalLeaked + 1. The slot stays in use; when it is reclaimed, `lease.destroyed` follows |
 * | `target.added`, any event of an unknown target, `attempt.started` at one | adds the target, behind those of its pool: circuit closed, 0 of 0 |
 * | `target.cooling` / `target.recovered` | sets / removes `cooling`. It stays, also when `until` has passed, until `recovered` |
 * | `target.circuit` | replaces `circuit` |
 * | `target.limits` | sets the limits that it gives; others stay |
 * | `attempt.firstContent` | the target's `firstContentMs` = `smoothedMs`, else `durationMs` |
 * | `call.started` / `call.failed` | counter `calls.started` / `calls.failed` + 1 |
 * | `channel.added` / `channel.removed` | adds the channel, last (state `idle`, generation and attempt 0, counts 0, no restarts) / removes it |
 * | `channel.transition` | state = `to`, `since`, `generation`, `attempt`; `nextRetryAt` as given, else gone; `lastError`, `metadata`, `restartsInWindow` as given, else kept |
 * | `channel.restarting` `gaveUp` `swapped` | one `RestartMark` (the last 32 stay); `generation`; `restartsInWindow`, `lastError`, `kind`, `metadata` as given, else kept |
 * | `message.received` | the channel's `received` + 1, counter `messages.received` + 1; adds the run, last: phase `queued` |
 * | `message.queued` | the channel's `queued` + 1 |
 * | `message.started` | `queued` − 1 (not below 0), `running` + 1; the run's phase is `waiting` |
 * | `message.replied` | `replied` + 1, counter `messages.replied` + 1; `running` − 1; the run ends |
 * | `message.ignored` `message.failed` | `running` − 1 (not below 0); the run ends |
 * | `message.deadLettered` | counter `messages.deadLettered` + 1; the run ends. Counts change only as given |
 * | every `message.*` with `queued` or `running` | those counts are what it says, whatever the rows above say |
 * | `route.decided` | the run's `agent`, when there is one; `matched` + 1 of the route whose `rule` is `matchedBy` |
 * | `route.replaced` | replaces all routes |
 * | `run.started` | the run's `agent`, phase `waiting`; a run unknown so far (no channel) is added, last |
 * | `run.turn` / `run.firstContent` / `run.toolStarted` | phase `waiting` / `streaming` / `tool` |
 * | `run.finished` `run.failed` | phase `replying`; a run without a channel ends |
 * | `fault.added` / `fault.removed` | adds the fault, last / removes it |
 * | `engine.started` | `startedAt` = `at` |
 * | all others | nothing |
 *
 * The counts of a pool in a `ClientPool` include the client pool's own line at it. Waiters are listed up to 1,000; then
 * the fold is exact for counts only. The line is in the order of service as told on arrival: ageing priorities and fair
 * shares that reorder it later are told only by another `lease.waiting`.
 */
export function applyEvent(snapshot: EngineSnapshot, event: SluiceEvent): EngineSnapshot {
  if (event.epoch !== snapshot.epoch || event.seq <= snapshot.seq) return snapshot;
  const moved = { ...snapshot, seq: event.seq, at: event.at };
  switch (subjectOf(event.type)) {
    case 'pool':
    case 'client':
    case 'lease':
      return foldPool(moved, event);
    case 'target':
      return foldTarget(moved, event);
    case 'attempt':
      return foldRun(foldTarget(moved, event), event);
    case 'channel':
      return foldChannel(moved, event);
    case 'message':
      return foldRun(foldChannel(moved, event), event);
    case 'call':
    case 'route':
    case 'run':
      return foldRun(moved, event);
    default:
      return foldEngine(moved, event);
  }
}

function foldEngine(snapshot: EngineSnapshot, event: SluiceEvent): EngineSnapshot {
  switch (event.type) {
    case 'engine.started':
      return { ...snapshot, startedAt: event.at };
    case 'fault.added': {
      const { type: _type, epoch: _epoch, seq: _seq, at: _at, ...fault } = event;
      return { ...snapshot, faults: [...withoutFault(snapshot, fault.fault), fault] };
    }
    case 'fault.removed':
      return { ...snapshot, faults: withoutFault(snapshot, event.fault) };
    default: // also types of a later minor version, which are nobody's mistake
      return snapshot;
  }
}

function withoutFault(snapshot: EngineSnapshot, id: string): EngineSnapshot['faults'] {
  return snapshot.faults.filter((fault) => fault.fault !== id);
}

function subjectOf(type: string): string {
  return type.slice(0, type.indexOf('.'));
}
