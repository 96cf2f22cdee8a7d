import type { ChannelDefinition, InboundMessage, MessageHandler } from '@sluice/core';
import { ScriptedChannel } from '@sluice/core/testing';
import { describe, expect, it } from 'vitest';
import { aChannel, byHand, echo } from './a-channel.ts';

const queue = (options: NonNullable<ChannelDefinition['queue']>) => ({ queue: options });

describe('the order of messages', () => {
  it('serves the next conversation while a slow one runs, and each in its order', async () => {
    const { handler, started, answer } = byHand();
    const { manager, channel, clock } = aChannel({ handler });
    await manager.start();

    channel.say('a1', 'a');
    channel.say('a2', 'a');
    channel.say('b1', 'b');
    await clock.settle();
    expect(started).toEqual(['a1', 'b1']);
    answer('a1');
    await clock.settle();

    expect(started).toEqual(['a1', 'b1', 'a2']);
  });

  it('runs at most as many handlers as it may, and serves the keys in the order of arrival', async () => {
    const { handler, started, answer } = byHand();
    const { manager, channel, clock } = aChannel({
      handler,
      definition: queue({ concurrency: 2 }),
    });
    await manager.start();

    for (const id of ['a1', 'b1', 'c1', 'a2', 'd1']) channel.say(id, id[0]);
    await clock.settle();
    expect(started).toEqual(['a1', 'b1']);
    answer('b1');
    await clock.settle();
    answer('a1');
    await clock.settle();

    expect(started).toEqual(['a1', 'b1', 'c1', 'd1']);
  });

  it('tells the sender when a handler fails, and goes on with the next message', async () => {
    const handler: MessageHandler = async (message, context) => {
      if (message.id === 'a1') throw new Error('password=hunter2');
      await echo(message, context);
    };
    const { manager, channel, clock, events } = aChannel({ handler });
    await manager.start();

    for (const id of ['a1', 'a2', 'b1']) channel.say(id, id[0]);
    await clock.settle();

    expect(channel.errors).toEqual(['Something went wrong. Please try again.']);
    expect(channel.replies.toSorted()).toEqual(['re a2', 're b1']);
    expect(events.filter(({ type }) => type === 'message.failed')).toHaveLength(1);
  });

  it('does not hold up a conversation behind another one whose handler never ends', async () => {
    const handler: MessageHandler = async (message, context) => {
      if (message.namespace[0] === 'slow') await new Promise(() => undefined);
      await echo(message, context);
    };
    const { manager, channel, clock } = aChannel({ handler });
    await manager.start();

    channel.say('s1', 'slow');
    for (let i = 0; i < 20; i += 1) channel.say(`f${i}`, 'fast');
    for (let i = 0; i < 10; i += 1) await clock.settle();

    expect(channel.replies).toHaveLength(20);
  });

  it('leaves no record of ten thousand conversations of one message each', async () => {
    const { manager, channel, clock } = aChannel({ definition: queue({ capacity: 10_000 }) });
    await manager.start();

    for (let i = 0; i < 10_000; i += 1) channel.say(`m${i}`, `n${i}`);
    for (let i = 0; channel.replies.length < 10_000 && i < 200; i += 1) await clock.settle();
    await clock.settle();

    expect(new Set(channel.replies).size).toBe(10_000);
    expect(manager.snapshot()[0]).toMatchObject({
      received: 10_000,
      replied: 10_000,
      queued: 0,
      running: 0,
    });
    expect(clock.pending).toBe(0);
  });

  it('gives a handler all that waits of a conversation as one, in order', async () => {
    const batches: string[][] = [];
    const texts: string[] = [];
    const { handler, answer } = byHand();
    const collecting: MessageHandler = async (message, context) => {
      batches.push(context.batch.map(({ id }) => id));
      texts.push(message.text);
      await handler(message, context);
    };
    const { manager, channel, clock, messageLog } = aChannel({
      handler: collecting,
      definition: queue({ mode: 'collect' }),
    });
    await manager.start();

    for (const id of ['a1', 'a2', 'a3', 'a4']) channel.say(id);
    answer('a1');
    await clock.settle();
    answer('a4');
    await clock.settle();

    expect(batches).toEqual([['a1'], ['a2', 'a3', 'a4']]);
    expect(texts).toEqual(['a1', 'a2\na3\na4']);
    expect(messageLog().filter((line) => line.startsWith('replied'))).toEqual([
      'replied a1',
      'replied a2',
      'replied a3',
      'replied a4',
    ]);
  });

  it('keeps only the newest that waits in mode latest', async () => {
    const { handler, started, answer } = byHand();
    const { manager, channel, clock, deadLetters } = aChannel({
      handler,
      definition: queue({ mode: 'latest' }),
    });
    await manager.start();

    for (const id of ['a1', 'a2', 'a3']) channel.say(id);
    answer('a1');
    await clock.settle();

    expect(started).toEqual(['a1', 'a3']);
    expect(deadLetters.map(({ message, reason }) => `${reason} ${message.id}`)).toEqual([
      'superseded a2',
    ]);
  });

  it('aborts what runs when a newer message interrupts it', async () => {
    const { handler, started, aborted, answer } = byHand();
    const { manager, channel, clock, messageLog } = aChannel({
      handler,
      definition: queue({ mode: 'interrupt' }),
    });
    await manager.start();

    channel.say('a1');
    channel.say('a2');
    await clock.settle();
    answer('a2');
    await clock.settle();

    expect([started, aborted]).toEqual([['a1', 'a2'], ['a1']]);
    expect(channel.errors).toEqual([]);
    expect(channel.replies).toEqual(['re a2']);
    expect(messageLog()).toContain('deadLettered a1');
  });

  it('runs all at once in mode parallel', async () => {
    const { handler, started } = byHand();
    const { manager, channel, clock } = aChannel({
      handler,
      definition: queue({ mode: 'parallel' }),
    });
    await manager.start();

    for (const id of ['a1', 'a2', 'b1']) channel.say(id, id[0]);
    await clock.settle();

    expect(started).toEqual(['a1', 'a2', 'b1']);
  });

  it('aborts the run of a message whose sender went away, and sends nothing', async () => {
    const { handler, aborted } = byHand();
    const { manager, channel, clock, messageLog } = aChannel({ handler });
    const sender = new AbortController();
    await manager.start();
    channel.say('a1', 'a', { signal: sender.signal });

    sender.abort(new Error('gone'));
    await clock.settle();

    expect(aborted).toEqual(['a1']);
    expect(channel.outputs).toEqual([]);
    expect(messageLog().at(-1)).toBe('failed a1');
  });

  it('does not begin a message whose sender went away while it waited', async () => {
    const { handler, started, answer } = byHand();
    const { manager, channel, clock } = aChannel({ handler });
    const sender = new AbortController();
    await manager.start();
    channel.say('a1');
    channel.say('a2', 'a', { signal: sender.signal });

    sender.abort(new Error('gone'));
    answer('a1');
    await clock.settle();

    expect(started).toEqual(['a1']);
    expect(channel.replies).toEqual(['re a1']);
  });
});

describe('too many messages', () => {
  const full = async (
    overflow: 'block' | 'reject' | 'drop-newest' | 'drop-oldest',
    channel = new ScriptedChannel(),
  ) => {
    const hands = byHand();
    const watched = aChannel({
      handler: hands.handler,
      channel,
      definition: queue({ capacity: 4, overflow, bufferSize: 1 }),
    });
    await watched.manager.start();
    watched.channel.say('running');
    for (const id of ['1', '2', '3', '4', '5']) watched.channel.say(id);
    await watched.clock.settle();
    return { ...watched, ...hands };
  };
  const deadOf = (
    letters: readonly { readonly message: InboundMessage; readonly reason: string }[],
  ) => letters.map(({ message, reason }) => `${reason} ${message.id}`);

  it('drops the one that waited longest under drop-oldest', async () => {
    const { deadLetters, channel } = await full('drop-oldest');

    expect(deadOf(deadLetters)).toEqual(['overflow 1']);
    expect(channel.errors).toEqual([]);
  });

  it('drops the one that came under drop-newest', async () => {
    const { deadLetters, channel } = await full('drop-newest');

    expect(deadOf(deadLetters)).toEqual(['overflow 5']);
    expect(channel.errors).toEqual([]);
  });

  it('refuses the one that came under reject, and tells its sender', async () => {
    const { deadLetters, channel } = await full('reject');

    expect(deadOf(deadLetters)).toEqual(['overflow 5']);
    expect(channel.errors).toEqual(['Too busy right now. Please try again later.']);
  });

  it('takes a refused message when it comes again and there is room', async () => {
    const { channel, answer, clock, started } = await full('reject');
    answer('running');
    await clock.settle();

    channel.say('5');
    for (const id of ['1', '2', '3', '4']) {
      answer(id);
      await clock.settle();
    }

    expect(started.at(-1)).toBe('5');
  });

  it('keeps what is pushed under block in a bounded buffer, then refuses', async () => {
    const { deadLetters, channel, answer, clock, started } = await full('block');
    expect(deadLetters).toEqual([]);

    channel.say('6');
    await clock.settle();
    expect(deadOf(deadLetters)).toEqual(['overflow 6']);
    for (const id of ['running', '1', '2', '3', '4']) {
      answer(id);
      await clock.settle();
    }

    expect(started).toEqual(['running', '1', '2', '3', '4', '5']);
  });

  it('holds back a channel that pushes and can wait, and loses nothing of it', async () => {
    const { handler, started, answer } = byHand();
    const channel = new ScriptedChannel({ canPause: true });
    const { manager, clock, deadLetters } = aChannel({
      handler,
      channel,
      definition: queue({ capacity: 2, bufferSize: 1 }),
    });
    await manager.start();
    const ids = Array.from({ length: 20 }, (_, i) => `${i}`);

    for (const id of ids) channel.say(id);
    await clock.settle();
    expect([started, channel.session.isPaused]).toEqual([['0'], true]);
    for (const id of ids) {
      answer(id);
      await clock.settle();
    }

    expect(started).toEqual(ids);
    expect([deadLetters, channel.session.isPaused]).toEqual([[], false]);
  });

  it('holds back a channel that pushes while it is paused by hand, and lets go of it for a stop', async () => {
    const channel = new ScriptedChannel({ canPause: true });
    const { manager, clock } = aChannel({ channel });
    await manager.start();

    manager.pause('c');
    channel.say('1');
    await clock.settle();
    const paused = [channel.session.isPaused, channel.replies];
    manager.resume('c');
    await clock.settle();
    expect([paused, channel.session.isPaused, channel.replies]).toEqual([
      [true, []],
      false,
      ['re 1'],
    ]);
    manager.pause('c');
    await manager.stop();

    expect(channel.session.isPaused).toBe(false);
  });

  it('holds nothing back where it was told to refuse', async () => {
    const channel = new ScriptedChannel({ canPause: true });
    const { deadLetters } = await full('reject', channel);

    expect([deadOf(deadLetters), channel.session.isPaused]).toEqual([['overflow 5'], false]);
  });

  it('ends a connection that cannot be held back though it says so', async () => {
    const channel = new ScriptedChannel({ canPause: true });
    const { manager, clock, states } = aChannel({ channel, definition: queue({ capacity: 1 }) });
    await manager.start();
    channel.session.pause = () => {
      throw new Error('broken');
    };

    manager.pause('c');
    await clock.settle();

    expect(states.at(-1)).toBe('backoff');
    await manager.stop();
  });

  it('does not ask a channel that is pulled from while there is no room', async () => {
    const { handler, started, answer } = byHand();
    const channel = new ScriptedChannel({ source: 'pull' });
    const { manager, clock } = aChannel({ handler, channel, definition: queue({ capacity: 2 }) });
    await manager.start();
    await clock.settle();
    for (const id of ['1', '2', '3', '4', '5']) channel.say(id);
    await clock.settle();
    expect(channel.session.receives).toBe(3);

    answer('1');
    await clock.settle();

    expect(channel.session.receives).toBe(4);
    expect(started).toEqual(['1', '2']);
  });

  it('keeps one conversation from filling the line of all', async () => {
    const { handler } = byHand();
    const { manager, channel, clock, deadLetters } = aChannel({
      handler,
      definition: queue({ capacityPerKey: 1, overflow: 'drop-newest' }),
    });
    await manager.start();

    for (const id of ['a1', 'a2', 'a3', 'b1', 'b2']) channel.say(id, id[0]);
    await clock.settle();

    expect(deadOf(deadLetters)).toEqual(['overflow a3']);
  });
});

describe('a message that comes twice', () => {
  it('is handled once within the window, and counts as new after it', async () => {
    const { manager, channel, clock, messageLog } = aChannel({
      definition: { dedupe: { ttlMs: 60_000 } },
    });
    await manager.start();

    channel.say('1');
    channel.say('1');
    await clock.advance(59_000);
    channel.say('1');
    await clock.settle();
    expect(channel.replies).toHaveLength(1);
    expect(messageLog().filter((line) => line.startsWith('duplicate'))).toHaveLength(2);
    await clock.advance(60_000);
    channel.say('1');
    await clock.settle();

    expect(channel.replies).toHaveLength(2);
  });

  it('is new each time when nothing is remembered', async () => {
    const { manager, channel, clock } = aChannel({ definition: { dedupe: false } });
    await manager.start();

    channel.say('1');
    channel.say('1');
    await clock.settle();

    expect(channel.replies).toHaveLength(2);
  });

  it('is handled anew, as a second attempt, when the first was given up by a stop', async () => {
    const attempts: number[] = [];
    const { manager, channel, clock } = aChannel({
      handler: async (_, { attempt }) => {
        attempts.push(attempt);
        if (attempt === 1) await new Promise(() => undefined);
      },
    });
    await manager.start();
    channel.say('1');
    await Promise.all([manager.stop(), clock.advance(5_000)]);
    await manager.start();

    channel.say('1');
    await clock.settle();

    expect(attempts).toEqual([1, 2]);
  });
});
