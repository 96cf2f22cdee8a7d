import { NEVER, takeUntil } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  abortable,
  aborted,
  linkedAbort,
  neverAborted,
  onAbort,
} from '../../../packages/core/src/base/abort.ts';
import { deferred } from '../../../packages/core/src/base/deferred.ts';
import { listenerCounter } from '../../support/listener-counter.ts';

const reason = new Error('no longer wanted');

describe('waiting with a signal', () => {
  it('gives what the promise gives, and leaves no listener', async () => {
    const { signal, listeners } = listenerCounter();

    const result = await abortable(Promise.resolve('done'), signal);

    expect(result).toBe('done');
    expect(listeners()).toBe(0);
  });

  it('rejects as the promise does, and leaves no listener', async () => {
    const { signal, listeners } = listenerCounter();

    const waiting = abortable(Promise.reject(reason), signal);

    await expect(waiting).rejects.toBe(reason);
    expect(listeners()).toBe(0);
  });

  it('rejects with the reason of the abort, untouched, and leaves no listener', async () => {
    const { signal, abort, listeners } = listenerCounter();
    const { promise } = deferred<string>();

    const waiting = abortable(promise, signal);
    const whileWaiting = listeners();
    abort(reason);

    await expect(waiting).rejects.toBe(reason);
    expect([whileWaiting, listeners()]).toEqual([1, 0]);
  });

  it('prefers an abort that came before the wait to a promise that is settled', async () => {
    const signal = AbortSignal.abort(reason);

    const waiting = abortable(Promise.resolve('done'), signal);

    await expect(waiting).rejects.toBe(reason);
  });

  it('gives the value when the promise was settled before the abort', async () => {
    const { signal, abort } = listenerCounter();
    const { promise, resolve } = deferred<string>();
    const waiting = abortable(promise, signal);

    resolve('first');
    abort(reason);

    expect(await waiting).toBe('first');
  });

  it('bears that the promise fails after the abort', async () => {
    const { signal, abort } = listenerCounter();
    const { promise, reject } = deferred<string>();
    const waiting = abortable(promise, signal);

    abort(reason);
    reject(new Error('too late for anybody'));

    await expect(waiting).rejects.toBe(reason);
  });

  it('needs no signal', async () => {
    expect(await abortable(Promise.resolve(1), undefined)).toBe(1);
  });
});

describe('hearing of an abort', () => {
  it('happens once, with the reason', () => {
    const { signal, abort } = listenerCounter();
    const heard: unknown[] = [];
    onAbort(signal, (why) => heard.push(why));

    abort(reason);

    expect(heard).toEqual([reason]);
  });

  it('happens at once when the signal is aborted already', () => {
    const heard: unknown[] = [];

    onAbort(AbortSignal.abort(reason), (why) => heard.push(why));

    expect(heard).toEqual([reason]);
  });

  it('ends when one stops listening', () => {
    const { signal, abort, listeners } = listenerCounter();
    const heard: unknown[] = [];
    const stop = onAbort(signal, (why) => heard.push(why));

    stop();
    abort(reason);

    expect(heard).toEqual([]);
    expect(listeners()).toBe(0);
  });

  it('ends a stream, and a stream that ends first leaves no listener', () => {
    const { signal, abort, listeners } = listenerCounter();
    const log: string[] = [];
    const complete = (): void => void log.push('end');
    NEVER.pipe(takeUntil(aborted(signal))).subscribe({ complete });
    const left = NEVER.pipe(takeUntil(aborted(signal))).subscribe({ complete });
    const whileBoth = listeners();

    left.unsubscribe();
    const whileOne = listeners();
    abort(reason);

    expect([whileBoth, whileOne, listeners()]).toEqual([2, 1, 0]);
    expect(log).toEqual(['end']);
  });

  it('ends a stream at once when the signal is aborted already', () => {
    const log: unknown[] = [];

    aborted(AbortSignal.abort(reason)).subscribe({
      next: (why) => log.push(why),
      complete: () => log.push('end'),
    });

    expect(log).toEqual([reason, 'end']);
  });
});

describe('linked signals', () => {
  it('abort with the reason of the first that does, and leave no listener on the others', () => {
    const one = listenerCounter();
    const two = listenerCounter();
    const link = linkedAbort(one.signal, undefined, two.signal);

    two.abort(reason);

    expect(link.signal.reason).toBe(reason);
    expect([one.listeners(), two.listeners()]).toEqual([0, 0]);
  });

  it('abort at once when one is aborted already, and do not listen to those behind it', () => {
    const later = listenerCounter();

    const link = linkedAbort(AbortSignal.abort(reason), later.signal);

    expect(link.signal.reason).toBe(reason);
    expect(later.listeners()).toBe(0);
  });

  it('can be aborted alone: what they follow is not', () => {
    const parent = listenerCounter();
    const link = linkedAbort(parent.signal);

    link.abort(reason);

    expect(link.signal.reason).toBe(reason);
    expect(parent.signal.aborted).toBe(false);
    expect(parent.listeners()).toBe(0);
  });

  it('stop following when they are disposed of, which aborts nothing', () => {
    const parent = listenerCounter();
    const link = linkedAbort(parent.signal);

    link[Symbol.dispose]();
    parent.abort(reason);

    expect(link.signal.aborted).toBe(false);
    expect(parent.listeners()).toBe(0);
  });

  it('leave no listener on a shared signal after ten thousand calls', async () => {
    const shared = listenerCounter();

    for (let i = 0; i < 10_000; i += 1) {
      const link = linkedAbort(shared.signal);
      await abortable(Promise.resolve(i), link.signal);
      link[Symbol.dispose]();
    }

    expect(shared.listeners()).toBe(0);
  });

  it('never abort for a signal that never does', () => {
    expect(linkedAbort(neverAborted).signal.aborted).toBe(false);
  });
});
