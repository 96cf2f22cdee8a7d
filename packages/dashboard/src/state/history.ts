import type { RestartMark, SluiceEvent } from '@sluice/core/events';
import { ChannelState } from './channel-state.ts';
import type { Fold } from './fold.ts';
import type { Gap } from './gaps.ts';
import { PoolState } from './pool-state.ts';
import type { RibbonSegment } from './ribbon.ts';
import { type DurationSlice, KEPT_SECONDS, type SecondRing } from './time-rings.ts';

/**
 * What a fold recorded, as plain JSON: whoever folded from the engine's start hands it to a reader that comes later, so
 * that a dashboard opened on a stuck process is not empty. Seconds are epoch seconds.
 */
export interface FoldedHistory {
  readonly beganAt: number;
  readonly pools: readonly PoolHistory[];
  readonly channels: readonly ChannelHistory[];
  readonly demand: readonly SeriesRun[];
  readonly eventRate: readonly SeriesRun[];
  readonly notable: readonly SluiceEvent[];
  readonly gaps: readonly Gap[];
  readonly runChannels: readonly (readonly [runId: string, channel: string])[];
}

/** The series of one pool. */
export interface PoolHistory {
  readonly pool: string;
  readonly inUse: readonly SeriesRun[];
  readonly waiting: readonly SeriesRun[];
  readonly capacity: readonly SeriesRun[];
  readonly errors: readonly SeriesRun[];
  readonly calls: readonly SeriesRun[];
  readonly failedCalls: readonly SeriesRun[];
  readonly waited: readonly DurationSlice[];
  readonly held: readonly DurationSlice[];
}

/** The series of one channel. */
export interface ChannelHistory {
  readonly channel: string;
  readonly segments: readonly RibbonSegment[];
  readonly marks: readonly RestartMark[];
  readonly received: readonly SeriesRun[];
  readonly replied: readonly SeriesRun[];
  readonly errors: readonly SeriesRun[];
  readonly deadLetters: readonly SeriesRun[];
}

/** The same value for some seconds. Steady series are short on the wire. */
export type SeriesRun = readonly [second: number, seconds: number, value: number];

/** Writes what another fold recorded over what this one has. The fold's `reset` calls it. */
export function loadHistory(fold: Fold, history: FoldedHistory): void {
  fold.beganAt = history.beganAt;
  for (const recorded of history.pools) {
    const { series } = knownPool(fold, recorded.pool);
    for (const name of POOL_SERIES) {
      write(series[name], recorded[name]);
    }
    series.waited.load(recorded.waited);
    series.held.load(recorded.held);
  }
  for (const recorded of history.channels) {
    const { series } = knownChannel(fold, recorded.channel);
    series.ribbon.load(recorded.segments, recorded.marks);
    for (const name of ['received', 'replied', 'errors', 'deadLetters'] as const) {
      write(series[name], recorded[name]);
    }
  }
  write(fold.demand, history.demand);
  write(fold.eventRate, history.eventRate);
  fold.notable.load(history.notable);
  fold.gaps.load(history.gaps);
  for (const [runId, channel] of history.runChannels) fold.runChannels.note(runId, channel);
}

const POOL_SERIES = ['inUse', 'waiting', 'capacity', 'errors', 'calls', 'failedCalls'] as const;

function knownPool(fold: Fold, name: string): PoolState {
  const known = fold.pools.get(name) ?? new PoolState(name, NOTHING_KNOWN);
  fold.pools.set(name, known);
  return known;
}

function knownChannel(fold: Fold, name: string): ChannelState {
  const known = fold.channels.get(name) ?? new ChannelState(name);
  fold.channels.set(name, known);
  return known;
}

function write(ring: SecondRing, runs: readonly SeriesRun[]): void {
  for (const [second, seconds, value] of runs) {
    const end = second + Math.min(seconds, KEPT_SECONDS);
    for (let s = second; s < end; s += 1) ring.write(s, value);
  }
}

const NOTHING_KNOWN = {
  maxSize: 0,
  minIdle: 0,
  maxWaiters: 0,
  acquireTimeoutMs: 0,
  idleTimeoutMs: 0,
  maxLifetimeMs: 0,
};
