import { asyncScheduler, concatMap, delay, interval, of, take, timeout, timer } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { asScheduler } from '../../../packages/core/src/base/scheduler.ts';
import { record } from '../../../packages/core/src/testing/record.ts';
import { VirtualClock } from '../../../packages/core/src/testing/virtual-clock.ts';

describe('RxJS on a clock', () => {
  it('waits as long as the operator says, on the clock alone', async () => {
    const clock = new VirtualClock();
    const recording = record(timer(3_600_000, asScheduler(clock)), clock);

    await clock.advance(3_600_000);

    expect(recording.entries).toEqual([{ at: 3_600_000, value: 0 }]);
    expect(recording.end).toEqual({ kind: 'completed', at: 3_600_000 });
    expect(clock.pending).toBe(0);
  });

  it('repeats, and leaves no timer when it is unsubscribed', async () => {
    const clock = new VirtualClock();
    const recording = record(interval(10, asScheduler(clock)), clock);

    await clock.advance(35);
    recording.stop();

    expect(recording.entries).toEqual([
      { at: 10, value: 0 },
      { at: 20, value: 1 },
      { at: 30, value: 2 },
    ]);
    expect(clock.pending).toBe(0);
  });

  it('keeps the order of delays, and gives up when a timeout is reached', async () => {
    const clock = new VirtualClock();
    const scheduler = asScheduler(clock);
    const late$ = of(1, 2, 3).pipe(
      concatMap((n) => of(n).pipe(delay(n * 10, scheduler))),
      timeout({ each: 25, scheduler }),
    );
    const recording = record(late$, clock);

    await clock.advance(1_000);

    expect(recording.entries).toEqual([
      { at: 10, value: 1 },
      { at: 30, value: 2 },
    ]);
    expect(recording.end).toMatchObject({ kind: 'failed', at: 55 });
    expect(clock.pending).toBe(0);
  });

  it("gives what RxJS's own scheduler gives", async () => {
    const clock = new VirtualClock();
    const recording = record(interval(1, asScheduler(clock)).pipe(take(3)), clock);
    const own: number[] = [];

    await clock.advance(10);
    await new Promise<void>((resolve) => {
      interval(1, asyncScheduler)
        .pipe(take(3))
        .subscribe({ next: (n) => own.push(n), complete: resolve });
    });

    expect(recording.values).toEqual(own);
  });

  it('does not run what was unsubscribed from inside other work', async () => {
    const clock = new VirtualClock();
    const scheduler = asScheduler(clock);
    const ran: string[] = [];
    scheduler.schedule(() => second.unsubscribe(), 10);
    const second = scheduler.schedule(() => ran.push('second'), 10);

    await clock.advance(20);

    expect(ran).toEqual([]);
    expect(clock.pending).toBe(0);
  });
});
