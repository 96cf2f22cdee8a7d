import type { CompletionRequest } from '@sluice/core';
import type { ModelWays } from './model-ways.ts';
import { canThink } from './turns.ts';
import type { MessageThinking, MessageTurn } from './wire.ts';

type Effort = 'low' | 'medium' | 'high';

/** How a model is told to think. */
export interface EncodedThinking {
  readonly thinking?: MessageThinking | undefined;
  readonly effort?: Effort | undefined;
}

/** The budgets, in tokens, that stand for efforts where a model takes only the former, and the other way round. */
const BUDGETS: Readonly<Record<Effort, number>> = { low: 2_048, medium: 8_192, high: 24_576 };

/** The wire refuses a smaller budget. */
const MIN_BUDGET = 1_024;

/** Writes how much a model may think, in the measure that it takes. */
export function encodeThinking(
  { thinking: wanted, maxTokens = Infinity }: CompletionRequest,
  { ways, turns }: { readonly ways: ModelWays; readonly turns: readonly MessageTurn[] },
): EncodedThinking {
  if (wanted === undefined) return {};
  if (wanted === 'off') return ways.canRest ? { thinking: { type: 'disabled' } } : {};
  const { budgetTokens, effort } = wanted;
  const isMeasured = budgetTokens !== undefined && ways.thinking !== 'adaptive';
  if (isMeasured || ways.thinking === 'budget') {
    const told = ways.takesEffort ? { effort } : {};
    const budget = budgetTokens ?? Math.min(BUDGETS[effort ?? 'medium'], maxTokens - 1);
    // One that was asked for is refused rather than cut down in silence; one of our own making is not worth a refusal.
    const isTooSmall = budgetTokens === undefined && budget < MIN_BUDGET;
    if (isTooSmall || !canThink(turns)) return told;
    const budget_tokens = Math.max(budget, MIN_BUDGET);
    return { thinking: { type: 'enabled', budget_tokens }, ...told };
  }
  const meant = effort ?? (budgetTokens === undefined ? undefined : effortOf(budgetTokens));
  return { thinking: { type: 'adaptive' }, effort: ways.takesEffort ? meant : undefined };
}

function effortOf(budgetTokens: number): Effort {
  if (budgetTokens <= BUDGETS.low) return 'low';
  return budgetTokens <= BUDGETS.medium ? 'medium' : 'high';
}
