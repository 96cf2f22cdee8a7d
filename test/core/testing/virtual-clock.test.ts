import * as fc from 'fast-check';
import { Observable, of, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../packages/core/src/base/random.ts';
import { record } from '../../../packages/core/src/testing/record.ts';
import { VirtualClock } from '../../../packages/core/src/testing/virtual-clock.ts';
import { runs } from '../../support/tier.ts';

describe('the virtual clock', () => {
  it('stands still until it is told to move', async () => {
    const clock = new VirtualClock(1_000);
    let hasRun = false;
    clock.after(10, () => (hasRun = true));

    await clock.settle();

    expect([clock.now(), clock.timestamp(), hasRun]).toEqual([0, 1_000, false]);
  });

  it('runs each timer at its own time, those due together in the order in which they were set', async () => {
    const clock = new VirtualClock();
    const log: unknown[] = [];
    clock.after(20, () => log.push(['c', clock.now()]));
    clock.after(10, () => log.push(['a', clock.now()]));
    clock.after(10, () => log.push(['b', clock.now()]));

    await clock.advance(30);

    expect(log).toEqual([
      ['a', 10],
      ['b', 10],
      ['c', 20],
    ]);
    expect(clock.now()).toBe(30);
  });

  it('lets promises settle between two timers', async () => {
    const clock = new VirtualClock();
    const log: string[] = [];
    const slowly = async (): Promise<void> => {
      for (let hop = 0; hop < 20; hop += 1) await Promise.resolve();
      log.push('settled');
    };
    clock.after(1, () => void slowly());
    clock.after(2, () => log.push('next'));

    await clock.advance(5);

    expect(log).toEqual(['settled', 'next']);
  });

  it('runs timers that a timer sets within the same advance', async () => {
    const clock = new VirtualClock();
    const times: number[] = [];
    const again = (): void => {
      times.push(clock.now());
      clock.after(10, again);
    };
    clock.after(10, again);

    await clock.advance(35);

    expect(times).toEqual([10, 20, 30]);
    expect(clock.pending).toBe(1);
  });

  it('runs late, at the new time, what fell due in a jump', async () => {
    const clock = new VirtualClock();
    const log: unknown[] = [];
    clock.after(10, () => log.push(['a', clock.now()]));
    clock.after(20, () => log.push(['b', clock.now()]));
    clock.after(5_000, () => log.push('too early'));

    await clock.jump(1_000);

    expect(log).toEqual([
      ['a', 1_000],
      ['b', 1_000],
    ]);
  });

  it('counts what waits, and what of it would keep a process alive', () => {
    const clock = new VirtualClock();
    const cancel = clock.after(10, () => {});
    const cancelUnref = clock.after(10, () => {}, { unref: true });
    const both = [clock.pending, clock.holding];

    cancel();
    cancel();
    const one = [clock.pending, clock.holding];
    cancelUnref();

    expect([both, one, [clock.pending, clock.holding]]).toEqual([
      [2, 1],
      [1, 0],
      [0, 0],
    ]);
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])(
    'refuses to wait or move by %d',
    async (ms) => {
      const clock = new VirtualClock();

      expect(() => clock.after(ms, () => {})).toThrow(TypeError);
      await expect(clock.advance(ms)).rejects.toThrow(TypeError);
      await expect(clock.jump(ms)).rejects.toThrow(TypeError);
    },
  );

  it('runs what a sorted list would, however timers are set and cancelled', async () => {
    const action = fc.record({
      kind: fc.constantFrom('set', 'set', 'cancel', 'advance'),
      ms: fc.nat(50),
    });

    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 60, size: 'max' }), async (actions) => {
        const clock = new VirtualClock();
        const ran: number[] = [];
        const expected: number[] = [];
        let waiting: { id: number; dueAt: number; cancel: () => void }[] = [];
        for (const [id, { kind, ms }] of actions.entries()) {
          if (kind === 'set') {
            const cancel = clock.after(ms, () => ran.push(id));
            waiting.push({ id, dueAt: clock.now() + ms, cancel });
          } else if (kind === 'cancel') {
            for (const { cancel } of waiting.splice(ms % (waiting.length + 1), 1)) cancel();
          } else {
            await clock.advance(ms);
            const due = waiting.filter(({ dueAt }) => dueAt <= clock.now());
            expected.push(
              ...due.toSorted((a, b) => a.dueAt - b.dueAt || a.id - b.id).map(({ id: n }) => n),
            );
            waiting = waiting.filter(({ dueAt }) => dueAt > clock.now());
          }
          expect(clock.pending).toBe(waiting.length);
        }
        expect(ran).toEqual(expected);
      }),
      { numRuns: runs(300, 3_000) },
    );
  });

  it('holds a million timers, and drops half of them in any order', () => {
    const clock = new VirtualClock();
    const random = seededRandom(1);
    const cancels = Array.from({ length: 1_000_000 }, () =>
      clock.after(random.next() * 86_400_000, () => {}),
    );

    for (const [i, cancel] of cancels.entries()) if (i % 2 === 0) cancel();

    expect(clock.pending).toBe(500_000);
  });

  it('passes a day in which a timer runs every second', async () => {
    const clock = new VirtualClock();
    let ticks = 0;
    const tick = (): void => {
      ticks += 1;
      clock.after(1_000, tick);
    };
    clock.after(1_000, tick);

    await clock.advance(24 * 3_600_000);

    expect(ticks).toBe(86_400);
  });
});

describe('a recording of a stream', () => {
  it('has each value with its time, and the end', async () => {
    const clock = new VirtualClock();
    const stream = new Observable<string>((subscriber) => {
      subscriber.next('a');
      clock.after(10, () => subscriber.next('b'));
      clock.after(20, () => subscriber.complete());
    });

    using recording = record(stream, clock);
    const atFirst = recording.end;
    await clock.advance(30);

    expect(recording.entries).toEqual([
      { at: 0, value: 'a' },
      { at: 10, value: 'b' },
    ]);
    expect(recording.values).toEqual(['a', 'b']);
    expect([atFirst, recording.end]).toEqual([{ kind: 'open' }, { kind: 'completed', at: 20 }]);
  });

  it('has the error that ended it', () => {
    const clock = new VirtualClock();
    const error = new Error('cut');

    const recording = record(
      throwError(() => error),
      clock,
    );

    expect(recording.end).toEqual({ kind: 'failed', at: 0, error });
  });

  it('unsubscribes when it is stopped, and keeps what it has', () => {
    let isOpen = true;
    const stream = new Observable<number>((subscriber) => {
      subscriber.next(1);
      return () => (isOpen = false);
    });
    const recording = record(stream, new VirtualClock());

    recording.stop();

    expect(isOpen).toBe(false);
    expect(recording.values).toEqual([1]);
    expect(record(of(1), new VirtualClock()).end.kind).toBe('completed');
  });
});
