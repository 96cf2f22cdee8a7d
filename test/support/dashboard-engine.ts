import { Fold } from '../../packages/dashboard/src/state/fold.ts';
import type { FoldedHistory } from '../../packages/dashboard/src/state/history.ts';
import { historyOf } from '../../packages/dashboard/src/state/record.ts';
import { seeded } from '../../packages/dashboard/src/sample/index.ts';
import { SimulatedEngine } from '../../packages/dashboard/src/sample/simulated-engine.ts';
import { STORY_MS, supportDesk } from '../../packages/dashboard/src/sample/story.ts';

/** A simulated engine whose story has been told up to some moment, with what was recorded meanwhile. */
export interface ToldStory {
  readonly engine: SimulatedEngine;
  readonly history: FoldedHistory;
}

/** The moment at which pictures are taken: 14:03:22.4 in UTC. */
export const SHOT_AT: number = Date.UTC(2026, 10, 21, 14, 3, 22, 400);

/**
 * Tells the story of a support desk so that its last moment is `endAt` (epoch milliseconds): one provider full with a
 * line before it, one tripped, a channel that restarts, one that was restarted by hand, one that failed. The last
 * `leftMs` are left to be told.
 */
export function toldStory(endAt: number, leftMs = 0, seed = 7): ToldStory {
  const startAt = endAt - STORY_MS;
  const engine = new SimulatedEngine({
    story: supportDesk(startAt),
    random: seeded(seed),
    startAt,
  });
  const fold = new Fold();
  fold.reset(engine.snapshot());
  engine.events$.subscribe((event) => fold.add(event));
  engine.advance(STORY_MS - leftMs);
  return { engine, history: historyOf(fold) };
}
