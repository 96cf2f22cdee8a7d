import { describe, expect, it } from 'vitest';
import { SessionTurns } from '../../../packages/core/src/runtime/session.ts';
import { VirtualClock, watchedSignal } from '../../../packages/core/src/testing/index.ts';

const HERE = ['web', 'ann'];

describe('turns in a session', () => {
  it('are taken one at a time, in the order of asking', async () => {
    const turns = new SessionTurns();
    const order: string[] = [];
    const first = await turns.take(HERE);
    const waiting = ['second', 'third'].map(async (name) => {
      const turn = await turns.take(HERE);
      order.push(name);
      turn[Symbol.dispose]();
    });
    await new VirtualClock().settle();
    order.push('first');

    first[Symbol.dispose]();
    await Promise.all(waiting);

    expect(order).toEqual(['first', 'second', 'third']);
    expect(turns.size).toBe(0);
  });

  it('do not wait for those of another session', async () => {
    const turns = new SessionTurns();
    await turns.take(HERE);

    await turns.take(['web', 'bob']);

    expect(turns.size).toBe(2);
  });

  it('are not waited for any longer after an abort, which leaves the place to the next', async () => {
    const turns = new SessionTurns();
    const first = await turns.take(HERE);
    const reason = new Error('left');
    const controller = new AbortController();
    const left = turns.take(HERE, controller.signal);
    const next = turns.take(HERE);

    controller.abort(reason);
    first[Symbol.dispose]();

    await expect(left).rejects.toBe(reason);
    (await next)[Symbol.dispose]();
    expect(turns.size).toBe(0);
  });

  it('are not taken by those who left before', async () => {
    const turns = new SessionTurns();
    const reason = new Error('left');

    await expect(turns.take(HERE, AbortSignal.abort(reason))).rejects.toBe(reason);

    expect(turns.size).toBe(0);
  });

  it('leave no listener on the signal', async () => {
    const turns = new SessionTurns();
    const watched = watchedSignal();
    const first = await turns.take(HERE);
    const waiting = turns.take(HERE, watched.signal);

    first[Symbol.dispose]();
    (await waiting)[Symbol.dispose]();

    expect(watched.listeners()).toBe(0);
  });

  it('are passed on once, however often they are ended', async () => {
    const turns = new SessionTurns();
    const first = await turns.take(HERE);
    const second = turns.take(HERE);
    let thirdHasIt = false;
    const third = turns.take(HERE).then(() => (thirdHasIt = true));

    first[Symbol.dispose]();
    first[Symbol.dispose]();
    const turn = await second;
    await new VirtualClock().settle();

    expect(thirdHasIt).toBe(false);
    turn[Symbol.dispose]();
    await third;
  });
});
