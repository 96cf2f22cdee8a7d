import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../support/tier.ts';
import { EngineHistory, step } from './engine-history.ts';

describe('an engine with any history', () => {
  it('is at every moment what the events before it say, and leaves nothing behind', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.array(step, { maxLength: 40 }), async (seed, steps) => {
        const history = new EngineHistory(seed);
        void history.engine.start().catch(() => undefined); // a channel may be stopped before it runs
        await history.clock.settle();

        for (const one of steps) await history.run(one);
        await history.stop();

        expect(history.differences[0]?.fold).toEqual(history.differences[0]?.snapshot);
        expect(history.differences).toEqual([]);
        expect(history.clock.pending).toBe(0);
        expect(history.engine.snapshot().runs).toEqual([]);
      }),
      { numRuns: runs(300, 10_000) },
    );
  }, 300_000);
});
