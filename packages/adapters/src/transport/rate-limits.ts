import type { RateLimits } from '@sluice/core';
import { type HeaderSource, readDuration, readNumber } from './retry-after.ts';

type Budget = NonNullable<RateLimits['requests']>;

/** What a window is taken for when its provider does not say when it ends: a minute, as all of them count. */
const DEFAULT_WINDOW_MS = 60_000;

/** The longest reset that is believed: a day, for limits of requests a day. */
const MAX_WINDOW_MS = 86_400_000;

/** What each server calls the headers of one budget. The first of which both limit and remaining are there counts. */
type Names = readonly ((what: 'limit' | 'remaining' | 'reset') => string)[];

const REQUESTS: Names = [
  (what) => `x-ratelimit-${what}-requests`,
  (what) => `x-ratelimit-${what}-req-minute`, // Mistral
  (what) => `x-ratelimit-${what}`, // Together
];

const TOKENS: Names = [
  (what) => `x-ratelimit-${what}-tokens`,
  (what) => `x-ratelimit-${what}-tokens-minute`, // Mistral
  (what) => `ratelimitbysize-${what}`, // Mistral, before
];

/**
 * Reads the rate limits of OpenAI's family: `x-ratelimit-{limit,remaining,reset}-{requests,tokens}`, and what Mistral
 * and Together call the same. Tokens are counted in and out together there, and told as `inputTokens`. `undefined` when
 * there are none: browsers may not read them.
 *
 * @param nowMs epoch milliseconds.
 */
export function readRateLimits(headers: HeaderSource, nowMs: number): RateLimits | undefined {
  const requests = firstBudget(headers, REQUESTS, nowMs);
  const inputTokens = firstBudget(headers, TOKENS, nowMs);
  if (requests === undefined && inputTokens === undefined) return undefined;
  return { requests, inputTokens };
}

function firstBudget(headers: HeaderSource, names: Names, nowMs: number): Budget | undefined {
  for (const nameOf of names) {
    const limit = readNumber(headers.get(nameOf('limit')));
    const remaining = readNumber(headers.get(nameOf('remaining')));
    if (limit === undefined || remaining === undefined) continue;
    const resetMs = readDuration(headers.get(nameOf('reset'))?.trim() ?? '');
    const resetAt = nowMs + Math.min(resetMs ?? DEFAULT_WINDOW_MS, MAX_WINDOW_MS);
    return { limit, remaining: Math.min(remaining, limit), resetAt, source: 'headers' };
  }
  return undefined;
}
