import { terminalChannel } from '@sluice/adapters/stdio';
import { ChannelManager, type MessageHandler } from '@sluice/core';
import { channelContract, type ShownToPeer, VirtualClock } from '@sluice/core/testing';
import { describe, expect, it } from 'vitest';
import { APair } from './a-pair.ts';

describe('the terminal channel', () => {
  it.each(channelContract)('$name', async ({ check }) => {
    const pair = new APair();
    const writes: string[] = [];
    const write = pair.output.write.bind(pair.output);
    pair.output.write = (chunk: string) => {
      writes.push(chunk);
      return write(chunk);
    };

    await check({
      clock: new VirtualClock(),
      channel: terminalChannel({ ...pair, prompt: '' }),
      say: (text) => pair.say(text),
      shown: async (count) => {
        await pair.until(() => shownOf(writes).length >= count);
        return shownOf(writes);
      },
      hangUp: () => void pair.input.end(),
    });
  });

  it('asks, shows the reply while it grows, and asks again when it is whole', async () => {
    const pair = new APair();
    await using channels = await chatting(pair, async ({ text }, { reply }) => {
      reply.delta('You ');
      reply.delta('said');
      await reply.final(`You said: ${text}`);
    });

    pair.say('hello');
    await pair.until(() => pair.written.endsWith('\n> '));
    pair.input.end();
    await stopped(channels);

    expect(pair.written).toBe('> You said: hello\n> ');
  });

  it('begins anew where the reply is not what was shown of it', async () => {
    const pair = new APair();
    await using channels = await chatting(pair, async (_, { reply }) => {
      reply.delta('A first try');
      await Promise.resolve();
      await reply.final('Another');
    });

    pair.say('hello');
    await pair.until(() => pair.written.endsWith('\n> '));

    expect(pair.written).toBe('> A first try\nAnother\n> ');
    expect(channels.ids).toEqual(['terminal']);
  });

  it('leaves out blank lines, and asks again', async () => {
    const pair = new APair();
    const heard: string[] = [];
    await using channels = await chatting(pair, async ({ text }) => void heard.push(text));

    pair.say('');
    pair.say('   ');
    pair.say('hello\r');
    pair.input.end();
    await stopped(channels);

    expect(heard).toEqual(['hello']);
    expect(pair.written).toBe('> > > > ');
  });

  it('does not let a reply steer the terminal', async () => {
    const pair = new APair();
    await using channels = await chatting(pair, async (_, { reply }) => {
      reply.delta('\u001B[2J');
      await reply.final('\u001B[2J\u001B]0;owned\u0007red\u009B31m\r\tend\n');
    });

    pair.say('hello');
    await pair.until(() => pair.written.endsWith('\n> '));

    expect(pair.written).toBe('> [2J]0;ownedred31m\tend\n\n> ');
    expect(channels.ids).toEqual(['terminal']);
  });

  it('says that something went wrong, and nothing of what', async () => {
    const pair = new APair();
    await using channels = await chatting(pair, async (_, { reply }) => {
      reply.delta('Well');
      await Promise.resolve();
      throw new Error('secret detail');
    });

    pair.say('hello');
    await pair.until(() => pair.written.endsWith('\n> '));

    expect(pair.written).toBe('> Well\n! Something went wrong. Please try again.\n> ');
    expect(channels.ids).toEqual(['terminal']);
  });

  it('refuses a line that is too long, and takes the next', async () => {
    const pair = new APair();
    const heard: string[] = [];
    const handler: MessageHandler = async ({ text }) => void heard.push(text);
    await using channels = await chatting(pair, handler, 20);

    pair.say('x'.repeat(50));
    pair.say('hello');
    pair.input.end();
    await stopped(channels);

    expect(heard).toEqual(['hello']);
    expect(pair.written).toContain('! A line is longer than 20 bytes\n');
  });
});

/** A write is a delta, an error with its mark, or the last of a reply with its line feed. */
function shownOf(writes: readonly string[]): ShownToPeer[] {
  let grown = '';
  return writes
    .filter((text) => text !== '')
    .map((text): ShownToPeer => {
      if (text.startsWith('! ')) return { kind: 'error', text: text.slice(2, -1) };
      grown += text;
      if (!text.endsWith('\n')) return { kind: 'delta', text };
      const whole = grown.slice(0, -1);
      grown = '';
      return { kind: 'final', text: whole };
    });
}

async function chatting(
  pair: APair,
  handler: MessageHandler,
  maxLineBytes?: number,
): Promise<ChannelManager> {
  const channels = new ChannelManager({ handler });
  const channel = terminalChannel({ ...pair, maxLineBytes });
  channels.add({ id: 'terminal', channel, restart: { restart: 'transient' } });
  await channels.start();
  return channels;
}

function stopped(channels: ChannelManager): Promise<void> {
  return new Promise((resolve) => {
    channels.state$('terminal').subscribe(({ status }) => {
      if (status === 'stopped') resolve();
    });
  });
}
