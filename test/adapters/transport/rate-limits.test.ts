import { expect, it } from 'vitest';
import { readRateLimits } from '../../../packages/adapters/src/transport/rate-limits.ts';

const NOW_MS = Date.UTC(2026, 0, 1);

function limitsOf(headers: Record<string, string>): ReturnType<typeof readRateLimits> {
  return readRateLimits(new Headers(headers), NOW_MS);
}

function aBudget(limit: number, remaining: number, resetMs: number): object {
  return { limit, remaining, resetAt: NOW_MS + resetMs, source: 'headers' };
}

it('reads requests and tokens, and when they are full again', () => {
  const limits = limitsOf({
    'x-ratelimit-limit-requests': '500',
    'x-ratelimit-remaining-requests': '499',
    'x-ratelimit-reset-requests': '120ms',
    'x-ratelimit-limit-tokens': '30000',
    'x-ratelimit-remaining-tokens': '29000',
    'x-ratelimit-reset-tokens': '6m0s',
  });

  expect(limits).toEqual({
    requests: { limit: 500, remaining: 499, resetAt: NOW_MS + 120, source: 'headers' },
    inputTokens: { limit: 30_000, remaining: 29_000, resetAt: NOW_MS + 360_000, source: 'headers' },
  });
});

it.each([
  [
    'Mistral',
    {
      'x-ratelimit-limit-req-minute': '60',
      'x-ratelimit-remaining-req-minute': '59',
      'x-ratelimit-limit-tokens-minute': '2000',
      'x-ratelimit-remaining-tokens-minute': '1500',
      'x-ratelimit-limit-tokens-month': '1000000',
      'x-ratelimit-remaining-tokens-month': '7',
    },
    { requests: aBudget(60, 59, 60_000), inputTokens: aBudget(2_000, 1_500, 60_000) },
  ],
  [
    'older Mistral',
    {
      'ratelimitbysize-limit': '2000',
      'ratelimitbysize-remaining': '1500',
      'ratelimitbysize-reset': '13',
    },
    { inputTokens: aBudget(2_000, 1_500, 13_000) },
  ],
  [
    'Together',
    { 'x-ratelimit-limit': '6', 'x-ratelimit-remaining': '5', 'x-ratelimit-reset': '1' },
    { requests: aBudget(6, 5, 1_000) },
  ],
])('reads the headers of %s', (_, headers, expected) => {
  expect(limitsOf(headers)).toEqual(expected);
});

it.each([
  ['in bare seconds, as Azure writes it', '7', 7_000],
  ['not at all, as xAI leaves it out', undefined, 60_000],
  ['nonsensically', '-5', 60_000],
  ['too far away', '9999h', 86_400_000],
])('takes a reset that is told %s', (_, reset, windowMs) => {
  const limits = limitsOf({
    'x-ratelimit-limit-requests': '10',
    'x-ratelimit-remaining-requests': '3',
    ...(reset === undefined ? {} : { 'x-ratelimit-reset-requests': reset }),
  });

  expect(limits?.requests?.resetAt).toBe(NOW_MS + windowMs);
});

it.each([
  [{}],
  [{ 'x-ratelimit-limit-requests': '10' }],
  [{ 'x-ratelimit-limit-requests': 'many', 'x-ratelimit-remaining-requests': '1' }],
])('reads nothing from %j', (headers) => {
  expect(limitsOf(headers)).toBeUndefined();
});

it('never has more left than there is', () => {
  const limits = limitsOf({
    'x-ratelimit-limit-requests': '10',
    'x-ratelimit-remaining-requests': '99',
  });

  expect(limits?.requests?.remaining).toBe(10);
});
