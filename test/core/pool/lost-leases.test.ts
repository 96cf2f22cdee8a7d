import { describe, expect, it } from 'vitest';
import { aPool } from '../../support/pool.ts';
import { collectUntil } from '../../support/pool-garbage.ts';

describe('leases that nobody gives back', () => {
  it('are reported when the garbage collector takes them, and their places are kept', async () => {
    const { pool, witness } = aPool({ maxSize: 2, leakThresholdMs: 60_000 });
    await (async () => void (await pool.acquire({ label: 'lost' })))();

    await collectUntil(() => pool.stats().totalLeaked > 0);

    expect(witness?.types).toContain('lease.lost');
    expect(pool.stats()).toMatchObject({ inUse: 1, totalLeaked: 1 });
    expect(pool.leases()).toMatchObject([{ label: 'lost' }]);
    witness?.check();
  });

  it('give their places back only by option', async () => {
    const { pool, ledger } = aPool({ maxSize: 1, reclaimLost: true });
    await (async () => void (await pool.acquire()))();
    const waiting = pool.acquire();

    await collectUntil(() => ledger.destroyed.length > 0);

    expect((await waiting).resource.id).toBe(2);
    expect(ledger.destroyed).toEqual([1]);
    expect(pool.stats()).toMatchObject({ totalLeaked: 1, inUse: 1 });
  });

  it('are not those that were given back', async () => {
    const { pool } = aPool({ maxSize: 1, reclaimLost: true });
    await (async () => (await pool.acquire()).release())();
    const held = await pool.acquire();

    await collectUntil(() => pool.stats().totalLeaked > 0);

    expect(held.isEnded).toBe(false);
    expect(pool.stats()).toMatchObject({ totalLeaked: 0, inUse: 1 });
  });
});
