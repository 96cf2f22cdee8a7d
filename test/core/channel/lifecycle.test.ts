import {
  ChannelFailedError,
  ChannelManager,
  type ChannelDefinition,
  type MessageHandler,
  seededRandom,
} from '@sluice/core';
import { ScriptedChannel, VirtualClock } from '@sluice/core/testing';
import { describe, expect, it } from 'vitest';

const echo: MessageHandler = async (message, { reply }) => reply.final(`re ${message.text}`);

function build(
  options: {
    handler?: MessageHandler;
    definition?: Partial<ChannelDefinition>;
    channel?: ScriptedChannel;
  } = {},
) {
  const clock = new VirtualClock();
  const channel = options.channel ?? new ScriptedChannel();
  const manager = new ChannelManager({
    handler: options.handler ?? echo,
    clock,
    random: seededRandom(1),
  });
  manager.add({ id: 'c', channel, ...options.definition });
  const states: string[] = [];
  manager.state$('c').subscribe(({ status }) => states.push(status));
  return { clock, channel, manager, states };
}

describe('the life of a channel', () => {
  it('goes from idle over connecting to running', async () => {
    const { manager, states } = build();

    await manager.start();

    expect(states).toEqual(['idle', 'connecting', 'running']);
  });

  it('answers a message', async () => {
    const { manager, channel, clock } = build();
    await manager.start();

    channel.say('1');
    await clock.settle();

    expect(channel.replies).toEqual(['re 1']);
  });

  it('drains and stops', async () => {
    const { manager, states, clock } = build();
    await manager.start();

    await manager.stop();

    expect(states).toEqual(['idle', 'connecting', 'running', 'draining', 'stopped']);
    expect(clock.pending).toBe(0);
  });

  it('fails for good on a fatal error', async () => {
    const error = new ChannelFailedError('bad token', { fatal: true });
    const { manager, states, clock } = build({
      channel: new ScriptedChannel({ opens: [{ kind: 'fail', error }] }),
    });

    await expect(manager.start()).rejects.toBe(error);

    expect(states).toEqual(['idle', 'connecting', 'failed']);
    expect(clock.pending).toBe(0);
  });

  it('restarts by hand', async () => {
    const { manager, states, channel } = build();
    await manager.start();

    await manager.restart('c', { cause: 'deploy' });

    expect(states.slice(3)).toEqual(['draining', 'connecting', 'running']);
    expect(channel.sessions).toHaveLength(2);
    expect(manager.state('c').generation).toBe(2);
  });

  it('backs off and reconnects when the connection breaks', async () => {
    const { manager, states, channel, clock } = build();
    await manager.start();

    channel.session.end({ kind: 'fault', error: new Error('reset') });
    await clock.advance(1_000);

    expect(states.slice(3)).toEqual(['backoff', 'connecting', 'running']);
  });

  it('swaps to another channel', async () => {
    const { manager, states, channel } = build();
    const next = new ScriptedChannel();
    await manager.start();

    await manager.swap('c', { id: 'c', channel: next });

    expect(states.slice(3)).toEqual(['handover', 'running']);
    expect(channel.session.hungUp).toEqual({ keepSession: true });
    expect(next.sessions).toHaveLength(1);
  });

  it('aborts a handler that never returns at the deadline', async () => {
    let aborted = false;
    const { manager, channel, clock, states } = build({
      handler: async (_, { signal }) => {
        signal.addEventListener('abort', () => {
          aborted = true;
        });
        await new Promise(() => undefined);
      },
    });
    await manager.start();
    channel.say('1');

    const stopped = manager.stop('c', { deadlineMs: 3_000 });
    await clock.advance(2_999);
    expect(states.at(-1)).toBe('draining');
    await clock.advance(1);
    await stopped;

    expect(aborted).toBe(true);
    expect(states.at(-1)).toBe('stopped');
    expect(clock.pending).toBe(0);
  });
});
