import type { Usage } from '@sluice/core';
import { type Fields, countAt } from '../transport/json.ts';

const NAMES = [
  'promptTokenCount',
  'toolUsePromptTokenCount',
  'cachedContentTokenCount',
  'candidatesTokenCount',
  'thoughtsTokenCount',
  'totalTokenCount',
] as const;

/** The last that was told of each count. A plain object: it is looked into at every event. */
type Counts = { [name in (typeof NAMES)[number]]?: number };

/**
 * Adds an answer's usage up from its events. Counts are cumulative, and any of them may be missing in any event: the
 * last that was told counts.
 */
export class UsageCounter {
  readonly #last: Counts = {};
  #isTold = false;

  /** Takes the counts of one event. Tells whether one of them is new. */
  add(metadata: Fields): boolean {
    let isNew = false;
    for (const name of NAMES) {
      const count = countAt(metadata, name);
      if (count === undefined || count === this.#last[name]) continue;
      this.#last[name] = count;
      isNew = true;
    }
    this.#isTold ||= isNew;
    return isNew;
  }

  /**
   * The usage so far. `undefined` when nothing was told.
   *
   * @param estimateInput counts the request, where neither the prompt's count nor a total was told.
   */
  usage(estimateInput: () => number): Usage | undefined {
    if (!this.#isTold) return undefined;
    const prompt = this.#prompt();
    const {
      toolUsePromptTokenCount: toolUse = 0,
      cachedContentTokenCount: cacheRead,
      candidatesTokenCount: candidates = 0,
      thoughtsTokenCount: reasoning,
    } = this.#last;
    const input = { total: (prompt ?? estimateInput()) + toolUse, cacheRead };
    // Thoughts are not among the candidates' tokens, though they are as much the model's, and billed so.
    const output = { total: candidates + (reasoning ?? 0), reasoning };
    return prompt === undefined ? { input, output, estimated: true } : { input, output };
  }

  /** A count of 0 is left out by the wire; a missing prompt is what the total has beyond the others. */
  #prompt(): number | undefined {
    const {
      promptTokenCount,
      totalTokenCount,
      candidatesTokenCount = 0,
      thoughtsTokenCount = 0,
      toolUsePromptTokenCount = 0,
    } = this.#last;
    if (promptTokenCount !== undefined || totalTokenCount === undefined) return promptTokenCount;
    const others = candidatesTokenCount + thoughtsTokenCount + toolUsePromptTokenCount;
    return Math.max(0, totalTokenCount - others);
  }
}
