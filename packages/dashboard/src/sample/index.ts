// A sample to look at before there is an engine. Loaded when it is asked for, never with the first view.

import type { DashboardSource } from '../sources/source.ts';
import { Fold } from '../state/fold.ts';
import { historyOf } from '../state/record.ts';
import { SimulatedEngine } from './simulated-engine.ts';
import { STORY_MS, supportDesk } from './story.ts';

/** What the sample uses of the world: time. */
export interface SampleClock {
  timestamp(): number;
  after(delayMs: number, fn: () => void): () => void;
}

const STEP_MS = 100;
/** How much of the story is told before one begins to look. */
const TOLD_MS = STORY_MS - 40_000;

/** Plays a made-up engine: most of its story is over, the rest happens while one looks. */
export function sampleSource(clock: SampleClock): DashboardSource {
  return {
    subscribe(next) {
      const startAt = clock.timestamp() - TOLD_MS;
      const engine = new SimulatedEngine({
        story: supportDesk(startAt),
        random: seeded(7),
        startAt,
      });
      const fold = new Fold();
      fold.reset(engine.snapshot());
      const folding = engine.events$.subscribe((event) => fold.add(event));
      engine.advance(TOLD_MS);
      folding.unsubscribe();
      next({ type: 'snapshot', snapshot: engine.snapshot(), history: historyOf(fold) });
      next({ type: 'status', status: { status: 'live' } });
      const live = engine.events$.subscribe((event) => next({ type: 'events', events: [event] }));
      let cancel = (): void => undefined;
      const step = (): void => {
        engine.advance(clock.timestamp() - engine.snapshot().at);
        cancel = clock.after(STEP_MS, step);
      };
      step();
      return {
        unsubscribe() {
          live.unsubscribe();
          cancel();
        },
      };
    },
  };
}

/** Chance that repeats (mulberry32): the sample is the same for everybody. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
