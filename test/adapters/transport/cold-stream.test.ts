import { watchedSignal } from '@sluice/core/testing';
import { describe, expect, it } from 'vitest';
import { coldStream } from '../../../packages/adapters/src/transport/cold-stream.ts';

async function* batchesOf<T>(
  ...batches: readonly (readonly T[])[]
): AsyncGenerator<readonly T[], void> {
  for (const batch of batches) yield await Promise.resolve(batch);
}

async function readAll<T>(stream: AsyncIterable<T>): Promise<readonly T[]> {
  const values: T[] = [];
  for await (const value of stream) values.push(value);
  return values;
}

const never = new AbortController().signal;

describe('a cold stream', () => {
  it('hands out batches one by one, empty ones aside', async () => {
    const stream = coldStream(never, () => batchesOf([1, 2], [], [3]));

    expect(await readAll(stream)).toEqual([1, 2, 3]);
  });

  it('opens anew for each iteration, and not before', async () => {
    let opened = 0;
    const stream = coldStream(never, async function* () {
      opened += 1;
      yield await Promise.resolve([opened]);
    });

    const before = opened;
    const all = [await readAll(stream), await readAll(stream)];

    expect([before, ...all]).toEqual([0, [1], [2]]);
  });

  it('hands out what came before a failure, then the failure, then nothing', async () => {
    const stream = coldStream(never, async function* () {
      yield await Promise.resolve([1]);
      throw new Error('broken');
    });
    const iterator = stream[Symbol.asyncIterator]();

    expect(await iterator.next()).toEqual({ done: false, value: 1 });
    await expect(iterator.next()).rejects.toThrow('broken');
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  it('keeps what it has from a reader whose signal was aborted', async () => {
    const controller = new AbortController();
    const iterator = coldStream(controller.signal, () => batchesOf([1, 2, 3]))[
      Symbol.asyncIterator
    ]();
    await iterator.next();

    controller.abort('left');

    await expect(iterator.next()).rejects.toBe('left');
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  it('tells its source of the abort, though nobody asks for more', async () => {
    const controller = new AbortController();
    let inner: AbortSignal | undefined;
    const iterator = coldStream(controller.signal, async function* (signal) {
      inner = signal;
      yield await Promise.resolve([1, 2]);
    })[Symbol.asyncIterator]();
    await iterator.next();

    controller.abort('left');

    expect(inner?.reason).toBe('left');
  });

  it.each([
    ['was read to its end', (stream: AsyncIterable<number>) => readAll(stream)],
    [
      'was left',
      async (stream: AsyncIterable<number>) => {
        for await (const value of stream) if (value === 1) break;
      },
    ],
    [
      'was made and left unread',
      async (stream: AsyncIterable<number>) => {
        await stream[Symbol.asyncIterator]().return?.();
      },
    ],
  ])('leaves no listener on the signal when it %s', async (_, use) => {
    const watched = watchedSignal();

    await use(coldStream(watched.signal, () => batchesOf([1], [2])));

    expect(watched.listeners()).toBe(0);
  });
});
