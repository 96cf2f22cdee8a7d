import {
  connectPort,
  type FrameError,
  messagePortChannel,
  PeerError,
} from '@sluice/adapters/message-port';
import { type Channel, ChannelManager } from '@sluice/core';
import { channelContract, type ShownToPeer, VirtualClock } from '@sluice/core/testing';
import { afterEach, describe, expect, it } from 'vitest';

const ports: MessagePort[] = [];

afterEach(() => {
  for (const port of ports.splice(0)) port.close();
});

it('an ask ends, also when the channel was swapped meanwhile', async () => {
  const { port1, port2 } = new MessageChannel();
  let ignore = (): void => undefined;
  const manager = new ChannelManager({
    handler: () =>
      new Promise<void>((resolve) => {
        ignore = resolve;
      }),
  });
  const channel = messagePortChannel({ port: port1 });
  manager.add({ id: 'c', channel });
  await manager.start();
  let told = 'nothing';
  connectPort(port2)
    .ask('hi')
    .catch((error: unknown) => {
      told = (error as Error).message;
    });
  const moment = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 50));
  await moment();
  await manager.swap('c', { id: 'c', channel });
  await moment();
  ignore();
  await moment();
  await manager.stop();
  port1.close();

  expect(told).toBe('Nobody answers this');
});

describe('the message port channel', () => {
  it.each(channelContract)('$name', async ({ check }) => {
    const { near, far } = twoEnds();
    const shown: ShownToPeer[] = [];
    const wakes = new Set<() => void>();
    far.addEventListener('message', ({ data }: MessageEvent<{ type: string; text: string }>) => {
      const { type, text } = data;
      if (type !== 'delta' && type !== 'final' && type !== 'error') return;
      shown.push({ kind: type, text });
      for (const wake of wakes) wake();
    });
    far.start();
    let said = 0;

    await check({
      clock: new VirtualClock(),
      channel: messagePortChannel({ port: near }),
      say: (text) => {
        said += 1;
        far.postMessage({ type: 'message', id: `m${said}`, text });
      },
      shown: async (count) => {
        while (shown.length < count) await new Promise<void>((resolve) => wakes.add(resolve));
        return shown;
      },
      hangUp: () => far.postMessage({ type: 'bye' }),
    });
  });

  it('answers a peer while the reply grows, each conversation in an order of its own', async () => {
    const { near, far } = twoEnds();
    await using channels = await serving(messagePortChannel({ port: near }));
    const peer = connectPort(far);
    const grown: string[] = [];

    const replies = await Promise.all([
      peer.ask('one', { onDelta: (text) => grown.push(text) }),
      peer.ask('two', { conversation: 'b', metadata: { lang: 'de' } }),
    ]);

    expect(replies).toEqual(['message-port/main: one', 'message-port/b: two']);
    expect(grown).toEqual(['message-port/main']);
    expect(channels.snapshot()[0]).toMatchObject({ received: 2, replied: 2 });
    peer.close();
  });

  it('answers what was asked while it was restarted, once', async () => {
    const { near, far } = twoEnds();
    await using channels = await serving(messagePortChannel({ port: near }));
    const peer = connectPort(far);
    await peer.ask('before');

    const restarted = channels.restart('port');
    const reply = await peer.ask('meanwhile');
    await restarted;

    expect(reply).toBe('message-port/main: meanwhile');
    expect(channels.snapshot()[0]).toMatchObject({ received: 2, replied: 2, generation: 2 });
    peer.close();
  });

  it.each([
    ['no object', 42, { reason: 'not-a-frame' }],
    ['an unknown type', { type: 'shout' }, { reason: 'not-a-frame' }],
    ['no text', { type: 'message', id: 'x', text: ' ' }, { reason: 'bad-field', id: 'x' }],
    ['an id that is none', { type: 'message', id: {}, text: 'hello' }, { reason: 'bad-field' }],
    [
      'too long a text',
      { type: 'message', id: 'x', text: 'a'.repeat(101) },
      { reason: 'too-long', id: 'x' },
    ],
    [
      'metadata that is none',
      { type: 'message', id: 'x', text: 'hello', metadata: { a: 1 } },
      { reason: 'bad-field', id: 'x' },
    ],
  ])('refuses a frame with %s, and loses nothing beside it', async (_, frame, refusal) => {
    const { near, far } = twoEnds();
    const flaws: FrameError[] = [];
    const onBadFrame = (error: FrameError): void => void flaws.push(error);
    const channel = messagePortChannel({ port: near, maxTextLength: 100, onBadFrame });
    await using channels = await serving(channel);
    const refused: unknown[] = [];
    far.addEventListener('message', ({ data }: MessageEvent<{ type: string }>) => {
      if (data.type === 'refused') refused.push(data);
    });
    const peer = connectPort(far);

    const first = peer.ask('first');
    far.postMessage(frame);
    const last = peer.ask('last');

    expect(await Promise.all([first, last])).toHaveLength(2);
    expect(refused).toEqual([{ type: 'refused', ...refusal }]);
    expect(flaws.map(({ reason, id, code }) => ({ reason, id, code }))).toEqual([
      { id: undefined, ...refusal, code: 'CHANNEL_BAD_FRAME' },
    ]);
    expect(channels.state('port')).toMatchObject({ status: 'running', generation: 1 });
    peer.close();
  });

  it.each([
    ['was given, since it cannot be had again', false, 'failed'],
    ['is made for each connection, and makes another', true, 'backoff'],
  ])('notices that the other end of a port is gone which %s', async (_, isMade, status) => {
    const { near, far } = twoEnds();
    const channels = new ChannelManager({ handler: async () => undefined });
    channels.add({ id: 'port', channel: messagePortChannel({ port: isMade ? () => near : near }) });
    await channels.start();

    far.close();
    const reached = await new Promise((resolve) => {
      channels.state$('port').subscribe((state) => {
        if (state.status !== 'running') resolve(state.status);
      });
    });
    await channels.stop();

    expect(reached).toBe(status);
  });

  it('ends a peer that no longer answers, as a zombie', async () => {
    const { near } = twoEnds();
    const clock = new VirtualClock();
    const channels = new ChannelManager({ clock, handler: async () => undefined });
    channels.add({ id: 'port', channel: messagePortChannel({ port: near, heartbeatMs: 1_000 }) });
    await channels.start();

    await clock.advance(2_000);

    expect(channels.state('port')).toMatchObject({
      status: 'backoff',
      lastError: { code: 'CHANNEL_FAILED' },
    });
    expect(channels.snapshot()[0]?.restarts).toMatchObject([{ cause: 'zombie' }]);
    await channels.stop();
    expect(clock.pending).toBe(0);
  });

  it('tells a peer that nobody answers it, and why it failed', async () => {
    const { near, far } = twoEnds();
    await using channels = await serving(messagePortChannel({ port: near }), async (text) => {
      if (text === 'fail') throw new Error('secret detail');
      return undefined;
    });
    const peer = connectPort(far);

    const ignored = await peer.ask('ignore').catch((error: unknown) => error);
    const failed = await peer.ask('fail').catch((error: unknown) => error);

    expect(ignored).toMatchObject({ code: 'PEER_FAILED', reason: 'ignored' });
    expect(failed).toMatchObject({ reason: 'failed' });
    expect(String(failed)).not.toContain('secret');
    expect(channels.ids).toEqual(['port']);
    peer.close();
  });

  it('tells a peer why its message was refused, and that too many wait', async () => {
    const { near, far } = twoEnds();
    const channel = messagePortChannel({ port: near, maxTextLength: 10 });
    await using channels = await serving(channel, () => new Promise(() => undefined));
    const peer = connectPort(far);

    const tooLong = await peer.ask('a'.repeat(11)).catch((error: unknown) => error);
    const waiting = Array.from({ length: 100 }, () => peer.ask('a').catch(() => 'closed'));
    const tooMany = await peer.ask('one more').catch((error: unknown) => error);
    peer.close();

    expect(tooLong).toMatchObject({ reason: 'too-long', retryable: false });
    expect(tooMany).toMatchObject({ reason: 'full', retryable: true });
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['closed']));
    await channels.stop('port', { deadlineMs: 0 });
  });

  it('tells everybody who still waits that this end was closed, and passes an abort on', async () => {
    const { far } = twoEnds();
    const peer = connectPort(far);
    const gaveUp = new AbortController();

    const waiting = peer.ask('hello').catch((error: unknown) => error);
    const aborted = peer.ask('hello', { signal: gaveUp.signal }).catch((error: unknown) => error);
    gaveUp.abort('enough');
    peer.close();

    expect(PeerError.is(await waiting)).toBe(true);
    expect(await aborted).toBe('enough');
    await expect(peer.ask('again')).rejects.toMatchObject({ reason: 'closed' });
  });

  it('refuses options that make no sense', () => {
    const { near } = twoEnds();

    expect(() => messagePortChannel({ port: {} as MessagePort })).toThrow(/^port must be/);
    expect(() => messagePortChannel({ port: near, heartbeatMs: 0 })).toThrow(/^heartbeatMs must/);
    expect(() => messagePortChannel({ port: near, maxTextLength: -1 })).toThrow(/^maxTextLength/);
  });
});

function twoEnds(): { readonly near: MessagePort; readonly far: MessagePort } {
  const { port1: near, port2: far } = new MessageChannel();
  ports.push(near, far);
  return { near, far };
}

/** A manager that runs one channel and answers with the namespace and the text, unless `answer` says otherwise. */
async function serving(
  channel: Channel,
  answer?: (text: string) => Promise<string | undefined>,
): Promise<ChannelManager> {
  const channels = new ChannelManager({
    handler: async ({ namespace, text }, { reply }) => {
      if (answer !== undefined) {
        const said = await answer(text);
        return said === undefined ? undefined : reply.final(said);
      }
      reply.delta(namespace.join('/'));
      await reply.final(`${namespace.join('/')}: ${text}`);
    },
  });
  channels.add({ id: 'port', channel });
  await channels.start();
  return channels;
}
