import { VirtualClock } from '@sluice/core/testing';
import type { SluiceEvent } from '@sluice/core/events';
import { afterEach, expect, it } from 'vitest';
import { Broadcast } from '../../../packages/dashboard/src/server/broadcast.ts';
import { type Frame, PatientReader } from './a-stream.ts';
import { WatchedTestEngine } from './a-watched-engine.ts';

const opened: Broadcast[] = [];
afterEach(() => opened.splice(0).forEach((broadcast) => broadcast.close()));

it('sends the whole picture first, then the events of 50 ms in one frame with the last one’s place', async () => {
  const { engine, clock, open } = aBroadcast();
  engine.tell(3);
  const reader = open();

  const opening = await reader.frames(() => clock.settle());
  engine.tell(2);
  await clock.advance(49);
  const early = await reader.frames(() => clock.settle());
  await clock.advance(1);
  const late = await reader.frames(() => clock.settle());

  expect(opening).toMatchObject([{ type: 'snapshot', id: 'e1.3', data: { snapshot: { seq: 3 } } }]);
  expect(early).toEqual([]);
  expect(late).toMatchObject([{ type: 'events', id: 'e1.5', data: [{ seq: 4 }, { seq: 5 }] }]);
});

it('does not wait for the time of a frame when 400 events are together', async () => {
  const { engine, clock, open } = aBroadcast();
  const reader = open();
  await reader.frames(() => clock.settle());

  engine.tell(401);

  const frames = await reader.frames(() => clock.settle());
  expect(frames.map(({ id }) => id)).toEqual(['e1.400']);
});

it('goes on where a reader stood, without a hole and without a picture', async () => {
  const { engine, clock, open } = aBroadcast();
  engine.tell(1_000);

  const frames = await open('e1.100').frames(() => clock.settle());

  expect(frames.map(({ type }) => type)).toEqual(['events', 'events', 'events']);
  expect(seqsOf(frames)).toEqual(Array.from({ length: 900 }, (_, i) => 101 + i));
});

it('sends nothing at first to a reader who has seen all', async () => {
  const { engine, clock, open } = aBroadcast();
  engine.tell(5);
  const reader = open('e1.5');

  const opening = await reader.frames(() => clock.settle());
  engine.tell();
  await clock.advance(50);

  expect(opening).toEqual([]);
  expect(seqsOf(await reader.frames(() => clock.settle()))).toEqual([6]);
});

it.each(['e1.9', 'e2.3', '', "'; DROP TABLE events", 'e1.-1', 'e1.1e3', '__proto__.1', 'e1'])(
  'shows a gap and a whole picture to a reader who says it has seen %j',
  async (id) => {
    const { engine, clock, open } = aBroadcast();
    engine.tell(5);

    const frames = await open(id).frames(() => clock.settle());

    expect(frames.map(({ type }) => type)).toEqual(['gap', 'snapshot']);
  },
);

it('remembers 10,000 events and tells what it no longer remembers as a gap', async () => {
  const { engine, clock, open } = aBroadcast();
  engine.tell(30_000);

  const remembered = await open('e1.20000').frames(() => clock.settle());
  const forgotten = await open('e1.1').frames(() => clock.settle());

  expect(seqsOf(remembered)).toHaveLength(10_000);
  expect(forgotten.map(({ type }) => type)).toEqual(['gap', 'snapshot']);
});

it('tells events that were lost before it as a gap, and forgets what came before', async () => {
  const { engine, clock, open } = aBroadcast();
  engine.tell(5);
  const reader = open();
  await reader.frames(() => clock.settle());

  engine.lose(7);
  engine.tell();

  expect(await reader.frames(() => clock.settle())).toMatchObject([
    { type: 'gap', data: { lost: 7 } },
    { type: 'snapshot', data: { snapshot: { seq: 13 }, history: { gaps: [{ lost: 7 }] } } },
  ]);
  const late = await open('e1.4').frames(() => clock.settle());
  expect(late.map(({ type }) => type)).toEqual(['gap', 'snapshot']);
});

it('opens nothing, and keeps nothing, when the engine cannot be photographed', () => {
  const { engine, clock, broadcast, open } = aBroadcast();
  engine.isBroken = true;

  expect(() => open()).toThrow('no picture');

  expect(broadcast.readers).toBe(0);
  expect(clock.pending).toBe(0);
});

it('leaves no timer and no subscription when it is closed', async () => {
  const { engine, clock, broadcast, open } = aBroadcast();
  const reader = open();
  await reader.frames(() => clock.settle());
  engine.tell();

  broadcast.close();

  await reader.frames(() => clock.settle());
  expect(reader.isOver).toBe(true);
  expect(clock.pending).toBe(0);
  expect(engine.observers).toBe(0);
});

function aBroadcast() {
  const engine = new WatchedTestEngine();
  const clock = new VirtualClock();
  const broadcast = new Broadcast(engine, clock);
  broadcast.start();
  opened.push(broadcast);
  const open = (lastEventId: string | null = null): PatientReader =>
    new PatientReader(broadcast.open(lastEventId, () => undefined));
  return { engine, clock, broadcast, open };
}

function seqsOf(frames: readonly Frame[]): readonly number[] {
  return frames.flatMap(({ data }) => (data as readonly SluiceEvent[]).map(({ seq }) => seq));
}
