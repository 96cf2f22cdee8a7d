import { broadcastChannel, type FrameError, joinBroadcast } from '@sluice/adapters/broadcast';
import { type Channel, ChannelManager } from '@sluice/core';
import { channelContract, type ShownToPeer, VirtualClock } from '@sluice/core/testing';
import { afterEach, describe, expect, it } from 'vitest';

const lines: BroadcastChannel[] = [];
let names = 0;

afterEach(() => {
  for (const line of lines.splice(0)) line.close();
});

describe('the broadcast channel', () => {
  it.each(channelContract)('$name', async ({ check }) => {
    const name = aName();
    const line = aLine(name);
    const shown: ShownToPeer[] = [];
    const wakes = new Set<() => void>();
    line.addEventListener('message', (event) => {
      const { to, frame } = (event as MessageEvent<Heard>).data;
      const { type, text = '' } = frame ?? { type: 'none' };
      if (to !== 'peer') return;
      if (type !== 'delta' && type !== 'final' && type !== 'error') return;
      shown.push({ kind: type, text });
      for (const wake of wakes) wake();
    });
    let said = 0;

    await check({
      clock: new VirtualClock(),
      channel: broadcastChannel({ name }),
      say: (text) => {
        said += 1;
        line.postMessage(from('peer', { type: 'message', id: `m${said}`, text }));
      },
      shown: async (count) => {
        while (shown.length < count) await new Promise<void>((resolve) => wakes.add(resolve));
        return shown;
      },
    });
  });

  it('answers each of many peers what it asked, though they number their messages alike', async () => {
    const name = aName();
    await using channels = await serving(broadcastChannel({ name }));
    const heard: string[] = [];
    const peers = ['ann', 'bob'].map((peer) => {
      const line = aLine(name);
      const answered = new Promise<void>((resolve) => {
        line.addEventListener('message', (event) => {
          const { to, frame } = (event as MessageEvent<Heard>).data;
          if (to !== peer || frame?.type !== 'final') return;
          heard.push(`${peer} heard ${frame.text} for ${frame.replyTo}`);
          resolve();
        });
      });
      line.postMessage(from(peer, { type: 'message', id: '1', text: `from ${peer}` }));
      return answered;
    });

    await Promise.all(peers);

    expect(heard.toSorted()).toEqual([
      'ann heard broadcast/ann: from ann for 1',
      'bob heard broadcast/bob: from bob for 1',
    ]);
    expect(channels.snapshot()[0]).toMatchObject({ received: 2, replied: 2 });
  });

  it('answers what was asked before anybody was there', async () => {
    const name = aName();
    const peer = joinBroadcast({ name });
    const asked = peer.ask('early');

    await using channels = await serving(broadcastChannel({ name }));

    expect(await asked).toMatch(/^broadcast\/[0-9a-f]{32}: early$/);
    expect(channels.ids).toEqual(['tabs']);
    peer.close();
  });

  it('answers once what was asked while it was swapped for another', async () => {
    const name = aName();
    await using channels = await serving(broadcastChannel({ name }));
    const peer = joinBroadcast({ name });

    const swapped = channels.swap('tabs', { id: 'tabs', channel: broadcastChannel({ name }) });
    const replies = await Promise.all(['a', 'b', 'c'].map((text) => peer.ask(text)));
    await swapped;

    expect(replies.map((reply) => reply.slice(-1))).toEqual(['a', 'b', 'c']);
    expect(channels.snapshot()[0]).toMatchObject({ received: 3, replied: 3 });
    peer.close();
  });

  it('stays when one of its peers leaves', async () => {
    const name = aName();
    await using channels = await serving(broadcastChannel({ name }));
    const [leaving, staying] = [joinBroadcast({ name }), joinBroadcast({ name })];
    await leaving.ask('hello');

    leaving.close();

    expect(await staying.ask('still there?')).toMatch(/still there\?$/);
    expect(channels.state('tabs')).toMatchObject({ status: 'running', generation: 1 });
    staying.close();
  });

  it.each([
    ['a text', 'hello'],
    ['what another program says', { type: 'message', id: '1', text: 'hello' }],
    ['another version', { sluice: 2, from: 'peer', frame: { type: 'ping' } }],
    ['a name that is none', from('a peer', { type: 'ping' })],
    ['nobody', { sluice: 1, frame: { type: 'message', id: '1', text: 'hello' } }],
  ])('leaves alone what comes from %s', async (_, value) => {
    const name = aName();
    await using channels = await serving(broadcastChannel({ name }));
    const peer = joinBroadcast({ name });

    aLine(name).postMessage(value);

    expect(await peer.ask('after')).toMatch(/after$/);
    expect(channels.snapshot()[0]).toMatchObject({ received: 1, state: 'running' });
    peer.close();
  });

  it('refuses a frame that makes no sense, to its sender alone, and loses nothing beside it', async () => {
    const name = aName();
    const flaws: FrameError[] = [];
    const channel = broadcastChannel({ name, onBadFrame: (error) => void flaws.push(error) });
    await using channels = await serving(channel);
    const line = aLine(name);
    const refused = new Promise<Heard>((resolve) => {
      line.addEventListener('message', (event) => {
        const { data } = event as MessageEvent<Heard>;
        if (data.frame?.type === 'refused') resolve(data);
      });
    });
    const peer = joinBroadcast({ name });

    line.postMessage(from('rough', { type: 'message', id: '7', text: 7 }));

    expect(await refused).toMatchObject({ to: 'rough', frame: { reason: 'bad-field', id: '7' } });
    expect(flaws).toMatchObject([{ code: 'CHANNEL_BAD_FRAME', id: '7' }]);
    expect(await peer.ask('after')).toMatch(/after$/);
    expect(channels.snapshot()[0]).toMatchObject({ received: 1, generation: 1 });
    peer.close();
  });

  it('refuses options that make no sense', () => {
    expect(() => broadcastChannel({ name: '' })).toThrow(/^name must be/);
    expect(() => broadcastChannel({ name: 'a', maxTextLength: 0 })).toThrow(/^maxTextLength must/);
  });
});

/** What goes over the line, as a peer reads it. */
interface Heard {
  readonly to?: string;
  readonly frame?: { readonly type: string; readonly text?: string; readonly replyTo?: string };
}

function from(peer: string, frame: object): object {
  return { sluice: 1, from: peer, frame };
}

function aName(): string {
  names += 1;
  return `agents-${process.pid}-${names}`;
}

function aLine(name: string): BroadcastChannel {
  const line = new BroadcastChannel(name);
  lines.push(line);
  return line;
}

async function serving(channel: Channel): Promise<ChannelManager> {
  const channels = new ChannelManager({
    handler: ({ namespace, text }, { reply }) => reply.final(`${namespace.join('/')}: ${text}`),
  });
  channels.add({ id: 'tabs', channel });
  await channels.start();
  return channels;
}
