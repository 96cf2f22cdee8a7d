import { describe, expect, it } from 'vitest';
import {
  readDuration,
  readRetryAfter,
} from '../../../packages/adapters/src/transport/retry-after.ts';

const NOW_MS = Date.UTC(2026, 0, 1);

function waitOf(headers: Record<string, string>, message?: string): number | undefined {
  return readRetryAfter({ headers: new Headers(headers), message, nowMs: NOW_MS });
}

describe('how long a provider asks to wait', () => {
  it.each<[Record<string, string>, number | undefined]>([
    [{}, undefined],
    [{ 'retry-after': '2' }, 2_000],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': '1.5' }, 1_500],
    [{ 'retry-after': ' 3 ' }, 3_000],
    [{ 'retry-after': '86400' }, 600_000],
    [{ 'retry-after': 'Thu, 01 Jan 2026 00:00:30 GMT' }, 30_000],
    [{ 'retry-after': 'Wed, 31 Dec 2025 23:59:00 GMT' }, 0],
    [{ 'retry-after': 'Fri, 01 Jan 2027 00:00:00 GMT' }, 600_000],
    [{ 'retry-after': '-1' }, undefined],
    [{ 'retry-after': 'banana' }, undefined],
    [{ 'retry-after': '1e309' }, undefined],
    [{ 'retry-after': 'NaN' }, undefined],
    [{ 'retry-after': '9'.repeat(400) }, undefined],
    [{ 'retry-after-ms': '250' }, 250],
    [{ 'retry-after-ms': '250', 'retry-after': '1' }, 250],
    [{ 'retry-after-ms': '0', 'retry-after': '1' }, 1_000],
    [{ 'retry-after-ms': 'soon', 'retry-after': '1' }, 1_000],
    [{ 'x-ms-retry-after-ms': '750' }, 750],
  ])('%j is %s ms', (headers, waitMs) => {
    expect(waitOf(headers)).toBe(waitMs);
  });

  it.each([
    ['Rate limit reached. Please try again in 6m0s. Visit us.', 360_000],
    ['Please try again in 20ms.', 20],
    ['Please try again in 3.5s', 3_500],
    ['try again in 1h30m0s', 600_000],
    ['Please retry after 12 seconds.', 12_000],
    ['Please retry after 2 minutes.', 120_000],
    ['Something else went wrong in 2026', undefined],
  ])('is read from the words %j when no header tells', (message, waitMs) => {
    expect(waitOf({}, message)).toBe(waitMs);
    expect(waitOf({ 'retry-after': '1' }, message)).toBe(1_000);
  });

  it('is looked for in linear time, whatever the words', () => {
    const nasty = [
      'try again in '.repeat(10_000),
      `try again in ${'9'.repeat(100_000)}`,
      '1m'.repeat(50_000),
    ];

    for (const message of nasty) expect(waitOf({}, message)).toBeUndefined();
  });
});

describe('a duration', () => {
  it.each<[string, number | undefined]>([
    ['0s', 0],
    ['2ms', 2],
    ['17.379s', 17_379],
    ['6m0s', 360_000],
    ['1h30m0s', 5_400_000],
    ['7', 7_000],
    ['', undefined],
    ['s', undefined],
    ['1d', undefined],
    ['1m-2s', undefined],
    ['1s ', undefined],
  ])('%j is %s ms', (text, ms) => {
    expect(readDuration(text)).toBe(ms);
  });
});
