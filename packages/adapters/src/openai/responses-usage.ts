import type { Usage } from '@sluice/core';
import { type Fields, countAt, recordAt } from '../transport/json.ts';

/** Reads the usage of a response; `undefined` while it has none. Cached tokens and reasoning are parts of the totals. */
export function readResponseUsage(response: Fields): Usage | undefined {
  const fields = recordAt(response, 'usage');
  if (fields === undefined) return undefined;
  const inputDetails = recordAt(fields, 'input_tokens_details') ?? {};
  const outputDetails = recordAt(fields, 'output_tokens_details') ?? {};
  return {
    input: {
      total: countAt(fields, 'input_tokens') ?? 0,
      cacheRead: countAt(inputDetails, 'cached_tokens'),
      cacheWrite: countAt(inputDetails, 'cache_write_tokens'),
    },
    output: {
      total: countAt(fields, 'output_tokens') ?? 0,
      reasoning: countAt(outputDetails, 'reasoning_tokens'),
    },
  };
}
