import type { Usage } from '@sluice/core';
import { countAt } from '../transport/json.ts';

type Fields = Readonly<Record<string, unknown>>;

const COUNTS = [
  'promptTokenCount',
  'toolUsePromptTokenCount',
  'cachedContentTokenCount',
  'candidatesTokenCount',
  'thoughtsTokenCount',
  'totalTokenCount',
] as const;

/**
 * Adds an answer's usage up from its events. Counts are cumulative, and any of them may be missing in any event: the
 * last that was told counts.
 */
export class UsageCounter {
  readonly #last = new Map<(typeof COUNTS)[number], number>();

  /** Takes the counts of one event. Tells whether one of them is new. */
  add(metadata: Fields): boolean {
    let isNew = false;
    for (const name of COUNTS) {
      const count = countAt(metadata, name);
      if (count === undefined || count === this.#last.get(name)) continue;
      this.#last.set(name, count);
      isNew = true;
    }
    return isNew;
  }

  /**
   * The usage so far. `undefined` when nothing was told.
   *
   * @param estimateInput counts the request, where neither the prompt's count nor a total was told.
   */
  usage(estimateInput: () => number): Usage | undefined {
    if (this.#last.size === 0) return undefined;
    const prompt = this.#prompt();
    const toolUse = this.#last.get('toolUsePromptTokenCount') ?? 0;
    const reasoning = this.#last.get('thoughtsTokenCount');
    return {
      input: {
        total: (prompt ?? estimateInput()) + toolUse,
        cacheRead: this.#last.get('cachedContentTokenCount'),
      },
      // Thoughts are not among the candidates' tokens, though they are as much the model's, and billed so.
      output: {
        total: (this.#last.get('candidatesTokenCount') ?? 0) + (reasoning ?? 0),
        reasoning,
      },
      ...(prompt === undefined ? { estimated: true } : {}),
    };
  }

  /** A count of 0 is left out by the wire, a missing prompt is what the total has beyond the others. */
  #prompt(): number | undefined {
    const told = this.#last.get('promptTokenCount');
    const total = this.#last.get('totalTokenCount');
    if (told !== undefined || total === undefined) return told;
    const others = [
      'candidatesTokenCount',
      'thoughtsTokenCount',
      'toolUsePromptTokenCount',
    ] as const;
    return others.reduce((rest, name) => Math.max(0, rest - (this.#last.get(name) ?? 0)), total);
  }
}
