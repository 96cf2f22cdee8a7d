import type { RateLimits } from '@sluice/core';
import { type HeaderSource, readDuration, readNumber } from './retry-after.ts';

type Budget = NonNullable<RateLimits['requests']>;

/** What a window is taken for when its provider does not say when it ends: a minute, as all of them count. */
const DEFAULT_WINDOW_MS = 60_000;

/** The longest reset that is believed: a day, for limits of requests a day. */
const MAX_WINDOW_MS = 86_400_000;

/**
 * Reads the rate limits of OpenAI's family: `x-ratelimit-{limit,remaining,reset}-{requests,tokens}`. Tokens are counted
 * in and out together there, and told as `inputTokens`. `undefined` when there are none: browsers may not read them.
 *
 * @param nowMs epoch milliseconds.
 */
export function readRateLimits(headers: HeaderSource, nowMs: number): RateLimits | undefined {
  const requests = readBudget(headers, { unit: 'requests', nowMs });
  const inputTokens = readBudget(headers, { unit: 'tokens', nowMs });
  if (requests === undefined && inputTokens === undefined) return undefined;
  return { requests, inputTokens };
}

function readBudget(
  headers: HeaderSource,
  { unit, nowMs }: { readonly unit: string; readonly nowMs: number },
): Budget | undefined {
  const limit = readNumber(headers.get(`x-ratelimit-limit-${unit}`));
  const remaining = readNumber(headers.get(`x-ratelimit-remaining-${unit}`));
  if (limit === undefined || remaining === undefined) return undefined;
  const resetMs = readDuration(headers.get(`x-ratelimit-reset-${unit}`)?.trim() ?? '');
  const resetAt = nowMs + Math.min(resetMs ?? DEFAULT_WINDOW_MS, MAX_WINDOW_MS);
  return { limit, remaining: Math.min(remaining, limit), resetAt, source: 'headers' };
}
