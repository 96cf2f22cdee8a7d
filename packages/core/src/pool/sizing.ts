import type { PoolStats } from '../events/snapshot.ts';

/** The counts that decide how a pool grows and shrinks. */
export type SizeCounts = Pick<
  PoolStats,
  'size' | 'idle' | 'inUse' | 'creating' | 'checking' | 'destroying' | 'waiting'
>;

/** The limits that decide it. */
export interface SizeLimits {
  readonly maxSize: number;
  readonly minIdle: number;
  readonly createParallelism: number;
}

/** How many creates to start now: for who waits, and to keep `minIdle` ready; never more than there is room for. */
export function missingCount(counts: SizeCounts, limits: SizeLimits): number {
  const { size, idle, creating, checking, waiting } = counts;
  const wanted = waiting + limits.minIdle - idle - creating - checking;
  return Math.max(0, Math.min(wanted, limits.maxSize - size, limits.createParallelism - creating));
}

/** How many places there are too many, those that are being destroyed not counted. */
export function surplusCount(
  { size, destroying }: Pick<SizeCounts, 'size' | 'destroying'>,
  maxSize: number,
): number {
  return Math.max(0, size - destroying - maxSize);
}

/** How many waiters will be served without anybody giving anything back: as many as there is room for. */
export function servableCount({ inUse }: Pick<SizeCounts, 'inUse'>, maxSize: number): number {
  return Math.max(0, maxSize - inUse);
}
