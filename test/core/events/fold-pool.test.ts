import type {
  EngineSnapshot,
  PoolSnapshot,
  SluiceEvent,
  SluiceEventDraft,
} from '@sluice/core/events';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyEvent } from '../../../packages/core/src/events/fold.ts';
import { PoolModel } from '../../support/pool-model.ts';
import { aPoolSnapshot, aSnapshot, noStats, stamped } from '../../support/snapshot.ts';
import { runs } from '../../support/tier.ts';

const life = { pool: 'p', maxSize: 10, minIdle: 1 } as const;

describe('a pool in a snapshot', () => {
  it('is opened with its options, and replaced when it is opened again', () => {
    const { options } = aPoolSnapshot();
    const opened = {
      type: 'pool.opened',
      ...life,
      options,
      group: 'g',
      provider: 'openai',
    } as const;

    const { pools } = fold([opened, { type: 'pool.draining', ...life }, opened], aSnapshot());

    expect(pools).toEqual([
      aPoolSnapshot({ group: 'g', provider: 'openai', options: { ...options, minIdle: 1 } }),
    ]);
  });

  it.each([
    ['pool.suspended', 'suspended'],
    ['pool.resumed', 'open'],
    ['pool.draining', 'draining'],
    ['pool.resized', 'open'],
  ] as const)('is after %s %s', (type, status) => {
    const pool = foldPool([{ type, pool: 'p', maxSize: 4, minIdle: 2 }]);

    expect(pool).toMatchObject({
      status,
      stats: { maxSize: 4 },
      options: { maxSize: 4, minIdle: 2, maxWaiters: 1_000 },
    });
  });

  it('stays listed when it is closed, and leaves when it is removed', () => {
    const closed = { type: 'pool.closed', ...life, destroyed: 0, abandoned: 1 } as const;

    expect(foldPool([closed])?.status).toBe('closed');
    expect(foldPool([closed, { type: 'pool.removed', pool: 'p' }])).toBeUndefined();
  });

  it('marks a lease that is suspected of a leak, until it is cleared', () => {
    const suspected = { type: 'lease.leakSuspected', ...held, stack: 'at f' } as const;
    const lease = { id: 1, slot: 1, since: 3 };

    expect(foldPool([...acquired, suspected])?.slots[0]?.lease).toEqual({
      ...lease,
      suspectedAt: 4,
      stack: 'at f',
    });
    expect(
      foldPool([...acquired, suspected, { type: 'lease.leakCleared', ...held }])?.slots[0]?.lease,
    ).toEqual({ ...lease, stack: 'at f' });
  });

  it('counts a lost lease, whose slot stays in use', () => {
    const pool = foldPool([...acquired, { type: 'lease.lost', ...held }]);

    expect(pool?.stats).toMatchObject({ totalLeaked: 1, inUse: 1 });
  });

  it('changes nothing for slots and pools that it does not know', () => {
    const strange = stamped([
      { type: 'client.created', pool: 'p', slot: 77 },
      { type: 'client.creating', pool: 'unknown', slot: 1 },
      { type: 'lease.waiting', pool: 'unknown', waiter: 1, position: 1, waiting: 1, priority: 0 },
    ]);

    const after = strange.slice(1).reduce(applyEvent, withPool());

    expect(after.pools).toEqual([aPoolSnapshot()]);
    expect(applyEvent(withPool(), strange[0] as SluiceEvent).pools[0]?.slots).toEqual([]);
  });
});

describe('the line of a pool in a snapshot', () => {
  it('puts a waiter where it was told to stand', () => {
    const pool = foldPool([waiting(1, 1), waiting(2, 2), waiting(3, 1)]);

    expect(pool?.waiters.map(({ waiter }) => waiter)).toEqual([3, 1, 2]);
    expect(pool?.stats.waiting).toBe(3);
  });

  it('moves a waiter to another pool, and keeps the time since which it waits', () => {
    const moved = { ...waiting(1, 1), pool: 'q', waiting: 1 } as const;

    const { pools } = fold(
      [waiting(1, 1), waiting(2, 2), moved],
      aSnapshot({ pools: [aPoolSnapshot(), aPoolSnapshot({ name: 'q' })] }),
    );

    expect(pools.map(({ waiters }) => waiters)).toEqual([
      [{ waiter: 2, since: 2, priority: 0 }],
      [{ waiter: 1, since: 1, priority: 0 }],
    ]);
    expect(pools.map(({ stats }) => stats.waiting)).toEqual([1, 1]);
  });

  it('lets a waiter leave where it stands, also when another pool served it', () => {
    const { pools } = fold(
      [
        waiting(1, 1),
        { type: 'client.creating', pool: 'q', slot: 1 },
        { type: 'lease.acquired', pool: 'q', lease: 1, slot: 1, waiter: 1, waitMs: 2 },
      ],
      aSnapshot({ pools: [aPoolSnapshot(), aPoolSnapshot({ name: 'q' })] }),
    );

    expect(pools.map(({ stats }) => [stats.waiting, stats.totalAcquired])).toEqual([
      [0, 0],
      [0, 1],
    ]);
  });

  it.each([
    ['timeout', 'totalTimedOut'],
    ['aborted', 'totalAborted'],
    ['queueFull', 'totalRefused'],
    ['closed', 'totalRefused'],
  ] as const)('counts a refusal by %s as %s', (reason, total) => {
    const refused = { type: 'lease.refused', pool: 'p', waiter: 1, reason, waitMs: 1 } as const;

    const pool = foldPool([waiting(1, 1), refused]);

    expect(pool?.stats).toEqual({ ...noStats, [total]: 1 });
    expect(pool?.waiters).toEqual([]);
  });

  it('counts a refusal of a caller that never waited', () => {
    const pool = foldPool([
      waiting(1, 1),
      { type: 'lease.refused', pool: 'p', reason: 'queueFull', waitMs: 0 },
    ]);

    expect(pool?.stats).toMatchObject({ waiting: 1, totalRefused: 1 });
  });

  it('lists a thousand waiters and counts the rest', () => {
    const many = Array.from({ length: 1_200 }, (_, i) => waiting(i + 1, i + 1));
    const left = [1, 2, 1_150].map(
      (waiter) =>
        ({ type: 'lease.refused', pool: 'p', waiter, reason: 'timeout', waitMs: 1 }) as const,
    );

    const full = foldPool(many);
    const after = foldPool([...many, ...left, { ...waiting(1_201, 1_198), waiting: 1_198 }]);

    expect([full?.waiters.length, full?.waitersCut, full?.stats.waiting]).toEqual([
      1_000, 200, 1_200,
    ]);
    expect([after?.waiters.length, after?.waitersCut, after?.stats.waiting]).toEqual([
      998, 200, 1_198,
    ]);
    expect(after?.waiters.at(-1)?.waiter).toBe(1_000);
  });
});

it('gives at every step what the pool itself would show', () => {
  const moves = fc.array(fc.record({ move: fc.nat(15), pick: fc.nat(), ms: fc.nat(5) }), {
    maxLength: 120,
    size: 'max',
  });

  fc.assert(
    fc.property(moves, fc.nat(), (script, from) => {
      const model = new PoolModel('p');
      const events: SluiceEvent[] = [];
      const snapshots: PoolSnapshot[] = [model.snapshot()];
      for (const { move, pick, ms } of script) {
        model.nowMs += ms;
        for (const draft of model.play(move, pick)) {
          events.push({ ...draft, epoch: 'e1', seq: events.length + 1, at: model.nowMs });
          snapshots.push(model.snapshot()); // the model yields after each change, as an emitter would
        }
      }
      const start = from % snapshots.length;

      let folded = aSnapshot({ seq: start, pools: snapshots.slice(start, start + 1) });
      for (const event of events) {
        folded = applyEvent(folded, event);
        if (event.seq <= start) continue;
        expect(folded.pools[0]).toEqual(snapshots[event.seq]);
        model.checkInvariants(folded.pools[0] as PoolSnapshot);
      }
    }),
    { numRuns: runs(1_000, 10_000) },
  );
}, 60_000);

const held = { pool: 'p', lease: 1, slot: 1, heldMs: 5 } as const;

const acquired: readonly SluiceEventDraft[] = [
  { type: 'client.creating', pool: 'p', slot: 1 },
  { type: 'client.created', pool: 'p', slot: 1 },
  { type: 'lease.acquired', pool: 'p', lease: 1, slot: 1, waitMs: 0 },
];

function waiting(waiter: number, position: number): SluiceEventDraft & { type: 'lease.waiting' } {
  return { type: 'lease.waiting', pool: 'p', waiter, position, waiting: waiter, priority: 0 };
}

function withPool(): EngineSnapshot {
  return aSnapshot({ pools: [aPoolSnapshot()] });
}

function foldPool(drafts: readonly SluiceEventDraft[]): PoolSnapshot | undefined {
  return fold(drafts, withPool()).pools[0];
}

function fold(drafts: readonly SluiceEventDraft[], from: EngineSnapshot): EngineSnapshot {
  return stamped(drafts).reduce(applyEvent, from);
}
