import type { SluiceEvent, TargetSnapshot } from '@sluice/core/events';

/** Folds an event of a target: what it changes is replaced, the rest is shared. */
export function foldTarget(
  before: TargetSnapshot | undefined,
  event: Extract<SluiceEvent, { readonly target: string; readonly pool: string }>,
): TargetSnapshot {
  const target = before ?? newTarget(event.target, event.pool);
  switch (event.type) {
    case 'target.cooling':
      return { ...target, cooling: { until: event.until, reason: event.reason } };
    case 'target.recovered':
      return { ...target, cooling: undefined };
    case 'target.circuit': {
      const { state, failures, calls, probeAt } = event;
      return { ...target, circuit: { state, failures, calls, probeAt } };
    }
    case 'target.limits': {
      const { requests, inputTokens, outputTokens } = event;
      const given = Object.entries({ requests, inputTokens, outputTokens }).filter(
        ([, budget]) => budget !== undefined,
      );
      return { ...target, limits: { ...target.limits, ...Object.fromEntries(given) } };
    }
    default:
      return target;
  }
}

function newTarget(target: string, pool: string): TargetSnapshot {
  return { target, pool, circuit: { state: 'closed', failures: 0, calls: 0 } };
}
