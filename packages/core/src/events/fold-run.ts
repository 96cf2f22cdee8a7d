import type { EventOf, SluiceEvent } from './event.ts';
import { changeWhere } from './fold-list.ts';
import type { CounterName, EngineSnapshot, RunSnapshot } from './snapshot.ts';

type Received = EventOf<'message.received'>;
type Started = EventOf<'run.started'>;
type Decided = EventOf<'route.decided'>;

/** Folds what an event says of live runs, of routes and of the engine's counters. `applyEvent` lists it all. */
export function foldRun(snapshot: EngineSnapshot, event: SluiceEvent): EngineSnapshot {
  switch (event.type) {
    case 'message.received':
      return counted(withRun(snapshot, receivedRun(event)), 'messages.received');
    case 'message.started':
      return inPhase(snapshot, event.runId, 'waiting');
    case 'message.replied':
      return counted(withoutRun(snapshot, event.runId), 'messages.replied');
    case 'message.deadLettered':
      return counted(withoutRun(snapshot, event.runId), 'messages.deadLettered');
    case 'message.ignored':
    case 'message.failed':
      return withoutRun(snapshot, event.runId);
    case 'call.started':
      return counted(snapshot, 'calls.started');
    case 'call.failed':
      return counted(snapshot, 'calls.failed');
    case 'route.decided':
      return decided(snapshot, event);
    case 'route.replaced':
      return { ...snapshot, routes: event.routes };
    case 'run.started':
      return started(snapshot, event);
    case 'run.turn':
      return inPhase(snapshot, event.runId, 'waiting');
    case 'run.toolStarted':
      return inPhase(snapshot, event.runId, 'tool');
    case 'run.firstContent':
      return inPhase(snapshot, event.runId, 'streaming');
    case 'run.finished':
    case 'run.failed':
      return changeRun(snapshot, event.runId, (run) =>
        run.channel === undefined ? undefined : { ...run, phase: 'replying' },
      );
    default:
      return snapshot;
  }
}

function receivedRun({ runId, channel, namespace, at }: Received): RunSnapshot {
  return { runId, channel, namespace, phase: 'queued', startedAt: at };
}

function started(snapshot: EngineSnapshot, { runId, agent, at }: Started): EngineSnapshot {
  const isKnown = snapshot.runs.some((run) => run.runId === runId);
  if (!isKnown) return withRun(snapshot, { runId, agent, phase: 'waiting', startedAt: at });
  return changeRun(snapshot, runId, (before) => ({ ...before, agent, phase: 'waiting' }));
}

function decided(snapshot: EngineSnapshot, event: Decided): EngineSnapshot {
  const { runId, agent, matchedBy } = event;
  if (agent === null) return snapshot;
  const routes = changeWhere(
    snapshot.routes,
    (route) => route.rule === matchedBy, // labels are unique in their table
    (route) => ({ ...route, matched: route.matched + 1 }),
  );
  return changeRun({ ...snapshot, routes }, runId, (run) => ({ ...run, agent }));
}

function inPhase(
  snapshot: EngineSnapshot,
  runId: string,
  phase: RunSnapshot['phase'],
): EngineSnapshot {
  return changeRun(snapshot, runId, (run) => ({ ...run, phase }));
}

function changeRun(
  snapshot: EngineSnapshot,
  runId: string,
  change: (run: RunSnapshot) => RunSnapshot | undefined,
): EngineSnapshot {
  return { ...snapshot, runs: changeWhere(snapshot.runs, (run) => run.runId === runId, change) };
}

function withRun(snapshot: EngineSnapshot, run: RunSnapshot): EngineSnapshot {
  const others = snapshot.runs.filter(({ runId }) => runId !== run.runId);
  return { ...snapshot, runs: [...others, run] };
}

function withoutRun(snapshot: EngineSnapshot, runId: string): EngineSnapshot {
  return changeRun(snapshot, runId, () => undefined);
}

function counted(snapshot: EngineSnapshot, name: CounterName): EngineSnapshot {
  const counters = { ...snapshot.counters, [name]: snapshot.counters[name] + 1 };
  return { ...snapshot, counters };
}
