import { websocketChannel } from '@sluice/adapters/websocket';
import { ChannelManager, type MessageHandler, systemClock } from '@sluice/core';
import { channelContract, type ShownToPeer } from '@sluice/core/testing';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { AHub, type HubFrame } from '../support/a-hub.ts';

const sockets = {
  "the runtime's own socket": undefined,
  'a socket of ws': (url: string) => new WebSocket(url, { perMessageDeflate: false }),
};

describe.each(Object.entries(sockets))('the WebSocket channel over %s', (_, connect) => {
  it.each(channelContract)('$name', async ({ check }) => {
    await using hub = await AHub.listen();
    let said = 0;

    await check({
      clock: systemClock,
      channel: websocketChannel({ url: hub.url, connect }),
      say: (text) => hub.sendRaw(JSON.stringify({ type: 'message', id: `${(said += 1)}`, text })),
      shown: async (count) => {
        await hub.until(() => shownOf(hub.frames).length >= count);
        return shownOf(hub.frames);
      },
      hangUp: () => hub.hangUp(1000),
    });
  });

  it('connects again after a crash, and acknowledges what was answered', async () => {
    await using hub = await AHub.listen();
    await using channels = await serving(hub, connect);
    hub.ask({ id: '1', text: 'before', conversation: 'a' });
    await hub.until(() => hub.answers.length === 1);

    hub.crash();
    await hub.until(() => hub.connections === 2);
    hub.ask({ id: '2', text: 'after', conversation: 'a' });
    await hub.until(() => hub.frames.some(({ type, id }) => type === 'ack' && id === '2'));

    expect(hub.answers.map(({ text }) => text)).toEqual(['re: before', 're: after']);
    expect(channels.snapshot()[0]).toMatchObject({ received: 2, replied: 2, generation: 2 });
  });
});

it('gives up where nobody lets it in, and says nothing of the address', async () => {
  await using hub = await AHub.listen();
  const channels = new ChannelManager({ handler: async () => undefined });
  const channel = websocketChannel({ url: `${hub.url}/?key=secret`, fatalCodes: [4401] });
  channels.add({ id: 'hub', channel });
  await channels.start();

  hub.hangUp(4401);
  const failed = await new Promise((resolve) => {
    channels.state$('hub').subscribe((state) => {
      if (state.status === 'failed') resolve(state);
    });
  });

  expect(failed).toMatchObject({ reason: 'fatal', lastError: { code: 'CHANNEL_FAILED' } });
  expect(JSON.stringify(channels.snapshot())).not.toContain('secret');
});

function shownOf(frames: readonly HubFrame[]): ShownToPeer[] {
  return frames.flatMap(({ type, text }): ShownToPeer[] => {
    if (type !== 'delta' && type !== 'final' && type !== 'error') return [];
    return [{ kind: type, text: String(text) }];
  });
}

async function serving(
  hub: AHub,
  connect: ((url: string) => WebSocket) | undefined,
): Promise<ChannelManager> {
  const handler: MessageHandler = ({ text }, { reply }) => reply.final(`re: ${text}`);
  const channels = new ChannelManager({ handler });
  const channel = websocketChannel({ url: hub.url, connect, confirm: true });
  channels.add({ id: 'hub', channel, restart: { backoff: { baseMs: 5 } } });
  await channels.start();
  return channels;
}
