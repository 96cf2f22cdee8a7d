import { afterEach, beforeEach, expect, it } from 'vitest';
import type { SimulatedEngine } from '../../../packages/dashboard/src/sample/simulated-engine.ts';
import { localSource } from '../../../packages/dashboard/src/sources/local.ts';
import { DashboardView } from '../../../packages/dashboard/src/view/dashboard-view.svelte.ts';
import type { ChannelRow } from '../../../packages/dashboard/src/view/channel-row.svelte.ts';
import { LatestEvents } from '../../../packages/dashboard/src/view/latest-events.svelte.ts';
import { anEngineOfChannels, isGivenUp, isSwapped, moves } from '../../support/channel-life.ts';
import { LIFE_STARTS_AT } from '../../support/engine-life.ts';
import { TestHost } from '../../support/test-host.ts';

let host: TestHost;
let engine: SimulatedEngine;
let view: DashboardView;

beforeEach(async () => {
  host = new TestHost(LIFE_STARTS_AT);
  engine = anEngineOfChannels(['web'], LIFE_STARTS_AT);
  view = new DashboardView(host);
  view.open(localSource(engine));
  await live(2_000);
});
afterEach(() => view.close());

it.each([
  ['connecting', 'Dialing', 'press'],
  ['running', 'Connected', 'plain'],
  ['backoff', 'Backing off', 'press'],
  ['paused', '‖ Paused', 'plain'],
  ['standby', 'Standing by', 'plain'],
  ['handover', 'Handover', 'plain'],
  ['draining', 'Draining', 'plain'],
  ['failed', '✕ Failed', 'alarm'],
  ['idle', 'Stopped', 'plain'],
  ['stopped', 'Stopped', 'plain'],
] as const)('says in words that a channel is %s', async (state, word, tone) => {
  engine.tell(moves('web', ['running', state]));

  await live(2_000);

  expect(row()).toMatchObject({ state: word, tone });
  expect(row().label).toContain(`web: ${word.replace(/^\S /, '')} for `);
});

it('marks a swap as what it is: done by a person, and no restart', async () => {
  engine.tell(moves('web', ['running', 'handover'], { cause: 'swap', by: 'hand' }));
  await live(500);
  engine.tell(isSwapped('web', 2));
  engine.tell(moves('web', ['handover', 'running']));

  await live(2_000);

  expect(row().restarts).toBe('—');
  expect(row().marks).toMatchObject([{ look: 'hand' }]);
  expect(row().marks[0]?.text).toMatch(/^Swapped [\d:]+, generation 2, by hand$/);
  expect(linesOf()).toEqual([
    'Connected, the connection is open',
    'swapped, generation 2',
    'Handover, by hand',
  ]);
});

it('tells that a swap did not work, and that the channel goes on as it was', async () => {
  const error = { name: 'Error', code: 'X', message: 'no route to the host' };
  const how = { generation: 1, cause: 'rolled-back', by: 'supervisor', redelivered: 0 } as const;
  engine.tell({ type: 'channel.swapped', channel: 'web', error, ...how });

  await live(2_000);

  expect(row().marks[0]?.text).toMatch(/^Swap rolled back [\d:]+, generation 1 goes on$/);
  expect(linesOf()).toEqual(['swap rolled back: no route to the host']);
});

it('counts the messages that were given up, in the row and in its sentence', async () => {
  engine.tell(isGivenUp('web', 'm1'));
  await live(1_000);
  engine.tell(isGivenUp('web', 'm2'));

  await live(2_000);

  expect(row().deadLetters).toBe('✕ 2');
  expect(row().label).toContain(', 2 messages given up');
  expect(view.figures.errors).toBe('2');
  expect(linesOf()).toEqual([
    'a message was given up: its handler failed',
    'a message was given up: its handler failed',
  ]);
});

async function live(ms: number): Promise<void> {
  for (let elapsed = 0; elapsed < ms; elapsed += 100) {
    engine.advance(100);
    await host.clock.advance(100);
  }
}

function row(): ChannelRow {
  const [first] = view.channels;
  if (first === undefined) throw new Error('There is no row');
  return first;
}

function linesOf(): readonly string[] {
  const latest = new LatestEvents(view);
  latest.sampleSlow();
  return latest.lines.map(({ text }) => text);
}
