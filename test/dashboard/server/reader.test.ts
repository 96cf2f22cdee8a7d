import { VirtualClock } from '@sluice/core/testing';
import { expect, it } from 'vitest';
import { frame } from '../../../packages/dashboard/src/server/frames.ts';
import { LIMITS } from '../../../packages/dashboard/src/server/options.ts';
import { Reader } from '../../../packages/dashboard/src/server/reader.ts';
import { PatientReader } from './a-stream.ts';

const BIG = frame('events', 'x'.repeat(100_000));

it('gives a reader who fell behind a gap and a picture once it has read all, and not before', async () => {
  const { clock, reader, patient } = aReader();
  for (let i = 0; i < 20; i += 1) reader.send(BIG);

  for (let i = 0; i < 5; i += 1) await patient.readOne(() => clock.settle());
  reader.send(BIG); // it has read some, not all
  const frames = await patient.frames(() => clock.settle());
  reader.send(BIG);

  expect(frames.map(({ type }) => type)).toEqual([...manyEvents(11), 'gap', 'snapshot']);
  const after = await patient.frames(() => clock.settle());
  expect(after.map(({ type }) => type)).toEqual(['events']);
});

it('holds no more than 1 MiB and one frame for a reader who does not read', async () => {
  const { reader, patient, clock } = aReader();

  for (let i = 0; i < 1_000; i += 1) reader.send(BIG);

  const frames = await patient.frames(() => clock.settle());
  const held = frames.filter(({ type }) => type === 'events').length * BIG.length;
  expect(held).toBeLessThan(LIMITS.unsentBytes + BIG.length);
});

it('cuts a reader off who has not caught up within 30 s', async () => {
  const { clock, reader, patient, ended } = aReader();
  for (let i = 0; i < 20; i += 1) reader.send(BIG);

  await clock.advance(29_999);
  const endedEarly = ended.length;
  await clock.advance(1);
  await patient.frames(() => clock.settle());

  expect(endedEarly).toBe(0);
  expect(ended).toHaveLength(1);
  expect(patient.error).toMatchObject({ message: 'The reader does not keep up' });
  expect(clock.pending).toBe(0);
});

it('does not cut a reader off who caught up in time', async () => {
  const { clock, reader, patient, ended } = aReader();
  for (let i = 0; i < 20; i += 1) reader.send(BIG);
  await clock.advance(20_000);

  await patient.frames(() => clock.settle());
  await clock.advance(60_000);

  expect(ended).toHaveLength(0);
});

it('shows every 15 s that a quiet stream lives', async () => {
  const { clock, patient } = aReader();

  await clock.advance(45_000);

  const nothing = { type: undefined, id: undefined, data: undefined };
  expect(await patient.frames(() => clock.settle())).toEqual([nothing, nothing, nothing]);
});

it('ends once, whoever ends it, and leaves no timer', async () => {
  const { clock, reader, patient, ended } = aReader();

  await patient.leave();
  reader.close();
  reader.send(BIG);

  expect(ended).toHaveLength(1);
  expect(clock.pending).toBe(0);
});

it('cuts a reader off whose picture cannot be taken', async () => {
  const { clock, reader, patient, ended } = aReader(() => {
    throw new Error('no picture');
  });
  for (let i = 0; i < 20; i += 1) reader.send(BIG);

  await patient.frames(() => clock.settle());

  expect(patient.isOver).toBe(true);
  expect(ended).toHaveLength(1);
  expect(clock.pending).toBe(0);
});

function aReader(catchUp = () => [frame('gap', {}), frame('snapshot', {})]) {
  const clock = new VirtualClock();
  const ended: true[] = [];
  const onEnd = (): void => void ended.push(true);
  const reader = new Reader({ time: clock, opening: [], catchUp, onEnd });
  return { clock, reader, patient: new PatientReader(reader.body), ended };
}

function manyEvents(count: number): readonly string[] {
  return Array.from({ length: count }, () => 'events');
}
