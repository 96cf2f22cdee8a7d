import { applyEvent, type EngineSnapshot, type SluiceEvent } from '@sluice/core/events';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Fold } from '../../../packages/dashboard/src/state/fold.ts';
import type { FoldedHistory } from '../../../packages/dashboard/src/state/history.ts';
import { historyOf } from '../../../packages/dashboard/src/state/record.ts';
import { seeded } from '../../../packages/dashboard/src/sample/index.ts';
import { SimulatedEngine } from '../../../packages/dashboard/src/sample/simulated-engine.ts';
import { supportDesk } from '../../../packages/dashboard/src/sample/story.ts';
import { toldStory } from '../../support/dashboard-engine.ts';
import { aLife, anEmptyEngine, anOpening, LIFE_STARTS_AT } from '../../support/engine-life.ts';
import { runs } from '../../support/tier.ts';

it('agrees with the snapshot at every moment of a random life, wherever one begins to look', () => {
  fc.assert(
    fc.property(fc.integer(), fc.nat(400_000), fc.nat(60_000), (seed, beforeMs, afterMs) => {
      const engine = new SimulatedEngine({
        story: supportDesk(LIFE_STARTS_AT),
        random: seeded(seed),
        startAt: LIFE_STARTS_AT,
      });
      engine.advance(beforeMs);
      const fold = new Fold();
      fold.reset(engine.snapshot());
      engine.events$.subscribe((event) => fold.add(event));

      engine.advance(afterMs);

      expect(knownTo(fold)).toEqual(toldBy(engine.snapshot()));
    }),
    { numRuns: runs(20, 200) },
  );
});

it('agrees with the snapshot when waiters move, leases are lost and pools close', () => {
  const life = aLife([
    anOpening('a', 2),
    anOpening('b', 1),
    { type: 'client.creating', pool: 'a', slot: 1 },
    { type: 'client.created', pool: 'a', slot: 1 },
    { type: 'lease.acquired', pool: 'a', lease: 1, slot: 1, waitMs: 3, label: 'r1' },
    wait('a', 1, 1),
    wait('a', 2, 2),
    wait('a', 3, 1),
    { ...wait('b', 1, 1), waiting: 1 },
    { type: 'lease.refused', pool: 'a', waiter: 3, reason: 'timeout', waitMs: 9 },
    { type: 'lease.leakSuspected', pool: 'a', lease: 1, slot: 1, heldMs: 400 },
    { type: 'lease.destroyed', pool: 'a', lease: 1, slot: 1, heldMs: 500 },
    { type: 'client.destroying', pool: 'a', slot: 1, reason: 'broken' },
    { type: 'client.destroyed', pool: 'a', slot: 1 },
    { type: 'client.creating', pool: 'a', slot: 2 },
    { type: 'client.createFailed', pool: 'a', slot: 2, error: anError() },
    { type: 'pool.draining', pool: 'b', maxSize: 1, minIdle: 0 },
    { type: 'target.circuit', target: 'a/m', pool: 'a', state: 'open', failures: 3, calls: 5 },
    { type: 'pool.resized', pool: 'a', maxSize: 7, minIdle: 1 },
  ]);

  const fold = foldOf(anEmptyEngine(), life);

  expect(knownTo(fold)).toEqual(toldBy(life.reduce(applyEvent, anEmptyEngine())));
});

it('ignores what it contains already and what belongs to another epoch', () => {
  const [opening] = aLife([anOpening('a')]);
  const fold = foldOf(anEmptyEngine(), [opening as SluiceEvent]);

  fold.add({ ...(opening as SluiceEvent), epoch: 'e2', seq: 2 });
  fold.add(opening as SluiceEvent);

  expect(fold.folded).toBe(1);
});

it('keeps counting exactly while it lists only some of the everyday events', () => {
  const drafts = Array.from({ length: 500 }, (_, lease) => [
    { type: 'lease.acquired', pool: 'a', lease, slot: 1, waitMs: 1 } as const,
    { type: 'lease.released', pool: 'a', lease, slot: 1, heldMs: 2 } as const,
  ]).flat();
  const life = aLife([anOpening('a'), ...drafts], 1);

  const fold = foldOf(anEmptyEngine(), life);

  const second = Math.floor(LIFE_STARTS_AT / 1000);
  expect(fold.eventRate.sum(second - 1, second + 2)).toBe(1_001);
  expect(fold.notable.toArray().length).toBeLessThan(20);
});

it('hands over what it recorded as JSON, and another fold goes on from it', () => {
  const { engine, history } = toldStory(LIFE_STARTS_AT + 1_200_000);
  const fold = new Fold();

  fold.reset(engine.snapshot(), JSON.parse(JSON.stringify(history)) as FoldedHistory);

  expect(historyOf(fold)).toEqual(history);
});

it('leaves a hole in its series where it could not see', () => {
  const second = Math.floor(LIFE_STARTS_AT / 1000);
  const fold = foldOf(anEmptyEngine(), aLife([anOpening('a')]));
  fold.tick(LIFE_STARTS_AT + 3_000);

  fold.reset({ ...anEmptyEngine({ epoch: 'e2', at: LIFE_STARTS_AT + 10_000 }) });
  fold.tick(LIFE_STARTS_AT + 12_000);

  expect(fold.demand.read(second + 1)).toBe(0);
  expect(fold.demand.read(second + 6)).toBeNaN();
  expect(fold.demand.read(second + 10)).toBe(0);
});

it('forgets what it recorded when another process answers', () => {
  const fold = foldOf(anEmptyEngine(), aLife([anOpening('a')]));

  fold.reset(anEmptyEngine({ epoch: 'e2', startedAt: LIFE_STARTS_AT + 60_000 }));

  expect(fold.pools.size).toBe(0);
  expect(fold.notable.toArray()).toEqual([]);
});

function foldOf(snapshot: EngineSnapshot, life: readonly SluiceEvent[]): Fold {
  const fold = new Fold();
  fold.reset(snapshot);
  for (const event of life) fold.add(event);
  return fold;
}

function wait(pool: string, waiter: number, position: number) {
  const waiting = waiter;
  return { type: 'lease.waiting', pool, waiter, position, waiting, priority: 0 } as const;
}

function anError() {
  return { name: 'Error', code: 'X', message: 'no' };
}

/** What a fold knows, in the words of a snapshot. */
function knownTo(fold: Fold) {
  return {
    pools: [...fold.pools.values()].map(({ name, status, options, slots, line }) => ({
      name,
      status,
      maxSize: options.maxSize,
      inUse: slots.count('inUse'),
      idle: slots.count('idle'),
      creating: slots.count('creating'),
      destroying: slots.count('destroying'),
      waiting: line.length,
      waiters: line.listed.map(({ waiter, since }) => [waiter, since]),
      slots: Array.from({ length: slots.length }, (_, slot) => slot)
        .filter((slot) => slots.status(slot) !== 'none')
        .map((slot) => [slot, slots.status(slot), slots.since(slot), slots.label(slot)]),
    })),
    targets: [...fold.targets.values()].map(({ target, circuit, limits }) => ({
      target,
      circuit: circuit.state,
      requests: limits?.requests?.remaining,
    })),
    channels: [...fold.channels.values()].map((channel) => ({
      channel: channel.name,
      state: channel.status,
      since: channel.since,
      generation: channel.generation,
      running: channel.running,
    })),
  };
}

function toldBy(snapshot: EngineSnapshot) {
  return {
    pools: snapshot.pools.map(({ name, status, options, stats, slots, waiters }) => ({
      name,
      status,
      maxSize: options.maxSize,
      inUse: stats.inUse,
      idle: stats.idle,
      creating: stats.creating,
      destroying: stats.destroying,
      waiting: stats.waiting,
      waiters: waiters.map(({ waiter, since }) => [waiter, since]),
      slots: slots.map(({ slot, status, since, lease }) => [slot, status, since, lease?.label]),
    })),
    targets: snapshot.targets.map(({ target, circuit, limits }) => ({
      target,
      circuit: circuit.state,
      requests: limits?.requests?.remaining,
    })),
    channels: snapshot.channels.map(({ channel, state, since, generation, running }) => ({
      channel,
      state,
      since,
      generation,
      running,
    })),
  };
}
