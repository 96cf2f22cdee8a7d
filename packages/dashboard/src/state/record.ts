import type { Fold } from './fold.ts';
import type { FoldedHistory, SeriesRun } from './history.ts';
import { KEPT_SECONDS, type SecondRing } from './time-rings.ts';

/** Writes down what a fold recorded, to hand it to one that comes later. */
export function historyOf(fold: Fold): FoldedHistory {
  const to = Math.floor(fold.at / 1000);
  const runs = (ring: SecondRing): readonly SeriesRun[] => runsOf(ring, to);
  return {
    beganAt: fold.beganAt,
    pools: [...fold.pools.values()].map(({ name, series }) => ({
      pool: name,
      inUse: runs(series.inUse),
      waiting: runs(series.waiting),
      capacity: runs(series.capacity),
      errors: runs(series.errors),
      calls: runs(series.calls),
      failedCalls: runs(series.failedCalls),
      waited: series.waited.toSlices(),
      held: series.held.toSlices(),
    })),
    channels: [...fold.channels.values()].map(({ name, series }) => ({
      channel: name,
      segments: series.ribbon.segments,
      marks: series.ribbon.marks,
      received: runs(series.received),
      replied: runs(series.replied),
      errors: runs(series.errors),
      deadLetters: runs(series.deadLetters),
    })),
    demand: runs(fold.demand),
    eventRate: runs(fold.eventRate),
    notable: fold.notable.toArray(),
    gaps: fold.gaps.all,
    runChannels: fold.runChannels.toArray(),
  };
}

function runsOf(ring: SecondRing, to: number): readonly SeriesRun[] {
  const runs: [number, number, number][] = [];
  for (let second = to - KEPT_SECONDS + 1; second <= to; second += 1) {
    const value = ring.read(second);
    const last = runs.at(-1);
    if (Number.isNaN(value)) continue;
    if (last !== undefined && last[2] === value && last[0] + last[1] === second) last[1] += 1;
    else runs.push([second, 1, value]);
  }
  return runs;
}
