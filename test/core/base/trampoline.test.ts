import { describe, expect, it } from 'vitest';
import { deferred } from '../../../packages/core/src/base/deferred.ts';
import { toDisposable } from '../../../packages/core/src/base/dispose.ts';
import { Trampoline } from '../../../packages/core/src/base/trampoline.ts';

describe('a trampoline', () => {
  it('handles what is posted from inside the handler after the item under way', () => {
    const log: string[] = [];
    const trampoline = new Trampoline<number>((n) => {
      log.push(`begin ${n}`);
      if (n === 1) trampoline.post(2);
      log.push(`end ${n}`);
    });

    trampoline.post(1);

    expect(log).toEqual(['begin 1', 'end 1', 'begin 2', 'end 2']);
  });

  it('keeps the stack flat over a chain of a hundred thousand', () => {
    let handled = 0;
    const trampoline = new Trampoline<number>((n) => {
      handled += 1;
      if (n < 100_000) trampoline.post(n + 1);
    });

    trampoline.post(1);

    expect(handled).toBe(100_000);
  });

  it('goes on after a handler that threw, and loses nothing that waited, nor its order', () => {
    const log: number[] = [];
    const trampoline = new Trampoline<number>((n) => {
      log.push(n);
      if (n !== 1) return;
      trampoline.post(2);
      throw new Error('first');
    });

    expect(() => trampoline.post(1)).toThrow('first');
    trampoline.post(3);

    expect(log).toEqual([1, 2, 3]);
    expect(trampoline.isRunning).toBe(false);
  });

  it('has no room beyond its capacity', () => {
    const log: (number | boolean)[] = [];
    const trampoline = new Trampoline<number>(
      (n) => {
        log.push(n);
        if (n > 0) return;
        for (let next = 1; next <= 3; next += 1) {
          log.push(trampoline.hasRoom);
          trampoline.post(next);
        }
      },
      { capacity: 2 },
    );

    trampoline.post(0);

    expect(log).toEqual([0, true, true, false, 1, 2]);
  });

  it('holds back what is posted while work goes on', () => {
    const log: unknown[] = [];
    const trampoline = new Trampoline<number>((n) => log.push(n));

    trampoline.hold(() => {
      trampoline.post(1);
      log.push('work');
    });

    expect(log).toEqual(['work', 1]);
  });
});

describe('a promise settled from outside', () => {
  it('takes the first settlement', async () => {
    const { promise, resolve, reject } = deferred<number>();

    resolve(1);
    reject(new Error('too late'));

    expect(await promise).toBe(1);
  });
});

describe('something to dispose of', () => {
  it('is disposed of once', () => {
    let times = 0;
    const disposable = toDisposable(() => (times += 1));

    disposable[Symbol.dispose]();
    disposable[Symbol.dispose]();

    expect(times).toBe(1);
  });
});
