import { describe, expect, it } from 'vitest';
import {
  ChannelFailedError,
  ClientPool,
  createSluice,
  type InboundMessage,
  messageId,
} from '@sluice/core';
import { ScriptedChannel, ScriptedProvider, VirtualClock } from '@sluice/core/testing';
import { anEngine, eventsOf, settled } from './an-engine.ts';

describe('an engine', () => {
  it('starts nothing before it is told to', async () => {
    const { engine, clock, channel, provider } = anEngine();
    await settled(clock);

    expect(channel.dials).toBe(0);
    expect(provider.requests).toHaveLength(0);
    await engine.stop();
  });

  it('leaves no timer and no subscription when it is stopped', async () => {
    const { engine, clock, channel } = anEngine({ grant: ['fault.add'] });
    await engine.start();
    channel.say('m1');
    await settled(clock);
    const fault = {
      type: 'fault.add',
      pool: 'main',
      kind: 'cut',
      every: 9,
      forMs: 60_000,
    } as const;
    await engine.execute({ id: 'c1', by: 'ann', ...fault });

    await engine.stop();

    expect(clock.pending).toBe(0);
    expect(channel.session.isListening).toBe(false);
    expect(channel.session.hungUp).toBeDefined();
    expect(engine.clients.isClosed).toBe(true);
    expect(engine.snapshot().pools).toMatchObject([{ status: 'closed', stats: { size: 0 } }]);
  });

  it('answers what it accepted before it stops, and takes no more', async () => {
    const { engine, clock, channel, provider } = anEngine();
    await engine.start();
    provider.script({ pieces: ['late'], headersMs: 2_000 });
    channel.say('m1');
    await settled(clock);

    const stopping = engine.stop();
    channel.session.receive(aMessage('m2'));
    await clock.advance(2_000);
    await settled(clock);
    await stopping;

    expect(clock.now()).toBe(2_000);
    expect(channel.replies).toEqual(['late']);
    expect(provider.requests).toHaveLength(1);
  });

  it('ends at its deadline when an answer hangs, and aborts it', async () => {
    const { engine, clock, channel, provider } = anEngine();
    await engine.start();
    provider.script({ end: { kind: 'hang' } });
    channel.say('m1');
    await settled(clock);
    let stoppedAt: number | undefined;
    const stopping = engine.stop().then(() => (stoppedAt = clock.now()));

    await clock.advance(9_999);
    expect(stoppedAt).toBeUndefined();
    await clock.advance(1);
    await settled(clock);
    await stopping;

    expect(stoppedAt).toBe(10_000);
    expect(provider.aborted).toBe(1);
    expect(clock.pending).toBe(0);
  });

  it('ends soon after its deadline even when an aborted answer does not let go', async () => {
    const { engine, clock, channel, provider } = anEngine();
    await engine.start();
    provider.script({ pieces: ['half'], end: { kind: 'stall' }, cancelMs: 60_000 });
    channel.say('m1');
    await settled(clock);
    let stoppedAt: number | undefined;
    const stopping = engine.stop({ deadlineMs: 50 }).then(() => (stoppedAt = clock.now()));

    await clock.advance(200);
    await settled(clock);
    await stopping;

    expect(stoppedAt).toBeLessThanOrEqual(150);
  });

  it('is stopped by `await using`, also when something threw', async () => {
    const { engine, clock, channel } = anEngine();
    const work = async (): Promise<void> => {
      await using running = engine;
      await running.start();
      throw new Error('in the middle');
    };

    await expect(work()).rejects.toThrow('in the middle');

    expect(channel.session.hungUp).toBeDefined();
    expect(clock.pending).toBe(0);
  });

  it('tells that it starts, stops and has stopped', async () => {
    const { engine } = anEngine();
    const events = eventsOf(engine);

    await engine.start();
    await engine.stop();

    const ofEngine = events.filter(({ type }) => type.startsWith('engine.'));
    expect(ofEngine).toMatchObject([
      { type: 'engine.started', version: '0.0.0' },
      { type: 'engine.stopping' },
      { type: 'engine.stopped' },
    ]);
    expect(events.at(-1)?.type).toBe('engine.stopped');
  });

  it('stops once, however often it is asked', async () => {
    const { engine } = anEngine();
    const events = eventsOf(engine);
    await engine.start();

    await Promise.all([engine.stop(), engine.stop({ deadlineMs: 1 }), engine.stop()]);

    expect(events.filter(({ type }) => type === 'engine.stopping')).toHaveLength(1);
  });

  it('cannot be started again', async () => {
    const { engine } = anEngine();
    await engine.stop();

    await expect(engine.start()).rejects.toThrow('The engine was stopped: make another one');
  });

  it('tells which channel could not be started, while the others run', async () => {
    const { engine, clock, channel } = anEngine();
    const error = new ChannelFailedError('Bad credentials', { reason: 'fatal', fatal: true });
    const opens = [{ kind: 'fail', error } as const];
    engine.channels.add({ id: 'broken', channel: new ScriptedChannel({ opens }) });

    await expect(engine.start()).rejects.toBe(error);

    expect(engine.channels.isConnected('web')).toBe(true);
    expect(channel.dials).toBe(1);
    await engine.stop();
    expect(clock.pending).toBe(0);
  });

  it('refuses options that make no sense', () => {
    expect(() => anEngine({ agents: [] })).toThrow('An engine needs at least one agent');
    expect(() => anEngine({ routes: undefined })).toThrow('2 agents need routes');
    expect(() => anEngine({ stopDeadlineMs: Number.NaN })).toThrow('stopDeadlineMs must be');
    expect(() => anEngine({ routes: [{ kind: 'static', agent: 'x' }] })).toThrow('Rule 1 (static)');
  });

  it('does not share its client pool with another engine', async () => {
    const clock = new VirtualClock();
    const clients = new ClientPool({ providers: { main: new ScriptedProvider({ clock }) }, clock });
    const parts = { clients, channels: [], agents: [{ name: 'a', instructions: '' }], clock };
    const engine = createSluice(parts);

    expect(() => createSluice(parts)).toThrow('attached already');

    await engine.stop();
  });
});

function aMessage(id: string): InboundMessage {
  return { id: messageId(id), namespace: ['web'], text: id };
}
