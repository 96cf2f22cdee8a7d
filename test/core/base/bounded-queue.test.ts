import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BoundedQueue,
  type OverflowPolicy,
} from '../../../packages/core/src/base/bounded-queue.ts';
import { runs } from '../../support/tier.ts';

const policies: readonly OverflowPolicy[] = ['reject', 'drop-oldest', 'drop-newest'];

describe('a bounded queue', () => {
  it('gives items in the order in which they came', () => {
    const queue = new BoundedQueue<string>(3, 'reject');

    queue.push('a');
    queue.push('b');

    expect([queue.shift(), queue.shift(), queue.shift()]).toEqual(['a', 'b', undefined]);
  });

  it('does with one item too many what its policy says', () => {
    const outcomes = policies.map((policy) => {
      const queue = new BoundedQueue<string>(2, policy);
      queue.push('a');
      queue.push('b');
      return [queue.push('c'), queue.drain()];
    });

    expect(outcomes).toEqual([
      [{ kind: 'rejected' }, ['a', 'b']],
      [{ kind: 'dropped', item: 'a' }, ['b', 'c']],
      [{ kind: 'dropped', item: 'c' }, ['a', 'b']],
    ]);
  });

  it('refuses a capacity that is no whole number of at least 1', () => {
    const capacities = [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY];

    const making = capacities.map((capacity) => () => new BoundedQueue(capacity, 'reject'));

    for (const make of making) expect(make).toThrow(TypeError);
  });

  it('behaves as a plain array would, whatever is done to it', () => {
    const action = fc.constantFrom('push', 'push', 'shift', 'drain');
    const scripts = fc.tuple(
      fc.integer({ min: 1, max: 5 }),
      fc.constantFrom(...policies),
      fc.array(action, { maxLength: 100, size: 'max' }),
    );

    fc.assert(
      fc.property(scripts, ([capacity, policy, actions]) => {
        const queue = new BoundedQueue<number>(capacity, policy);
        let model: number[] = [];
        let n = 0;
        for (const todo of actions) {
          if (todo === 'drain') {
            expect(queue.drain()).toEqual(model);
            model = [];
          } else if (todo === 'shift') {
            expect(queue.shift()).toBe(model.shift());
          } else {
            n += 1;
            queue.push(n);
            if (model.length < capacity) model.push(n);
            else if (policy === 'drop-oldest') model = [...model.slice(1), n];
          }
          expect([queue.size, queue.isFull]).toEqual([model.length, model.length === capacity]);
        }
      }),
      { numRuns: runs(1_000, 10_000) },
    );
  });

  it('takes a million items through a long line without slowing down', () => {
    const queue = new BoundedQueue<number>(100_000, 'reject');
    for (let i = 0; i < 100_000; i += 1) queue.push(i);

    let isInOrder = true;
    for (let i = 0; i < 1_000_000; i += 1) {
      isInOrder &&= queue.shift() === i;
      queue.push(100_000 + i);
    }

    expect(isInOrder).toBe(true); // and this test has ended: an array's shift would move 10^11 items
  });
});
