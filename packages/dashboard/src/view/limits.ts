import type { Budget } from '@sluice/core/events';
import type { PoolGroup } from '../state/pool-group.ts';

/** From which share on a limit is near. */
export const NEAR_LIMIT = 0.9;

/** How much of a pool's budgets is used, 0 to 1; NaN where there is no limit. */
export interface Limits {
  readonly requests: number;
  readonly tokens: number;
}

/** Reads the budget that is used most, over all targets of a pool. A budget whose reset has passed is full again. */
export function limitsOf({ targets }: PoolGroup, at: number): Limits {
  let requests = Number.NaN;
  let tokens = Number.NaN;
  for (const { limits } of targets) {
    requests = greater(requests, usedShare(limits?.requests, at));
    tokens = greater(tokens, usedShare(limits?.inputTokens, at));
    tokens = greater(tokens, usedShare(limits?.outputTokens, at));
  }
  return { requests, tokens };
}

/** Tells how much of a budget is used, 0 to 1; NaN when there is none. */
export function usedShare(budget: Budget | undefined, at: number): number {
  if (budget === undefined || !(budget.limit > 0)) return Number.NaN;
  if (at >= budget.resetAt) return 0;
  return Math.min(1, Math.max(0, 1 - budget.remaining / budget.limit));
}

function greater(a: number, b: number): number {
  if (Number.isNaN(a)) return b;
  return Number.isNaN(b) ? a : Math.max(a, b);
}
