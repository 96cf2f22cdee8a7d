import type { Usage } from '@sluice/core';
import { type Fields, countAt, recordAt } from '../transport/json.ts';

/** The counts as the wire tells them, each under its own name. */
interface Counts {
  readonly input?: number | undefined;
  readonly cacheWrite?: number | undefined;
  readonly cacheRead?: number | undefined;
  readonly output?: number | undefined;
  readonly thinking?: number | undefined;
}

/**
 * Keeps the tokens of one answer. Each `usage` is of the whole answer so far and may leave fields out: the last number
 * of each field counts. Proxies tell all of it at the end.
 */
export class UsageCounts {
  #counts: Counts = {};
  #isTold = false;

  /** The tokens told so far; `undefined` when none were. */
  get usage(): Usage | undefined {
    if (!this.#isTold) return undefined;
    const { input = 0, cacheWrite, cacheRead, output = 0, thinking } = this.#counts;
    return {
      // The wire counts what the cache holds beside the input; everybody else counts it within.
      input: { total: input + (cacheWrite ?? 0) + (cacheRead ?? 0), cacheRead, cacheWrite },
      output: { total: output, reasoning: thinking },
    };
  }

  /** Takes the `usage` of an event. Tells whether anything is known that was not before. */
  take(event: Fields): boolean {
    const told = recordAt(event, 'usage');
    if (told === undefined) return false;
    const before = this.#counts;
    const next: Counts = {
      input: countAt(told, 'input_tokens') ?? before.input,
      cacheWrite: countAt(told, 'cache_creation_input_tokens') ?? before.cacheWrite,
      cacheRead: countAt(told, 'cache_read_input_tokens') ?? before.cacheRead,
      output: countAt(told, 'output_tokens') ?? before.output,
      thinking:
        countAt(recordAt(told, 'output_tokens_details') ?? {}, 'thinking_tokens') ??
        before.thinking,
    };
    if (isSame(before, next)) return false;
    this.#counts = next;
    this.#isTold = true;
    return true;
  }
}

function isSame(a: Counts, b: Counts): boolean {
  return (
    a.input === b.input &&
    a.cacheWrite === b.cacheWrite &&
    a.cacheRead === b.cacheRead &&
    a.output === b.output &&
    a.thinking === b.thinking
  );
}
