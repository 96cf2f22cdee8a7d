import type { CompletionRequest } from '@sluice/core';
import type { ThinkingConfig } from './wire.ts';

type Thinking = NonNullable<CompletionRequest['thinking']>;

/** How many tokens each effort is worth to models that count them: Google's own equation for OpenAI's words. */
const BUDGETS = { low: 1_024, medium: 8_192, high: 24_576 } as const;

/**
 * Writes how much to think, in the words that the model knows: levels from Gemini 3 on, budgets before. Summaries of the
 * thinking are asked for, unless it is off.
 */
export function thinkingConfigOf(thinking: Thinking, model: string): ThinkingConfig {
  if (thinking === 'off') return leastOf(model);
  const { budgetTokens, effort } = thinking;
  if (budgetTokens !== undefined) return { includeThoughts: true, thinkingBudget: budgetTokens };
  if (effort === undefined) return { includeThoughts: true };
  return isLevelled(model)
    ? { includeThoughts: true, thinkingLevel: effort }
    : { includeThoughts: true, thinkingBudget: BUDGETS[effort] };
}

/** Tells whether a model is of the third generation or later, by its name: `gemini-3-pro`, `models/gemini-3.5-flash`. */
export function isLevelled(model: string): boolean {
  const generation = /gemini-(\d{1,3})\b/.exec(model)?.[1];
  return generation !== undefined && Number(generation) >= 3;
}

/** What comes closest to not thinking at all: only the smaller models can be told not to. */
function leastOf(model: string): ThinkingConfig {
  const isSmall = model.includes('flash');
  if (isLevelled(model)) return { thinkingLevel: isSmall ? 'minimal' : 'low' };
  return { thinkingBudget: isSmall ? 0 : MIN_BUDGET };
}

/** The least that Gemini 2.5 Pro takes. */
const MIN_BUDGET = 128;
