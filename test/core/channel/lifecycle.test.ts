import { ChannelFailedError, ChannelSupersededError } from '@sluice/core';
import { describe, expect, it } from 'vitest';
import { aChannel, byHand, steadyBackoff, failureOf } from './a-channel.ts';

describe('the life of a channel', () => {
  it('is idle at once for whoever subscribes before the start', () => {
    const { manager } = aChannel();
    const seen: string[] = [];

    manager.state$('c').subscribe(({ status }) => seen.push(status));

    expect(seen).toEqual(['idle']);
  });

  it('goes from idle over connecting to running, and start resolves after running is visible', async () => {
    const { manager, states } = aChannel();

    const seenAtResolve = await manager.start('c').then(() => [...states]);

    expect(seenAtResolve).toEqual(['idle', 'connecting', 'running']);
  });

  it('drains and stops, and tells late subscribers so', async () => {
    const { manager, states, clock } = aChannel();
    await manager.start();

    const seenAtResolve = await manager.stop('c').then(() => [...states]);
    const late: string[] = [];
    manager.state$('c').subscribe(({ status }) => late.push(status));

    expect(seenAtResolve.slice(2)).toEqual(['running', 'draining', 'stopped']);
    expect(late).toEqual(['stopped']);
    expect(clock.pending).toBe(0);
  });

  it('replays the latest state also after the end', async () => {
    const { manager } = aChannel();
    await manager.start();
    const state$ = manager.state$('c');

    await manager.remove('c');
    const late: string[] = [];
    state$.subscribe({ next: ({ status }) => late.push(status), complete: () => late.push('end') });

    expect(late).toEqual(['stopped', 'end']);
  });

  it('resolves a stop of what never ran, any number of times, without a transition', async () => {
    const { manager, states, events } = aChannel();

    await Promise.all([manager.stop('c'), manager.stop('c'), manager.stop()]);

    expect(states).toEqual(['idle']);
    expect(events.map(({ type }) => type)).toEqual(['channel.added']);
  });

  it('resolves a stop of what is stopped without a transition', async () => {
    const { manager, states } = aChannel();
    await manager.start();
    await manager.stop();
    const before = [...states];

    await Promise.all([manager.stop('c'), manager.stop('c')]);

    expect(states).toEqual(before);
  });

  it('restarts nothing when a running channel is started again', async () => {
    const { manager, states, channel } = aChannel();
    await manager.start();

    await manager.start('c');

    expect(states).toEqual(['idle', 'connecting', 'running']);
    expect(channel.dials).toBe(1);
  });

  it('runs again after a stop, with a new generation and a fresh window of restarts', async () => {
    const { manager, channel, clock } = aChannel({
      definition: { restart: { backoff: steadyBackoff } },
    });
    await manager.start();
    channel.session.end({ kind: 'fault', error: new Error('reset') });
    await clock.advance(1_000);
    expect(manager.snapshot()[0]).toMatchObject({ generation: 2, restartsInWindow: 1, attempt: 1 });
    await manager.stop();

    await manager.start();

    expect(manager.snapshot()[0]).toMatchObject({ generation: 3, restartsInWindow: 0, attempt: 0 });
  });

  it('fails for good when the credentials are bad, and start rejects with that error', async () => {
    const error = new ChannelFailedError('Bad token', { fatal: true });
    const { manager, states, clock } = aChannel({ script: { opens: [{ kind: 'fail', error }] } });

    await expect(manager.start('c')).rejects.toBe(error);

    expect(states).toEqual(['idle', 'connecting', 'failed']);
    expect(manager.state('c')).toMatchObject({ status: 'failed', reason: 'fatal' });
    expect(clock.pending).toBe(0);
  });

  it('connects again when its transport ends by itself and it is permanent', async () => {
    const { manager, states, channel, clock } = aChannel();
    await manager.start();

    channel.session.end();
    await clock.advance(1_000);

    expect(states.slice(2)).toEqual(['running', 'backoff', 'connecting', 'running']);
  });

  it('stops at a clean end and restarts at an error when it is transient', async () => {
    const { manager, states, channel, clock } = aChannel({
      definition: { restart: { restart: 'transient' } },
    });
    await manager.start();

    channel.session.end({ kind: 'fault', error: new Error('reset') });
    await clock.advance(1_000);
    channel.session.end();
    await clock.settle();

    expect(states.slice(3)).toEqual(['backoff', 'connecting', 'running', 'draining', 'stopped']);
  });

  it('never restarts when it is temporary', async () => {
    const { manager, states, channel, clock } = aChannel({
      definition: { restart: { restart: 'temporary' } },
    });
    await manager.start();

    channel.session.end({ kind: 'fault', error: new Error('reset') });
    await clock.advance(60_000);

    expect(states.slice(3)).toEqual(['failed']);
    expect(manager.isConnected('c')).toBe(false);
    expect(clock.pending).toBe(0);
  });

  it('sends the last replies when only its incoming side has ended', async () => {
    const { handler, answer } = byHand();
    const { manager, states, channel, clock } = aChannel({
      handler,
      definition: { restart: { restart: 'transient' } },
    });
    await manager.start();
    channel.say('1');
    channel.session.endSource();
    await clock.settle();
    expect(states.at(-1)).toBe('draining');

    answer('1');
    await clock.settle();

    expect(channel.replies).toEqual(['re 1']);
    expect(states.at(-1)).toBe('stopped');
  });

  it.each(['push', 'pull'] as const)(
    'believes how the connection ended when its source completes in the same step, by %s',
    async (source) => {
      const { manager, states, channel, clock } = aChannel({
        script: { source },
        definition: { restart: { restart: 'transient', backoff: steadyBackoff } },
      });
      await manager.start();

      channel.session.end({
        kind: 'fault',
        error: new ChannelFailedError('', { reason: 'reset' }),
      });
      channel.session.endSource();
      await clock.settle();

      expect(states.slice(3)).toEqual(['backoff']);
      expect(manager.snapshot()[0]?.restarts).toMatchObject([{ cause: 'reset' }]);
    },
  );

  it('never says that it is connected when it is not', async () => {
    const { manager, channel, clock } = aChannel();
    const connected: string[] = [];
    manager.state$('c').subscribe((state) => connected.push(`${state.status} ${state.connected}`));
    await manager.start();

    channel.session.end({ kind: 'fault', error: new Error('reset') });
    await clock.settle();

    expect(connected.slice(1)).toEqual(['connecting false', 'running true', 'backoff false']);
    expect(manager.isConnected('c')).toBe(false);
    expect(manager.isConnected('nobody')).toBe(false);
  });

  it('closes a session that opens after it was stopped, at once and for good', async () => {
    const { manager, states, channel, clock } = aChannel({
      script: { opens: [{ kind: 'late', delayMs: 500 }] },
    });
    const starting = manager.start('c');
    const refused = failureOf(starting);
    await clock.settle();

    await manager.stop('c');
    await clock.advance(1_000);
    await refused;
    expect(await refused).toSatisfy(ChannelSupersededError.is);

    expect(states).toEqual(['idle', 'connecting', 'draining', 'stopped']);
    expect(channel.session.hungUp).toEqual({ keepSession: false });
    expect(clock.pending).toBe(0);
  });

  it('gives up a try to connect that takes too long', async () => {
    const { manager, states, events, clock } = aChannel({
      script: { opens: [{ kind: 'hang' }] },
      definition: { restart: { connectTimeoutMs: 2_000, backoff: steadyBackoff } },
    });
    const started = manager.start();

    await clock.advance(2_000);

    expect(states).toEqual(['idle', 'connecting', 'backoff']);
    expect(events.at(-1)).toMatchObject({ type: 'channel.restarting', cause: 'connect-timeout' });
    await clock.advance(1_000);
    await started;
  });

  it('starts again after a stop that was still under way', async () => {
    const { handler, answer } = byHand();
    const { manager, states, channel, clock } = aChannel({ handler });
    await manager.start();
    channel.say('1');

    const stopped = manager.stop('c');
    const started = manager.start('c');
    answer('1');
    await clock.settle();
    await Promise.all([stopped, started]);

    expect(states.slice(3)).toEqual(['draining', 'stopped', 'connecting', 'running']);
  });

  it('stays stopped when the stop came last', async () => {
    const { handler, answer } = byHand();
    const { manager, states, channel, clock } = aChannel({ handler });
    await manager.start();
    channel.say('1');

    const first = manager.stop('c');
    const started = manager.start('c');
    const superseded = failureOf(started);
    const last = manager.stop('c');
    answer('1');
    await clock.settle();
    await Promise.all([first, last, superseded]);
    expect(await superseded).toSatisfy(ChannelSupersededError.is);

    expect(states.slice(3)).toEqual(['draining', 'stopped']);
    expect(clock.pending).toBe(0);
  });

  it('goes on when an observer of its state throws', async () => {
    const thrown: unknown[] = [];
    const { manager } = aChannel({ options: { onObserverError: (error) => thrown.push(error) } });
    manager.state$('c').subscribe(() => {
      throw new Error('mine');
    });

    await manager.start();

    expect(manager.isConnected('c')).toBe(true);
    expect(thrown).toHaveLength(1);
  });

  it('refuses options that make no sense, and names them', () => {
    const { manager, channel } = aChannel();
    const add = (options: object) => () => manager.add({ id: 'd', channel, ...options });

    expect(add({ id: '' })).toThrow(/id must/);
    expect(add({ id: 'c' })).toThrow(/already/);
    expect(add({ channel: undefined })).toThrow(/open\(\)/);
    expect(add({ queue: { concurrency: 0 } })).toThrow(/queue\.concurrency/);
    expect(add({ restart: { periodMs: Number.NaN } })).toThrow(/restart\.periodMs/);
    expect(add({ restart: { backoff: { factor: 0.5 } } })).toThrow(/restart\.backoff\.factor/);
    expect(add({ restart: { restart: 'always' } })).toThrow(/^restart\.restart must be one of/);
    expect(add({ restart: { backoff: { jitter: 'some' } } })).toThrow(/restart\.backoff\.jitter/);
    expect(add({ queue: { mode: 'fifo' } })).toThrow(/queue\.mode must be one of queue, collect/);
    expect(add({ queue: { overflow: 'drop' } })).toThrow(/queue\.overflow must be one of block/);
    expect(() => aChannel({ options: { strategy: 'all' as 'one-for-all' } })).toThrow(/strategy/);
    expect(add({ dependsOn: ['nobody'] })).toThrow(/nobody/);
    expect(() => manager.state('nobody')).toThrow(TypeError);
  });
});
