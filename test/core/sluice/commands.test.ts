import { describe, expect, it } from 'vitest';
import type { SluiceCommand } from '@sluice/core/events';
import { anEngine, eventsOf, settled } from './an-engine.ts';

const ASKED = { id: 'c1', by: 'ann' } as const;
const GRANT = [
  'channel.restart',
  'channel.pause',
  'channel.resume',
  'channel.stop',
  'fault.add',
  'fault.remove',
  'pool.drain',
] as const;

const aFault = {
  type: 'fault.add',
  pool: 'main',
  kind: 'status',
  every: 1,
  value: 503,
  forMs: 1_000,
} as const;

describe('a command to an engine', () => {
  it('is refused unless the host granted its type, and leaves an event', async () => {
    const { engine, channel } = anEngine({ grant: ['channel.pause'] });
    await engine.start();
    const events = eventsOf(engine);

    const result = await engine.execute({ ...ASKED, type: 'channel.restart', channel: 'web' });

    expect(result).toEqual({
      ok: false,
      code: 'COMMAND_NOT_GRANTED',
      reason: 'channel.restart is not granted by the host',
    });
    expect(events).toMatchObject([
      { type: 'command.refused', command: 'c1', subject: 'web', by: 'ann', ...withoutOk(result) },
    ]);
    expect(channel.dials).toBe(1);
    await engine.stop();
  });

  it('grants nothing by default', async () => {
    const { engine } = anEngine();

    const result = await engine.execute({ ...ASKED, type: 'channel.stop', channel: 'web' });

    expect(result).toMatchObject({ ok: false, code: 'COMMAND_NOT_GRANTED' });
    expect(engine.snapshot().capabilities).toEqual([]);
    await engine.stop();
  });

  it('lets a channel that is restarted answer what it had accepted, however long models take', async () => {
    const { engine, clock, channel, provider } = anEngine({ grant: ['channel.restart'] });
    await engine.start();
    provider.script({ pieces: ['late'], headersMs: 20_000 });
    channel.say('m1');
    await settled(clock);

    await engine.execute({ ...ASKED, type: 'channel.restart', channel: 'web' });
    await clock.advance(20_000);
    await settled(clock);

    expect(channel.replies).toEqual(['late']);
    expect(engine.channels.isConnected('web')).toBe(true);
    await engine.stop();
  });

  it('restarts a channel: told first, then done by hand', async () => {
    const { engine, clock, channel } = anEngine({ grant: GRANT });
    await engine.start();
    const events = eventsOf(engine);

    const result = await engine.execute({ ...ASKED, type: 'channel.restart', channel: 'web' });
    await settled(clock);

    expect(result).toEqual({ ok: true });
    expect(channel.dials).toBe(2);
    expect(events[0]).toMatchObject({ type: 'command.accepted', commandType: 'channel.restart' });
    const states = events.flatMap((event) =>
      event.type === 'channel.transition' ? [`${event.to} by ${event.by}`] : [],
    );
    expect(states[0]).toBe('draining by hand');
    expect(engine.snapshot().channels).toMatchObject([
      { state: 'running', generation: 2, restarts: [{ by: 'hand' }] },
    ]);
    await engine.stop();
  });

  it('pauses, resumes and stops a channel', async () => {
    const { engine, clock } = anEngine({ grant: GRANT });
    await engine.start();
    const states: string[] = [];

    for (const type of ['channel.pause', 'channel.resume', 'channel.stop'] as const) {
      await engine.execute({ ...ASKED, type, channel: 'web' });
      await settled(clock);
      states.push(engine.channels.state('web').status);
    }

    expect(states).toEqual(['paused', 'running', 'stopped']);
    await engine.stop();
  });

  it('adds a fault that strikes, and removes it', async () => {
    const { engine, clock, channel } = anEngine({ grant: GRANT });
    await engine.start();
    const events = eventsOf(engine);

    await engine.execute({ ...ASKED, ...aFault });
    channel.say('m1');
    await settled(clock);
    await engine.execute({ ...ASKED, type: 'fault.remove', fault: 'fault-1' });
    channel.say('m2');
    await settled(clock);

    expect(channel.errors).toHaveLength(1);
    expect(channel.replies).toHaveLength(1);
    const ofFaults = events.filter(({ type }) => type.startsWith('fault.'));
    expect(ofFaults).toMatchObject([
      { type: 'fault.added', kind: 'status', by: 'ann' },
      { type: 'fault.removed', by: 'ann' },
    ]);
    await engine.stop();
  });

  it.each<[string, object]>([
    ['COMMAND_INVALID', { ...aFaultOf({ every: 0 }) }],
    ['COMMAND_INVALID', { ...aFaultOf({ forMs: 600_001 }) }],
    ['COMMAND_INVALID', { ...aFaultOf({ value: 200 }) }],
    ['COMMAND_INVALID', { ...aFaultOf({ pool: undefined }) }],
    ['COMMAND_INVALID', { type: 'channel.explode', channel: 'web' }],
    ['SUBJECT_UNKNOWN', { ...aFaultOf({ pool: 'unknown' }) }],
    ['SUBJECT_UNKNOWN', { ...aFaultOf({ pool: undefined, target: 'unknown/model' }) }],
    ['SUBJECT_UNKNOWN', { type: 'channel.pause', channel: 'unknown' }],
    ['SUBJECT_UNKNOWN', { type: 'fault.remove', fault: 'fault-9' }],
    ['COMMAND_UNSUPPORTED', { type: 'pool.drain', pool: 'main', deadlineMs: 5 }],
  ])('is refused with %s: %j', async (code, fields) => {
    const { engine } = anEngine({ grant: GRANT });
    await engine.start();
    const events = eventsOf(engine);

    const result = await engine.execute({ ...ASKED, ...fields } as SluiceCommand);

    expect(result).toMatchObject({ ok: false, code });
    expect(events).toMatchObject([{ type: 'command.refused', code }]);
    await engine.stop();
  });

  it('is refused once the engine stops', async () => {
    const { engine } = anEngine({ grant: GRANT });
    await engine.stop();

    const result = await engine.execute({ ...ASKED, type: 'channel.restart', channel: 'web' });

    expect(result).toMatchObject({ ok: false, code: 'ENGINE_STOPPED' });
  });

  it('whose work fails later harms nobody', async () => {
    const { engine, clock, channel } = anEngine({ grant: GRANT });
    await engine.start();
    channel.nextOpen({ kind: 'fail', error: new Error('gone') });

    const first = await engine.execute({ ...ASKED, type: 'channel.restart', channel: 'web' });
    const second = await engine.execute({ ...ASKED, type: 'channel.stop', channel: 'web' });
    await settled(clock);

    expect([first, second]).toEqual([{ ok: true }, { ok: true }]);
    await engine.stop();
  });
});

function aFaultOf(fields: object): object {
  return { ...aFault, ...fields };
}

function withoutOk({ ok: _ok, ...rest }: { readonly ok: boolean }): object {
  return rest;
}
