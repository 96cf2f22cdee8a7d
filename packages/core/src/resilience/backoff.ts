import type { Random } from '../base/random.ts';

/** How waiting grows from try to try. Durations in milliseconds. */
export interface Backoff {
  /** The wait before the second try. */
  readonly baseMs: number;
  /** By how much each wait is longer than the one before: 1 keeps it constant, 2 doubles it. */
  readonly factor: number;
  /** The longest wait. */
  readonly capMs: number;
  /** How chance spreads tries, so that those who failed together do not come back together. */
  readonly jitter: Jitter;
}

/**
 * How a wait is drawn. `none`: as computed. `full`: anywhere between 0 and it. `equal`: anywhere in its upper half, so that
 * nobody comes back at once. `decorrelated`: anywhere between `baseMs`
 * and three times the wait before, which spreads the most and forgets how many tries there were.
 *
 * See "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 */
export type Jitter = 'none' | 'full' | 'equal' | 'decorrelated';

/** 100 ms, doubled up to 10 s, spread over the whole wait. */
export const DEFAULT_BACKOFF: Backoff = { baseMs: 100, factor: 2, capMs: 10_000, jitter: 'full' };

/**
 * Says how long to wait after the `failures`-th failure in a row, counted from 1. Pure but for the draw.
 *
 * @param previousMs - The wait before, which only `decorrelated` asks for. Default `baseMs`.
 */
export function backoffMs(
  backoff: Backoff,
  failures: number,
  {
    random,
    previousMs = backoff.baseMs,
  }: { readonly random: Random; readonly previousMs?: number },
): number {
  const { baseMs, capMs, jitter } = backoff;
  if (jitter === 'decorrelated') {
    return Math.min(capMs, baseMs + random.next() * Math.max(0, previousMs * 3 - baseMs));
  }
  const fullMs = Math.min(capMs, baseMs * backoff.factor ** (failures - 1));
  if (jitter === 'none') return fullMs;
  const leastMs = jitter === 'equal' ? fullMs / 2 : 0;
  return leastMs + random.next() * (fullMs - leastMs);
}
