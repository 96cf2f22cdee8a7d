import * as fc from 'fast-check';
import { take } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StateCell } from '../../../packages/core/src/base/state-cell.ts';
import { uncaughtErrors } from '../../support/uncaught-errors.ts';
import { runs } from '../../support/tier.ts';

describe('a value over time', () => {
  const uncaught = uncaughtErrors();
  beforeEach(uncaught.watch);
  afterEach(uncaught.unwatch);

  it('gives a subscriber the latest value at once, then each change', () => {
    const cell = new StateCell(1);
    cell.set(2);

    const log = listenTo(cell);
    cell.set(3);

    expect(log).toEqual([2, 3]);
    expect(cell.value).toBe(3);
  });

  it('tells nobody of a value that is already there', () => {
    const cell = new StateCell<number>(Number.NaN);
    const log = listenTo(cell);

    cell.set(Number.NaN);

    expect(log).toEqual([Number.NaN]);
  });

  it('gives a late subscriber the last value, then the end', () => {
    const cell = new StateCell('running');
    cell.set('stopped');
    cell.end();

    const log = listenTo(cell);
    cell.set('never');

    expect(log).toEqual(['stopped', 'end']);
    expect(cell.value).toBe('stopped');
  });

  it('delivers a value set from inside a subscriber after the one under way', () => {
    const cell = new StateCell(0);
    cell.changes$.subscribe((value) => {
      if (value === 1) cell.set(2);
    });
    const log = listenTo(cell);

    cell.set(1);

    expect(log).toEqual([0, 1, 2]);
  });

  it('does not lose a change that a subscriber makes in answer to its first value', () => {
    const cell = new StateCell(0);
    const log: number[] = [];

    cell.changes$.subscribe((value) => {
      log.push(value);
      if (value === 0) cell.set(1);
    });

    expect(log).toEqual([0, 1]);
  });

  it('ends after the changes before it, also when a subscriber ends it', () => {
    const cell = new StateCell(0);
    cell.changes$.subscribe((value) => {
      if (value !== 1) return;
      cell.set(2);
      cell.end();
    });
    const log = listenTo(cell);

    cell.set(1);

    expect(log).toEqual([0, 1, 2, 'end']);
  });

  it('ends once for a subscriber whose first value makes it end', () => {
    const cell = new StateCell(0);
    const log: unknown[] = [];

    cell.changes$.subscribe({
      next: (value) => {
        log.push(value);
        cell.end();
      },
      complete: () => log.push('end'),
    });

    expect(log).toEqual([0, 'end']);
  });

  it('lets go of a subscriber that wanted one value', () => {
    const cell = new StateCell(0);
    const log: unknown[] = [];

    cell.changes$.pipe(take(1)).subscribe({
      next: (value) => log.push(value),
      complete: () => log.push('end'),
    });
    cell.set(1);

    expect(log).toEqual([0, 'end']);
  });

  it('reports a subscriber that throws, once, and serves the others', async () => {
    const reported: unknown[] = [];
    const cell = new StateCell(0, { onObserverError: (error) => reported.push(error) });
    cell.changes$.subscribe(() => {
      throw new Error('broken');
    });
    const log = listenTo(cell);

    cell.set(1);
    cell.set(2);

    expect(log).toEqual([0, 1, 2]);
    expect(reported).toEqual([new Error('broken')]);
    expect(await uncaught.afterATurn()).toEqual([]);
  });

  it('leaves out the oldest when a subscriber makes changes without end, and tells the last', () => {
    const cell = new StateCell(0);
    cell.changes$.subscribe((value) => {
      if (value === 1) for (let next = 2; next <= 70_000; next += 1) cell.set(next);
    });
    const log = listenTo(cell);

    cell.set(1);

    expect(log).toHaveLength(2 + 65_536);
    expect(log.at(-1)).toBe(70_000);
  });

  it('gives everyone the same order, whoever sets, joins and leaves from inside a subscriber', () => {
    const actions = fc.array(fc.constantFrom('set', 'join', 'leave', 'end'), {
      maxLength: 40,
      size: 'max',
    });

    fc.assert(
      fc.property(actions, (script) => {
        const cell = new StateCell(0);
        const logs: number[][] = [];
        const subscriptions: { unsubscribe(): void }[] = [];
        const steps = script.values();
        let last = 0;
        const play = (): void => {
          const { value: action } = steps.next();
          if (action === 'set') cell.set((last += 1));
          if (action === 'leave') subscriptions.shift()?.unsubscribe();
          if (action === 'end') cell.end();
          if (action === 'join') join();
        };
        const join = (): void => {
          const log: number[] = [];
          logs.push(log);
          subscriptions.push(
            cell.changes$.subscribe((value) => {
              log.push(value);
              play();
            }),
          );
        };

        join();
        for (let left = script.length; left > 0; left -= 1) play();

        // Values count up, so a log in order without a hole is a run of numbers.
        for (const log of logs) expect(log).toEqual(log.map((_, i) => (log[0] ?? 0) + i));
      }),
      { numRuns: runs(1_000, 10_000) },
    );
  });
});

function listenTo<T>(cell: StateCell<T>): (T | 'end')[] {
  const log: (T | 'end')[] = [];
  cell.changes$.subscribe({ next: (value) => log.push(value), complete: () => log.push('end') });
  return log;
}
