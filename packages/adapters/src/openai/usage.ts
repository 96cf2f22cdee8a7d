import type { Usage } from '@sluice/core';
import { type Fields, arrayAt, countAt, isRecord, recordAt } from '../transport/json.ts';

/** Finds the usage in an event, wherever its server puts it: at the top, under `x_groq`, or in the choice. */
export function findUsage(event: Fields): Usage | undefined {
  const [choice] = arrayAt(event, 'choices');
  const fields =
    recordAt(event, 'usage') ??
    recordAt(recordAt(event, 'x_groq') ?? {}, 'usage') ??
    (isRecord(choice) ? recordAt(choice, 'usage') : undefined);
  return fields === undefined ? undefined : readUsage(fields);
}

/** Tells whether two usages say the same. */
export function isSameUsage(a: Usage | undefined, b: Usage): boolean {
  return (
    a !== undefined &&
    a.input.total === b.input.total &&
    a.input.cacheRead === b.input.cacheRead &&
    a.output.total === b.output.total &&
    a.output.reasoning === b.output.reasoning
  );
}

function readUsage(fields: Fields): Usage {
  const prompt = countAt(fields, 'prompt_tokens') ?? 0;
  const completion = countAt(fields, 'completion_tokens') ?? 0;
  const cacheRead =
    countAt(recordAt(fields, 'prompt_tokens_details') ?? {}, 'cached_tokens') ??
    countAt(fields, 'prompt_cache_hit_tokens') ??
    countAt(fields, 'num_cached_tokens');
  const reasoning = countAt(
    recordAt(fields, 'completion_tokens_details') ?? {},
    'reasoning_tokens',
  );
  return {
    input: { total: withCache(prompt, cacheRead), cacheRead },
    output: {
      total: completion + reasoningLeftOut({ fields, prompt, completion, reasoning }),
      reasoning,
    },
  };
}

/** Proxies of other providers leave the cache out of the prompt, which then is smaller than its own part. */
function withCache(prompt: number, cacheRead = 0): number {
  return cacheRead > prompt ? prompt + cacheRead : prompt;
}

/** xAI leaves reasoning out of `completion_tokens`; the sum gives it away. */
function reasoningLeftOut(counts: {
  readonly fields: Fields;
  readonly prompt: number;
  readonly completion: number;
  readonly reasoning: number | undefined;
}): number {
  const { fields, prompt, completion, reasoning = 0 } = counts;
  return countAt(fields, 'total_tokens') === prompt + completion + reasoning ? reasoning : 0;
}
