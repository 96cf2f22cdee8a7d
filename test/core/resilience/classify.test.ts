import { ProviderError, type ProviderErrorKind } from '@sluice/core';
import { describe, expect, it } from 'vitest';
import { classify, isTargetFault } from '../../../packages/core/src/resilience/classify.ts';

describe('classify', () => {
  it.each<[ProviderErrorKind, string, boolean]>([
    ['bad-request', 'fatal', false],
    ['content-filter', 'fatal', false],
    ['context-length', 'unfit', false],
    ['unsupported', 'unfit', false],
    ['auth', 'refused', true],
    ['permission', 'refused', true],
    ['not-found', 'refused', true],
    ['quota', 'refused', true],
    ['rate-limit', 'retry-after', false],
    ['overloaded', 'retry', true],
    ['server', 'retry', true],
    ['network', 'retry', true],
    ['first-byte-timeout', 'retry', true],
    ['first-content-timeout', 'retry', true],
    ['idle-timeout', 'retry', true],
    ['total-timeout', 'retry', true],
    ['truncated', 'retry', true],
    ['malformed', 'retry', true],
  ])('takes %s for %s (fault of the target: %s)', (kind, expected, isFault) => {
    const meaning = classify(aProviderError(kind));

    expect(meaning.kind).toBe(expected);
    expect(isTargetFault(meaning)).toBe(isFault);
  });

  it('waits as long as the server asks, and blames it for nothing', () => {
    const meaning = classify(aProviderError('overloaded', { retryAfterMs: 1_500 }));

    expect(meaning).toEqual({ kind: 'retry-after', retryAfterMs: 1_500 });
    expect(isTargetFault(meaning)).toBe(false);
  });

  it('never blames a target for a caller who left', () => {
    const reason = aProviderError('server');

    const meaning = classify(reason, AbortSignal.abort(reason));

    expect(meaning).toEqual({ kind: 'aborted' });
    expect(isTargetFault(meaning)).toBe(false);
  });

  it('blames the target for a failure that merely coincides with an abort', () => {
    const meaning = classify(aProviderError('server'), AbortSignal.abort(new Error('left')));

    expect(meaning.kind).toBe('retry');
  });

  it('takes an error that it does not know for a failure of the target', () => {
    expect(classify(new RangeError('oops')).kind).toBe('retry');
    expect(classify('thrown text').kind).toBe('retry');
  });
});

function aProviderError(kind: ProviderErrorKind, more: { retryAfterMs?: number } = {}) {
  return new ProviderError(kind, 'It failed', { provider: 'a', ...more });
}
