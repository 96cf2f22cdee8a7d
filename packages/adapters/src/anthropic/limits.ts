import type { RateLimits } from '@sluice/core';
import { type HeaderSource, readNumber } from '../transport/retry-after.ts';

type Budget = NonNullable<RateLimits['requests']>;

/** What a window is taken for when its end is not told or makes no sense: a minute, as all limits count. */
const DEFAULT_WINDOW_MS = 60_000;

/** The longest reset that is believed: a day. */
const MAX_WINDOW_MS = 86_400_000;

/**
 * Reads `anthropic-ratelimit-{requests,tokens,input-tokens,output-tokens}-{limit,remaining,reset}`. Where tokens are
 * counted in and out together they are told as `inputTokens`. `undefined` when there are none: browsers may not read
 * them.
 *
 * @param nowMs epoch milliseconds.
 */
export function readRateLimits(headers: HeaderSource, nowMs: number): RateLimits | undefined {
  const requests = readBudget(headers, { unit: 'requests', nowMs });
  const inputTokens =
    readBudget(headers, { unit: 'input-tokens', nowMs }) ??
    readBudget(headers, { unit: 'tokens', nowMs });
  const outputTokens = readBudget(headers, { unit: 'output-tokens', nowMs });
  if (requests === undefined && inputTokens === undefined && outputTokens === undefined) {
    return undefined;
  }
  return { requests, inputTokens, outputTokens };
}

function readBudget(
  headers: HeaderSource,
  { unit, nowMs }: { readonly unit: string; readonly nowMs: number },
): Budget | undefined {
  const limit = readNumber(headers.get(`anthropic-ratelimit-${unit}-limit`));
  const remaining = readNumber(headers.get(`anthropic-ratelimit-${unit}-remaining`));
  if (limit === undefined || remaining === undefined) return undefined;
  const resetMs = readTime(headers.get(`anthropic-ratelimit-${unit}-reset`), nowMs);
  const resetAt = nowMs + Math.min(resetMs ?? DEFAULT_WINDOW_MS, MAX_WINDOW_MS);
  return { limit, remaining: Math.min(remaining, limit), resetAt, source: 'headers' };
}

/** Reads a time of RFC 3339 as the milliseconds until then; one that has passed is 0. */
function readTime(text: string | null, nowMs: number): number | undefined {
  // Only what looks like a time: `Date.parse` makes one of nearly anything.
  if (text === null || !RFC_3339.test(text.trim())) return undefined;
  const at = Date.parse(text.trim());
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}

const RFC_3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:\d{2})$/;
