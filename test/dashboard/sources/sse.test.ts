import { VirtualClock } from '@sluice/core/testing';
import { beforeEach, expect, it } from 'vitest';
import type { SourceMessage } from '../../../packages/dashboard/src/sources/source.ts';
import {
  type EventStream,
  type EventStreamMessage,
  sseSource,
} from '../../../packages/dashboard/src/sources/sse.ts';
import { aLife, anEmptyEngine, anOpening } from '../../support/engine-life.ts';

let clock: VirtualClock;
let streams: FakeStream[];
let told: SourceMessage[];
let refused: boolean;

beforeEach(() => {
  clock = new VirtualClock();
  streams = [];
  told = [];
  refused = false;
});

it('tells the snapshot and then the events that the server sends', () => {
  open();

  last().send('snapshot', { snapshot: anEmptyEngine() });
  last().send('events', aLife([anOpening('a')]));

  expect(types()).toEqual(['connecting', 'snapshot', 'live', 'events']);
});

it('says that the connection is lost while the browser resumes it, and live when it is back', () => {
  open();
  last().send('snapshot', { snapshot: anEmptyEngine() });

  last().fail(0);
  last().send('events', aLife([anOpening('a')]));

  expect(types().slice(3)).toEqual(['lost', 'live', 'events']);
});

it('tries again after a while when the server gave up, longer each time', async () => {
  open();
  for (const delayMs of [1_000, 2_000, 4_000]) {
    last().fail(2);
    await clock.settle();
    expect(told.at(-1)).toMatchObject({ status: { retryAt: clock.timestamp() + delayMs } });
    await clock.advance(delayMs);
  }

  expect(streams).toHaveLength(4);
});

it('tries at once when the reader asks for it', async () => {
  const source = open();
  last().fail(2);
  await clock.settle();

  source.retryNow?.();

  expect(streams).toHaveLength(2);
  expect(clock.pending).toBe(0);
});

it('says that a token is wanted, and does not try again by itself', async () => {
  refused = true;
  open();

  last().fail(2);
  await clock.settle();

  expect(told.at(-1)).toMatchObject({ status: { status: 'refused' } });
  expect(clock.pending).toBe(0);
});

it('shows a gap when another epoch answers', () => {
  open();
  last().send('snapshot', { snapshot: anEmptyEngine() });

  last().send('snapshot', { snapshot: anEmptyEngine({ epoch: 'e2' }) });

  expect(types().slice(3)).toEqual(['gap', 'snapshot']);
});

it('closes the stream of a server that speaks another language', () => {
  open();

  last().send('snapshot', { snapshot: anEmptyEngine({ codec: '3.1' }) });

  expect(told.at(-1)).toMatchObject({ status: { status: 'mismatch', theirs: '3.1' } });
  expect(last().isClosed).toBe(true);
});

it('passes over what is no JSON', () => {
  open();

  last().sendText('events', '{');

  expect(types()).toEqual(['connecting']);
});

function open() {
  const source = sseSource({
    url: '/feed',
    open: () => {
      const stream = new FakeStream();
      streams.push(stream);
      return stream;
    },
    timestamp: () => clock.timestamp(),
    after: (delayMs, fn) => clock.after(delayMs, fn),
    isRefused: async () => refused,
  });
  source.subscribe((message) => told.push(message));
  return source;
}

function last(): FakeStream {
  return streams.at(-1)!;
}

function types(): readonly string[] {
  return told.map((message) => (message.type === 'status' ? message.status.status : message.type));
}

class FakeStream implements EventStream {
  readyState = 1;
  isClosed = false;
  readonly #listeners = new Map<string, (event: EventStreamMessage) => void>();

  addEventListener(type: string, listener: (event: EventStreamMessage) => void): void {
    this.#listeners.set(type, listener);
  }

  close(): void {
    this.isClosed = true;
  }

  send(type: string, data: unknown): void {
    this.sendText(type, JSON.stringify(data));
  }

  sendText(type: string, data: string): void {
    this.#listeners.get(type)?.({ data });
  }

  fail(readyState: number): void {
    this.readyState = readyState;
    this.#listeners.get('error')?.({});
  }
}
