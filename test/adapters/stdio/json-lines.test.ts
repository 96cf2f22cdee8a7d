import { PassThrough } from 'node:stream';
import { type FrameError, jsonLinesChannel } from '@sluice/adapters/stdio';
import { type Channel, ChannelManager, messageId } from '@sluice/core';
import { channelContract, type ShownToPeer, VirtualClock } from '@sluice/core/testing';
import { describe, expect, it } from 'vitest';
import { APair } from './a-pair.ts';

describe('the channel of JSON lines', () => {
  it.each(channelContract)('$name', async ({ check }) => {
    const pair = new APair();
    const shown = (): ShownToPeer[] =>
      pair.frames.flatMap(({ type, text }) => {
        if (type !== 'delta' && type !== 'final' && type !== 'error') return [];
        return [{ kind: type, text: String(text) }];
      });
    let said = 0;

    await check({
      clock: new VirtualClock(),
      channel: jsonLinesChannel(pair),
      say: (text) => pair.say(aMessage(`m${(said += 1)}`, { text })),
      shown: async (count) => {
        await pair.until(() => shown().length >= count);
        return shown();
      },
      hangUp: () => void pair.input.end(),
    });
  });

  it('greets, answers in order, acknowledges, and ends with its input', async () => {
    const pair = new APair();
    await using channels = await serving(jsonLinesChannel(pair));

    pair.say(aMessage('1'));
    pair.say('{"type":"ping"}');
    pair.say(aMessage('2', { conversation: 'b' }));
    pair.input.end();
    await stopped(channels);

    expect(pair.frames[0]).toEqual({ type: 'hello', session: expect.any(String) as unknown });
    expect(pair.frames.filter(({ type }) => type === 'final').map(({ text }) => text)).toEqual([
      'stdio/main: text of 1',
      'stdio/b: text of 2',
    ]);
    expect(pair.frames).toContainEqual({ type: 'pong' });
    expect(pair.frames).toContainEqual({ type: 'ack', id: '2' });
    expect(pair.frames).toContainEqual({ type: 'done', replyTo: '2' });
    expect(channels.snapshot()[0]).toMatchObject({ received: 2, replied: 2 });
  });

  it('refuses lines that make no sense, and loses nothing beside them', async () => {
    const pair = new APair();
    const flaws: FrameError[] = [];
    const onBadFrame = (error: FrameError): void => void flaws.push(error);
    await using channels = await serving(
      jsonLinesChannel({ ...pair, maxLineBytes: 100, onBadFrame }),
    );

    pair.say(aMessage('1'));
    pair.say('a log line that went astray');
    pair.say('x'.repeat(300));
    pair.input.write(Buffer.from([0xff, 0xfe, 0x0a]));
    pair.say('{"type":"message","id":"3"}');
    pair.say(aMessage('2'));
    pair.say('{"type":"bye"}');
    await stopped(channels);

    expect(flaws.map(({ reason }) => reason)).toEqual([
      'not-json',
      'too-long',
      'not-text',
      'bad-field',
    ]);
    expect(pair.frames.filter(({ type }) => type === 'refused')).toHaveLength(4);
    expect(channels.snapshot()[0]).toMatchObject({ received: 2, replied: 2 });
  });

  it('takes no message that was on its way to an earlier session, so that it overtakes none', async () => {
    const pair = new APair();
    await using channels = await serving(jsonLinesChannel(pair));

    pair.say(aMessage('1', { session: 'an earlier one' }));
    pair.say(aMessage('2', { session: pair.frames[0]?.['session'] }));
    pair.say('{"type":"join"}');
    pair.input.end();
    await stopped(channels);

    expect(pair.frames).toContainEqual({ type: 'refused', reason: 'unavailable', id: '1' });
    expect(pair.frames.filter(({ type }) => type === 'hello')).toHaveLength(2);
    expect(channels.snapshot()[0]).toMatchObject({ received: 1, replied: 1 });
  });

  it('answers every line once, though it is swapped in the middle of one', async () => {
    const pair = new APair();
    await using channels = await serving(jsonLinesChannel(pair));
    const line = aMessage('2');
    pair.say(aMessage('1'));
    pair.input.write(line.slice(0, 10));
    await pair.until(() => pair.written.includes('final'));

    await channels.swap('stdio', {
      id: 'stdio',
      channel: jsonLinesChannel(pair),
      restart: { restart: 'transient' },
    });
    pair.input.end(`${line.slice(10)}\n`);
    await stopped(channels);

    const finals = pair.frames.filter(({ type }) => type === 'final');
    expect(finals.map(({ replyTo }) => replyTo)).toEqual(['1', '2']);
    expect(pair.frames.some(({ type }) => type === 'refused')).toBe(false);
  });

  it('waits while its output takes no more, and gives up when that closes', async () => {
    const pair = new APair();
    pair.output.pause();
    const signal = new AbortController().signal;
    const session = await jsonLinesChannel(pair).open({ signal, clock: new VirtualClock() });
    const body = { kind: 'final', text: 'x'.repeat(100_000) } as const;
    const to = { replyTo: messageId('1'), namespace: ['stdio', 'main'], part: 0, body };
    const sending = session.send(to, { signal }).catch((error: unknown) => error);
    let isSent = false;
    void sending.then(() => (isSent = true));
    await new Promise((resolve) => setImmediate(resolve));
    const before = isSent;

    pair.output.destroy();

    expect(before).toBe(false);
    expect(await sending).toMatchObject({ code: 'CHANNEL_SEND_FAILED' });
    await expect(session.send(to, { signal })).rejects.toMatchObject({ retryable: false });
    await session.close({ keepSession: false }, signal);
  });

  it('fails for good when whoever read its output is gone', async () => {
    const pair = new APair();
    const signal = new AbortController().signal;
    const session = await jsonLinesChannel(pair).open({ signal, clock: new VirtualClock() });

    pair.output.destroy(new Error('EPIPE'));

    expect(await session.closed).toMatchObject({
      kind: 'fatal',
      error: { code: 'CHANNEL_FAILED' },
    });
    await session.close({ keepSession: false }, signal);
  });

  it('does not open again behind the end of its input', async () => {
    const pair = new APair();
    await using channels = await serving(jsonLinesChannel(pair));
    pair.input.end();
    await stopped(channels);

    await expect(channels.start('stdio')).rejects.toMatchObject({ fatal: true, reason: 'ended' });
  });

  it('refuses a bound that makes no sense', () => {
    expect(() => jsonLinesChannel({ ...new APair(), maxLineBytes: 0 })).toThrow(/^maxLineBytes/);
  });
});

it('an input that breaks while nobody reads it ends the channel and not the process', async () => {
  const input = new PassThrough();
  const manager = new ChannelManager({ handler: () => new Promise(() => undefined) });
  const channel = jsonLinesChannel({ input, output: new PassThrough() });
  manager.add({ id: 'c', channel, queue: { capacity: 1, concurrency: 1 } });
  await manager.start();
  for (const id of ['1', '2']) {
    input.write(`${JSON.stringify({ type: 'message', id, text: id })}\n`);
  }
  await new Promise((resolve) => void setTimeout(resolve, 50)); // one runs, one waits: no room, so it is not read

  expect(() => input.emit('error', new Error('EIO'))).not.toThrow(); // as `destroy(error)` does
  await new Promise((resolve) => void setTimeout(resolve, 0));
  expect(manager.state('c').status).toBe('failed');
  await manager.stop();
});

function aMessage(id: string, more: object = {}): string {
  return JSON.stringify({ type: 'message', id, text: `text of ${id}`, ...more });
}

async function serving(channel: Channel): Promise<ChannelManager> {
  const channels = new ChannelManager({
    handler: ({ namespace, text }, { reply }) => reply.final(`${namespace.join('/')}: ${text}`),
  });
  channels.add({ id: 'stdio', channel, restart: { restart: 'transient' } });
  await channels.start();
  return channels;
}

function stopped(channels: ChannelManager): Promise<void> {
  return new Promise((resolve) => {
    channels.state$('stdio').subscribe(({ status }) => {
      if (status === 'stopped') resolve();
    });
  });
}
