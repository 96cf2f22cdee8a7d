import { describe, expect, it } from 'vitest';
import { readRateLimits } from '../../../packages/adapters/src/anthropic/limits.ts';

const NOW = Date.UTC(2026, 7, 19, 14, 34, 0);

function budget(unit: string, reset?: string): Record<string, string> {
  const name = `anthropic-ratelimit-${unit}`;
  return {
    [`${name}-limit`]: '100',
    [`${name}-remaining`]: '99',
    ...(reset === undefined ? {} : { [`${name}-reset`]: reset }),
  };
}

function limitsOf(headers: Record<string, string>): unknown {
  return readRateLimits(new Headers(headers), NOW);
}

describe('rate limits', () => {
  it('are told for requests, tokens in and tokens out, with the time of their reset', () => {
    const headers = {
      ...budget('requests', '2026-08-19T14:34:11Z'),
      ...budget('input-tokens', '2026-08-19T16:34:30+02:00'),
      ...budget('output-tokens', '2026-08-19T14:34:01.5Z'),
      ...budget('tokens', '2026-08-19T14:34:59Z'),
    };

    const counts = { limit: 100, remaining: 99, source: 'headers' };
    expect(limitsOf(headers)).toEqual({
      requests: { ...counts, resetAt: NOW + 11_000 },
      inputTokens: { ...counts, resetAt: NOW + 30_000 },
      outputTokens: { ...counts, resetAt: NOW + 1_500 },
    });
  });

  it('of all tokens together are told as those of the input', () => {
    expect(limitsOf(budget('tokens', '2026-08-19T14:34:59Z'))).toMatchObject({
      inputTokens: { resetAt: NOW + 59_000 },
    });
  });

  it.each([
    ['a time that has passed', '2020-01-01T00:00:00Z', 0],
    ['a time in a year', '2027-08-19T14:34:11Z', 86_400_000],
    ['no time', undefined, 60_000],
    ['what is no time', 'soon', 60_000],
    ['a bare number, which a date parser takes for a year', '2027', 60_000],
    ['a day that there is not', '2026-13-45T00:00:00Z', 60_000],
  ])('with %s are whole again after %s (%i ms)', (_, reset, resetMs) => {
    expect(limitsOf(budget('requests', reset))).toMatchObject({
      requests: { resetAt: NOW + resetMs },
    });
  });

  it('are unknown where a browser may not read them', () => {
    expect(limitsOf({})).toBeUndefined();
    expect(limitsOf({ 'anthropic-ratelimit-requests-limit': '100' })).toBeUndefined();
  });
});
