import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { assertDelay, systemClock } from '../../../packages/core/src/base/clock.ts';

const MAX_TIMER_MS = 2_147_483_647;

describe('the system clock', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('runs what it was given once, after the delay', () => {
    const work = vi.fn<() => void>();

    systemClock.after(1_000, work);
    vi.advanceTimersByTime(999);
    const early = work.mock.calls.length;
    vi.advanceTimersByTime(10_000);

    expect([early, work.mock.calls.length]).toEqual([0, 1]);
  });

  it('waits for more than 2^31 ms in pieces', () => {
    const work = vi.fn<() => void>();

    systemClock.after(MAX_TIMER_MS * 2 + 500, work);
    vi.advanceTimersByTime(MAX_TIMER_MS * 2 + 499);
    const early = work.mock.calls.length;
    vi.advanceTimersByTime(1);

    expect([early, work.mock.calls.length]).toEqual([0, 1]);
  });

  it('can be cancelled, also in the middle of a wait in pieces', () => {
    const work = vi.fn<() => void>();
    const cancelShort = systemClock.after(10, work);
    const cancelLong = systemClock.after(MAX_TIMER_MS + 10, work);

    cancelShort();
    vi.advanceTimersByTime(MAX_TIMER_MS);
    cancelLong();
    vi.advanceTimersByTime(MAX_TIMER_MS);

    expect(work).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'refuses a delay of %d',
    (delayMs) => {
      expect(() => systemClock.after(delayMs, () => {})).toThrow(TypeError);
      expect(() => assertDelay(delayMs)).toThrow(String(delayMs));
    },
  );
});

describe('the time of the system clock', () => {
  it('is monotonic for durations and of the epoch for display', () => {
    const before = systemClock.now();

    const stamp = systemClock.timestamp();

    expect(systemClock.now()).toBeGreaterThanOrEqual(before);
    expect(stamp).toBeGreaterThan(Date.UTC(2025, 0, 1));
  });

  it('lets a process end while an unref timer waits', () => {
    const unref = vi.fn<() => void>();
    const original = globalThis.setTimeout;
    vi.stubGlobal('setTimeout', () => ({ unref }));

    systemClock.after(10, () => {}, { unref: true });
    systemClock.after(10, () => {});
    vi.unstubAllGlobals();

    expect(unref).toHaveBeenCalledTimes(1);
    expect(globalThis.setTimeout).toBe(original);
  });
});
