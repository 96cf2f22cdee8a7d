import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawHistory, drawTwins } from '../support/pool-history.ts';
import { simulatePool } from '../support/pool-simulation.ts';
import { soakPool } from '../support/pool-soak.ts';
import { runs } from '../support/tier.ts';

describe('a pool, whatever happens to it', () => {
  it('keeps its laws through random histories', { timeout: 600_000 }, async () => {
    let granted = 0;
    let refused = 0;
    const property = fc.asyncProperty(
      fc.integer({ min: 0, max: 2 ** 31 }),
      fc.integer({ min: 1, max: 80 }),
      async (seed, length) => {
        const result = await simulatePool(drawHistory(seed, length));
        granted += result.granted;
        refused += result.refused;
      },
    );

    await fc.assert(property, { numRuns: runs(1_000, 10_000) });

    expect(granted).toBeGreaterThan(1_000); // the histories are lives, not only ends
    expect(refused).toBeGreaterThan(1_000);
  });

  it('does the same whether anybody observes it or not', { timeout: 600_000 }, async () => {
    const property = fc.asyncProperty(fc.integer({ min: 0, max: 2 ** 31 }), async (seed) => {
      const [alone, watched] = drawTwins(seed, 60);

      expect(await simulatePool(alone)).toEqual(await simulatePool(watched));
    });

    await fc.assert(property, { numRuns: runs(300, 3_000) });
  });

  it('loses nothing and lends nothing twice in long use', { timeout: 600_000 }, async () => {
    const checkouts = runs(20_000, 100_000);

    const result = await soakPool({ checkouts, seed: 1 });

    expect(result.asked).toBeGreaterThanOrEqual(checkouts);
    expect(result.granted).toBeGreaterThan(checkouts / 2);
    expect(result.refused).toBeGreaterThan(checkouts / 50);
    expect(result.cutOff).toBeGreaterThan(0); // it was closed while callers waited
    expect(result.thrown).toBeGreaterThan(0);
  });
});
