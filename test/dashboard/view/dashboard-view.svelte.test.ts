import { flushSync } from 'svelte';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { localSource } from '../../../packages/dashboard/src/sources/local.ts';
import type { SimulatedEngine } from '../../../packages/dashboard/src/sample/simulated-engine.ts';
import { DashboardView } from '../../../packages/dashboard/src/view/dashboard-view.svelte.ts';
import { LatestEvents } from '../../../packages/dashboard/src/view/latest-events.svelte.ts';
import { openDrawer } from '../../../packages/dashboard/src/view/drawer.svelte.ts';
import { SHOT_AT, toldStory } from '../../support/dashboard-engine.ts';
import { TestHost } from '../../support/test-host.ts';

let host: TestHost;
let engine: SimulatedEngine;
let view: DashboardView;

beforeEach(async () => {
  host = new TestHost(SHOT_AT);
  const told = toldStory(SHOT_AT);
  engine = told.engine;
  view = new DashboardView(host);
  view.open(
    localSource({
      snapshot: () => engine.snapshot(),
      events$: engine.events$,
      history: () => told.history,
    }),
  );
  await live(100);
});

afterEach(() => view.close());

it('opens on a stuck engine with the whole story', () => {
  expect(view.findings[0]?.headline).toBe('anthropic is full and 7 callers are waiting');
  expect(view.findings[0]?.cause).toContain('by webhook-crm, which has failed');
  expect(view.pools.map(({ name }) => name)).toEqual(['anthropic', 'openai', 'ollama', 'azure-eu']);
  expect(view.pools[0]).toMatchObject({ waiting: '7', inUse: '10', note: '▲ Full' });
  expect(view.pools[3]).toMatchObject({ gate: 'tripped', note: '✕ Tripped' });
  expect(view.channels[1]).toMatchObject({ state: 'Connected', restarts: '3 restarts' });
  expect(view.channels[4]).toMatchObject({ state: '✕ Failed', tone: 'alarm' });
});

it('keeps the rows it has, so that nothing moves under the pointer', async () => {
  const before = [...view.pools];

  await live(3_000);

  expect(view.pools).toEqual(before);
});

it('holds still while it is paused, counts what it misses, and goes back to now', async () => {
  view.pause();
  await live(500);
  const paused = view.pools[1]!.inUse;
  const { clock } = view.header;

  await live(20_000);

  expect(view.header.clock).toBe(clock);
  expect(view.header.detail).toMatch(/Paused, \d+ events behind/);
  expect(view.header.ago).not.toBe('');
  expect(view.pools[1]!.inUse).toBe(paused);
  view.backToLive();
  await live(500);
  expect(view.header.ago).toBe('');
});

it('never mixes two times: looking back shows clients, line and verdict of that moment', async () => {
  await live(10_000);
  const then = view.feed.fold.at;
  engine.tell({ type: 'pool.resized', pool: 'openai', maxSize: 40, minIdle: 2 });
  await live(10_000);
  expect(view.pools[1]!.capacity).toBe('of 40 in use');

  view.lookAt(then);
  await live(300);

  expect(view.pools[1]!.capacity).toBe('of 12 in use');
  expect(view.frame.at).toBeLessThanOrEqual(then);
});

it('opens a pool: who holds its clients, the longest first, and who is next in line', async () => {
  view.openDrawer({ kind: 'pool', name: 'anthropic' });
  const drawer = openDrawer(view);
  const end = view.addSampled(drawer!);

  await live(1_500);

  end();
  expect(drawer).toMatchObject({ kind: 'pool', gateTitle: 'Gate is passing' });
  const { lanes, waiters } = drawer as Extract<typeof drawer, { kind: 'pool' }>;
  expect(lanes[0]).toMatchObject({ kind: 'leak', channel: 'webhook-crm' });
  expect(lanes.map(({ share }) => share)).toEqual(
    lanes.map(({ share }) => share).toSorted((a, b) => b - a),
  );
  expect(waiters).toHaveLength(3);
});

it('says of a passing gate how many calls failed', async () => {
  const call = { runId: 'r', call: 1, attempt: 1, target: 'ollama/x', pool: 'ollama', lease: 1 };
  const failed = { ...call, durationMs: 5, status: 503, partial: false };
  view.openDrawer({ kind: 'pool', name: 'ollama' });
  const drawer = openDrawer(view) as Extract<ReturnType<typeof openDrawer>, { kind: 'pool' }>;
  const end = view.addSampled(drawer);
  await live(500);
  const [, before] = /^Circuit closed\. 0 of (\d+) calls failed in 5.min\.$/.exec(drawer.gateText)!;

  engine.tell({ type: 'attempt.failed', kind: 'overloaded', ...failed });
  engine.tell({ type: 'attempt.failed', kind: 'aborted', ...failed });
  await live(500);

  end();
  const calls = Number(before) + 1;
  expect(drawer.gateText).toMatch(new RegExp(`^Circuit closed\\. 1 of ${calls} calls failed`));
});

it('lists the latest events, and holds them still while somebody reads', async () => {
  const latest = new LatestEvents(view);
  const end = view.addSampled(latest);
  await live(1_500);
  const read = latest.lines;
  expect(read.length).toBe(12);

  latest.isRead = true;
  await live(5_000);

  expect(latest.lines).toBe(read);
  end();
});

it('remembers what the reader chose, and nothing else', () => {
  view.setTheme('dark');
  view.setWindow(60_000);

  const another = new DashboardView(host);

  expect([another.theme, another.windowMs]).toEqual(['dark', 60_000]);
  expect(host.preferences).toBe('{"theme":"dark","windowMs":60000,"drawerPx":384}');
});

it('lets go of its source and its timers when it is closed', async () => {
  view.close();

  engine.advance(1_000);
  await host.clock.advance(5_000);

  expect(host.clock.pending).toBe(0);
});

/** Lets the engine and the page live on together. */
async function live(durationMs: number): Promise<void> {
  for (let left = durationMs; left > 0; left -= 100) {
    engine.advance(100);
    await host.clock.advance(100);
    flushSync();
  }
}
