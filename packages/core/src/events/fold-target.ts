import { withoutUndefined } from '../base/json.ts';
import type { EventOf, SluiceEvent } from './event.ts';
import { changeWhere } from './fold-list.ts';
import type { EngineSnapshot, TargetSnapshot } from './snapshot.ts';

type Limits = EventOf<'target.limits'>;

/** Folds an event of a target, or of an attempt at one. `applyEvent` lists what each one changes. */
export function foldTarget(snapshot: EngineSnapshot, event: SluiceEvent): EngineSnapshot {
  if (!('target' in event && 'pool' in event)) return snapshot;
  const { target, pool } = event;
  if (target === undefined || pool === undefined) return snapshot;
  const targets = withTarget(snapshot, target, pool);
  return {
    ...snapshot,
    targets: changeWhere(
      targets,
      (other) => other.target === target,
      (before) => changed(before, event),
    ),
  };
}

/** Targets stand in the order of their pools, then of their arrival. */
function withTarget(
  { pools, targets }: EngineSnapshot,
  target: string,
  pool: string,
): readonly TargetSnapshot[] {
  if (targets.some((other) => other.target === target)) return targets;
  const rank = (name: string): number => pools.findIndex((other) => other.name === name);
  const behind = targets.findIndex((other) => rank(other.pool) > rank(pool));
  const circuit = { state: 'closed', failures: 0, calls: 0 } as const;
  return targets.toSpliced(behind < 0 ? targets.length : behind, 0, { target, pool, circuit });
}

function changed(target: TargetSnapshot, event: SluiceEvent): TargetSnapshot {
  switch (event.type) {
    case 'target.cooling':
      return { ...target, cooling: { until: event.until, reason: event.reason } };
    case 'target.recovered':
      return withoutUndefined({ ...target, cooling: undefined });
    case 'target.circuit': {
      const { state, failures, calls, probeAt } = event;
      return { ...target, circuit: withoutUndefined({ state, failures, calls, probeAt }) };
    }
    case 'target.limits':
      return { ...target, limits: { ...target.limits, ...limitsOf(event) } };
    case 'attempt.firstContent':
      return { ...target, firstContentMs: event.smoothedMs ?? event.durationMs };
    default:
      return target;
  }
}

function limitsOf(event: Limits): NonNullable<TargetSnapshot['limits']> {
  const { requests, inputTokens, outputTokens, concurrency } = event;
  return withoutUndefined({ requests, inputTokens, outputTokens, concurrency });
}
