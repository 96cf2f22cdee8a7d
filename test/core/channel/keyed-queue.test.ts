import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyedQueue, type QueueLimits } from '../../../packages/core/src/channel/keyed-queue.ts';
import { runs } from '../../support/tier.ts';

const roomy: QueueLimits = {
  mode: 'queue',
  concurrency: 100,
  capacity: 100_000,
  capacityPerKey: 100_000,
};

function aQueue(limits: Partial<QueueLimits> = {}) {
  const running: { readonly items: readonly string[]; readonly end: () => void }[] = [];
  const started: string[] = [];
  const queue = new KeyedQueue<string>({
    limits: () => ({ ...roomy, ...limits }),
    work: (items) =>
      new Promise((resolve) => {
        started.push(...items);
        running.push({ items, end: resolve });
      }),
    onChange: () => undefined,
  });
  const end = async (index: number) => {
    const [turn] = running.splice(index % Math.max(1, running.length), 1);
    turn?.end();
    for (let i = 0; i < 5; i += 1) await Promise.resolve();
  };
  return { queue, running, started, end };
}

describe('a keyed queue', () => {
  it('leaves no record of ten thousand keys when all is done', async () => {
    const { queue, running, end } = aQueue();

    for (let i = 0; i < 10_000; i += 1) queue.offer(`k${i}`, `m${i}`);
    expect(queue.keys).toBe(10_000);
    while (running.length > 0) await end(0);

    expect([queue.keys, queue.size, queue.active]).toEqual([0, 0, 0]);
  });

  it('serves keys in turn, so that a busy one cannot starve the others', async () => {
    const { queue, started, end } = aQueue({ concurrency: 1 });

    for (const item of ['a1', 'a2', 'a3', 'b1', 'c1']) queue.offer(item.charAt(0), item);
    for (let i = 0; i < 4; i += 1) await end(0);

    expect(started).toEqual(['a1', 'b1', 'c1', 'a2', 'a3']);
  });

  it('gives back all that waits, in order, when it is abandoned, and works on afterwards', async () => {
    const { queue, started } = aQueue({ concurrency: 1 });
    for (const item of ['a1', 'b1', 'a2']) queue.offer(item.charAt(0), item);

    const waited = queue.abandon(new Error('stop'));
    queue.offer('a', 'a3');

    expect([waited, started, queue.keys]).toEqual([['b1', 'a2'], ['a1', 'a3'], 1]);
  });

  it('keeps the order of each key, its bounds, and loses nothing, whatever the timing', async () => {
    const action = fc.oneof(
      fc.record({ type: fc.constant('offer' as const), key: fc.constantFrom('a', 'b', 'c') }),
      fc.record({ type: fc.constant('end' as const), index: fc.nat(5) }),
      fc.constant({ type: 'hold' as const }),
      fc.constant({ type: 'release' as const }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(action, { maxLength: 60 }),
        fc.integer({ min: 1, max: 4 }),
        async (actions, concurrency) => {
          const { queue, running, started, end } = aQueue({
            concurrency,
            capacity: 10,
            capacityPerKey: 4,
          });
          const taken: string[] = [];

          for (const [index, each] of actions.entries()) {
            if (each.type === 'end') await end(each.index);
            else if (each.type === 'offer') {
              const item = `${each.key}${index}`;
              if (queue.offer(each.key, item)) taken.push(item);
            } else queue[each.type]();
            expect(queue.active).toBeLessThanOrEqual(concurrency);
            expect(queue.size).toBeLessThanOrEqual(10);
            const keys = running.map(({ items }) => items[0]?.charAt(0));
            expect(new Set(keys).size).toBe(keys.length);
          }
          queue.release();
          while (running.length > 0) await end(0);

          for (const key of ['a', 'b', 'c']) {
            const of = (items: readonly string[]) => items.filter((item) => item.startsWith(key));
            expect(of(started)).toEqual(of(taken));
          }
          expect([queue.keys, queue.size, queue.active]).toEqual([0, 0, 0]);
        },
      ),
      { numRuns: runs(1_000, 10_000) },
    );
  });
});
