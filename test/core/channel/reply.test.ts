import { HandlerTimeoutError, type MessageHandler, SendError } from '@sluice/core';
import type { ScriptedSend, VirtualClock } from '@sluice/core/testing';
import { describe, expect, it } from 'vitest';
import { aChannel, byHand, steadyBackoff, taking } from './a-channel.ts';

const typingTimes = (outputs: readonly { readonly type: string }[]) =>
  outputs.filter(({ type }) => type === 'typing').length;

/** Fails the first sends with these errors, in order. */
const failing = (...errors: Error[]): ScriptedSend => {
  const left = [...errors];
  return () => {
    const error = left.shift();
    if (error !== undefined) throw error;
  };
};

describe('typing', () => {
  const typing = { capabilities: { typingMs: 8_000 } };

  it('is said at 0, 8, 16 and 24 seconds of a handler that takes 25, and never after the reply', async () => {
    const { manager, channel, clock } = aChannel({
      handler: taking(() => clock, 25_000),
      script: typing,
    });
    await manager.start();
    const counts: number[] = [];

    channel.say('1');
    for (const ms of [0, 7_999, 1, 8_000, 8_000, 1_000, 60_000]) {
      await clock.advance(ms);
      counts.push(typingTimes(channel.outputs));
    }

    expect(counts).toEqual([1, 1, 2, 3, 4, 4, 4]);
    expect(channel.replies).toEqual(['re 1']);
    expect(clock.pending).toBe(0);
  });

  it('ends with a handler that throws, and with one that says nothing', async () => {
    const handler: MessageHandler = async ({ id }) => {
      if (id === '1') throw new Error('broken');
    };
    const { manager, channel, clock, messageLog } = aChannel({ handler, script: typing });
    await manager.start();

    channel.say('1', 'a');
    channel.say('2', 'b');
    await clock.advance(60_000);

    expect(typingTimes(channel.outputs)).toBe(2);
    expect(
      messageLog()
        .filter((line) => /failed|ignored/.test(line))
        .toSorted(),
    ).toEqual(['failed 1', 'ignored 2']);
    expect(clock.pending).toBe(0);
  });

  it('goes on by the next connection when the one it was said by broke', async () => {
    const { manager, channel, clock } = aChannel({
      handler: taking(() => clock, 40_000),
      script: typing,
      definition: { restart: { backoff: { ...steadyBackoff, baseMs: 10_000 } } },
    });
    await manager.start();
    channel.say('1');

    channel.session.end({ kind: 'fault', error: new Error('reset') });
    await clock.advance(9_000); // due while there is no connection
    const before = typingTimes(channel.outputs);
    await clock.advance(60_000);

    expect([before, typingTimes(channel.outputs)]).toEqual([1, 4]); // at 0; then 16, 24 and 32 seconds
    expect(channel.replies).toEqual(['re 1']);
    expect(clock.pending).toBe(0);
  });

  it('that cannot be said at all harms nothing', async () => {
    const { manager, channel, clock } = aChannel({ script: typing });
    await manager.start();
    channel.session.typing = () => {
      throw new TypeError('not now');
    };

    channel.say('1');
    await clock.settle();

    expect(channel.replies).toEqual(['re 1']);
  });

  it('stops when the handler says so', async () => {
    const { manager, channel, clock } = aChannel({
      handler: async (_, context) => {
        context.typing.stop();
        await new Promise<void>((resolve) => void clock.after(60_000, resolve));
      },
      script: typing,
    });
    await manager.start();

    channel.say('1');
    await clock.advance(60_000);

    expect(typingTimes(channel.outputs)).toBe(1);
  });
});

describe('a handler that hangs', () => {
  /** Never ends for `hang`, echoes the rest, and tells what it was told. */
  function hanging(): { readonly handler: MessageHandler; readonly reasons: unknown[] } {
    const reasons: unknown[] = [];
    const handler: MessageHandler = async ({ text }, { reply, signal }) => {
      signal.addEventListener('abort', () => reasons.push(signal.reason));
      if (text === 'hang') await new Promise(() => undefined);
      await reply.final(`re ${text}`);
    };
    return { handler, reasons };
  }

  it('is told to stop after ten minutes; its sender is told, and the next message has its turn', async () => {
    const { handler, reasons } = hanging();
    const { manager, channel, clock, events, messageLog } = aChannel({ handler });
    await manager.start();

    channel.say('1', 'a', { text: 'hang' });
    channel.say('2', 'a', { text: 'next' });
    await clock.advance(599_999);
    const before = [...channel.replies];
    await clock.advance(1);

    expect(before).toEqual([]);
    expect(channel.replies).toEqual(['re next']);
    expect(channel.outputs.filter(({ type }) => type === 'error')).toHaveLength(1);
    expect(messageLog().filter((line) => /failed|replied/.test(line))).toEqual([
      'failed 1',
      'replied 2',
    ]);
    expect(reasons).toEqual([expect.any(HandlerTimeoutError)]);
    expect(reasons[0]).toMatchObject({ timeoutMs: 600_000, code: 'CHANNEL_HANDLER_TIMEOUT' });
    expect(events.find(({ type }) => type === 'message.failed')).toMatchObject({
      error: { code: 'CHANNEL_HANDLER_TIMEOUT' },
    });
    expect(clock.pending).toBe(0);
  });

  it('says nothing any more, when it comes back late', async () => {
    const late: unknown[] = [];
    const { manager, channel, clock } = aChannel({
      options: { handlerTimeoutMs: 1_000 },
      handler: async (_, { reply }) => {
        await new Promise<void>((resolve) => void clock.after(5_000, resolve));
        reply.delta('late');
        await reply.final('late').catch((error: unknown) => late.push(error));
      },
    });
    await manager.start();

    channel.say('1');
    await clock.advance(10_000);

    expect(channel.outputs.map(({ type }) => type)).toEqual(['error']);
    expect(late).toEqual([expect.any(HandlerTimeoutError)]);
  });

  it('counts as one that has ended, when it has answered', async () => {
    const { manager, channel, clock, messageLog } = aChannel({
      options: { handlerTimeoutMs: 1_000 },
      handler: async ({ text }, { reply }) => {
        await reply.final(`re ${text}`);
        await new Promise(() => undefined);
      },
    });
    await manager.start();

    channel.say('1');
    channel.say('2');
    await clock.advance(2_000);

    expect(channel.replies).toEqual(['re 1', 're 2']);
    expect(messageLog().slice(-3)).toEqual(['replied 1', 'started 2', 'replied 2']);
  });

  it('is not the one to blame when its reply waits for a connection', async () => {
    const { manager, channel, clock, messageLog } = aChannel({
      options: { handlerTimeoutMs: 1_000 },
      definition: { restart: { backoff: { ...steadyBackoff, baseMs: 10_000 } } },
      handler: taking(() => clock, 500),
    });
    await manager.start();

    channel.say('1');
    channel.session.end({ kind: 'fault', error: new Error('reset') });
    await clock.advance(60_000);

    expect(channel.replies).toEqual(['re 1']);
    expect(messageLog().at(-1)).toBe('replied 1');
  });

  it('says nothing to a sender who has left, or after the channel was stopped', async () => {
    const { handler } = hanging();
    const { manager, channel, clock, messageLog } = aChannel({
      handler,
      options: { handlerTimeoutMs: 60_000 },
    });
    await manager.start();

    channel.say('1', 'a', { text: 'hang' });
    await clock.settle();
    const stopping = manager.stop(undefined, { deadlineMs: 1_000 });
    await clock.advance(1_000);
    await stopping;
    await clock.advance(60_000);

    expect(channel.outputs).toEqual([]);
    expect(messageLog().at(-1)).toBe('deadLettered 1');
    expect(clock.pending).toBe(0);
  });

  it.each([-1, Number.NaN, Infinity])('cannot be waited for %d ms', (handlerTimeoutMs) => {
    expect(() => aChannel({ options: { handlerTimeoutMs } })).toThrow(TypeError);
  });
});

describe('a reply', () => {
  it('of 4,500 characters goes out in three parts of at most 2,000, in order', async () => {
    const text = Array.from({ length: 900 }, (_, i) => `w${String(i).padStart(3, '0')} `).join('');
    const { manager, channel, clock } = aChannel({
      handler: async (_, { reply }) => reply.final(text),
      script: { capabilities: { maxLength: 2_000 } },
    });
    await manager.start();

    channel.say('1');
    await clock.settle();

    expect(channel.replies).toHaveLength(3);
    expect(channel.replies.join('')).toBe(text);
    for (const part of channel.replies) expect(part.length).toBeLessThanOrEqual(2_000);
    const parts = channel.outputs.flatMap((o) => (o.type === 'send' ? [o.message.part] : []));
    expect(parts).toEqual([0, 1, 2]);
  });

  it('is tried again after the time that the peer asks for, and keeps the order of what follows', async () => {
    const { manager, channel, clock } = aChannel({
      handler: async ({ text }, { reply }) => reply.final(`${text} one two`),
      script: {
        capabilities: { maxLength: 8 },
        onSend: failing(new SendError('429', { retryAfterMs: 2_000 })),
      },
    });
    await manager.start();

    channel.say('1', 'a');
    await clock.advance(1_999);
    expect(channel.replies).toEqual([]);
    await clock.advance(1);

    expect(channel.replies.join('')).toBe('1 one two');
    const keys = channel.outputs.flatMap((o) => (o.type === 'send' ? [o.key] : []));
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('uses one idempotency key for all tries of a piece', async () => {
    const keys: (string | undefined)[] = [];
    const errors = [new Error('reset'), new Error('reset')];
    const { manager, channel, clock } = aChannel({
      script: {
        onSend: (_, { idempotencyKey }) => {
          keys.push(idempotencyKey);
          const error = errors.shift();
          if (error !== undefined) throw error;
        },
      },
    });
    await manager.start();

    channel.say('1');
    await clock.advance(60_000);

    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
    expect(channel.replies).toEqual(['re 1']);
  });

  it('is a dead letter after a bounded number of tries', async () => {
    let tries = 0;
    const { manager, channel, clock, deadLetters, events } = aChannel({
      script: {
        onSend: () => {
          tries += 1;
          throw new Error('reset');
        },
      },
      definition: { outbox: { maxAttempts: 4 } },
    });
    await manager.start();

    channel.say('1');
    await clock.advance(120_000);

    expect(tries).toBe(4);
    expect(deadLetters.map(({ reason, message }) => `${reason} ${message.id}`)).toEqual([
      'send-failed 1',
    ]);
    expect(events.filter(({ type }) => type === 'send.failed')).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  it('is not tried again when trying cannot help, and the handler hears of it', async () => {
    const refused = new SendError('blocked', { retryable: false });
    const heard: unknown[] = [];
    const { manager, channel, clock, messageLog } = aChannel({
      handler: async (_, { reply }) => {
        await reply.final('x').catch((error: unknown) => heard.push(error));
      },
      script: { onSend: failing(refused) },
    });
    await manager.start();

    channel.say('1');
    await clock.settle();

    expect(heard).toEqual([refused]);
    expect(messageLog().at(-1)).toBe('deadLettered 1');
  });

  it('does not wait behind one to somebody else', async () => {
    const { manager, channel, clock } = aChannel({
      script: {
        onSend: async ({ namespace }) => {
          if (namespace[0] === 'stuck') await new Promise(() => undefined);
        },
      },
    });
    await manager.start();

    channel.say('1', 'stuck');
    channel.say('2', 'free');
    await clock.settle();

    expect(channel.replies).toEqual(['re 2']);
  });

  it('waits for the next connection when the one it came by broke', async () => {
    const { handler, answer } = byHand();
    const { manager, channel, clock, states } = aChannel({ handler });
    await manager.start();
    channel.say('1');
    channel.session.end({ kind: 'fault', error: new Error('reset') });
    answer('1');
    await clock.settle();
    expect([states.at(-1), channel.replies]).toEqual(['backoff', []]);

    await clock.advance(1_000);

    expect(channel.replies).toEqual(['re 1']);
    expect(channel.outputs).toMatchObject([{ session: 1 }]);
  });

  it('shows the sender the configured text and nothing of an internal error', async () => {
    const { manager, channel, clock, events } = aChannel({
      handler: async () => {
        throw new Error('cannot reach postgres://root:hunter2@db');
      },
      options: { errorText: 'Sorry!' },
    });
    await manager.start();

    channel.say('1');
    await clock.settle();

    expect(channel.errors).toEqual(['Sorry!']);
    expect(JSON.stringify(channel.outputs)).not.toContain('hunter2');
    expect(JSON.stringify(events)).not.toContain('hunter2');
  });

  it('can be an error text of the handler itself, whose cause only observers see', async () => {
    const { manager, channel, clock, events } = aChannel({
      handler: async (_, { reply }) => reply.error('No such room', new TypeError('room 7')),
    });
    await manager.start();

    channel.say('1');
    await clock.settle();

    expect(channel.errors).toEqual(['No such room']);
    expect(events.at(-1)).toMatchObject({ type: 'message.failed', error: { name: 'TypeError' } });
  });

  it('is given once: a second one is a mistake of the handler', async () => {
    const { manager, channel, clock, messageLog } = aChannel({
      handler: async (_, { reply }) => {
        await reply.final('one');
        await reply.final('two');
      },
    });
    await manager.start();

    channel.say('1');
    await clock.settle();

    expect(channel.replies).toEqual(['one']);
    expect(channel.errors).toEqual([]);
    expect(messageLog().at(-1)).toBe('failed 1');
  });

  it('gives a message up when the handler says so, with or without a notice', async () => {
    const { manager, channel, clock, deadLetters } = aChannel({
      handler: async (message, context) => {
        context.deadLetter('unroutable');
        if (message.id === '2') await context.reply.final('Nobody is here');
      },
    });
    await manager.start();

    channel.say('1');
    channel.say('2');
    await clock.settle();

    expect(deadLetters.map(({ reason }) => reason)).toEqual(['unroutable', 'unroutable']);
    expect(channel.replies).toEqual(['Nobody is here']);
  });

  it('tells the session of every message of which nothing more comes', async () => {
    const { manager, channel, clock } = aChannel({
      handler: async ({ id }, { reply }) => {
        if (id === '1') await reply.final('x');
        if (id === '2') throw new Error('broken');
      },
    });
    await manager.start();

    for (const id of ['1', '2', '3']) channel.say(id, id);
    await clock.settle();

    expect(channel.session.finished.toSorted()).toEqual(['1', '2', '3']);
  });
});

describe('a growing reply', () => {
  const inPieces: MessageHandler = async (_, { reply }) => {
    for (const piece of ['Hel', 'lo ', 'you']) reply.delta(piece);
    await reply.final('Hello you', { inputTokens: 1, outputTokens: 2 });
  };

  it('is shown piece by piece where the channel can, and then whole', async () => {
    const { manager, channel, clock } = aChannel({
      handler: inPieces,
      script: { capabilities: { streaming: true } },
    });
    await manager.start();

    channel.say('1');
    await clock.settle();

    const bodies = channel.outputs.flatMap((o) => (o.type === 'send' ? [o.message.body] : []));
    const deltas = bodies.filter(({ kind }) => kind === 'delta').map(({ text }) => text);
    expect(deltas.join('')).toBe('Hello you');
    expect(bodies.at(-1)).toEqual({
      kind: 'final',
      text: 'Hello you',
      usage: { inputTokens: 1, outputTokens: 2 },
    });
  });

  it('is not shown where the channel cannot', async () => {
    const { manager, channel, clock } = aChannel({ handler: inPieces });
    await manager.start();

    channel.say('1');
    await clock.settle();

    expect(channel.outputs).toHaveLength(1);
  });

  it('still arrives whole when its pieces could not be shown', async () => {
    const { manager, channel, clock } = aChannel({
      handler: inPieces,
      script: {
        capabilities: { streaming: true },
        onSend: ({ body }) => {
          if (body.kind === 'delta') throw new Error('too fast');
        },
      },
    });
    await manager.start();

    channel.say('1');
    await clock.settle();

    expect(channel.replies).toEqual(['Hello you']);
  });

  it('of 100 pieces in 5 seconds is one post, at most 5 timed edits, and one final edit', async () => {
    const streaming =
      (clock: () => VirtualClock): MessageHandler =>
      async (_, { reply }) => {
        let text = '';
        for (let i = 0; i < 100; i += 1) {
          await new Promise<void>((resolve) => void clock().after(50, resolve));
          reply.delta(`${i} `);
          text += `${i} `;
        }
        await reply.final(text);
      };
    const { manager, channel, clock } = aChannel({
      handler: streaming(() => clock),
      script: { capabilities: { edits: { intervalMs: 1_000 } } },
    });
    await manager.start();

    channel.say('1');
    await clock.advance(10_000);

    const posts = channel.outputs.filter(({ type }) => type === 'send');
    const edits = channel.outputs.flatMap((o) => (o.type === 'edit' ? [o.text] : []));
    expect(posts).toHaveLength(1);
    expect(edits.length).toBeGreaterThan(2);
    expect(edits.length).toBeLessThanOrEqual(6);
    expect(edits.at(-1)).toBe(Array.from({ length: 100 }, (_, i) => `${i} `).join(''));
    expect(new Set(edits).size).toBe(edits.length);
    expect(clock.pending).toBe(0);
  });

  it('is not edited again when what stands there is the final text already', async () => {
    const { manager, channel, clock } = aChannel({
      handler: async (_, { reply }) => {
        reply.delta('all');
        await new Promise<void>((resolve) => void clock.after(5_000, resolve));
        await reply.final('all');
      },
      script: { capabilities: { edits: { intervalMs: 1_000 } } },
    });
    await manager.start();

    channel.say('1');
    await clock.advance(10_000);

    expect(channel.outputs).toHaveLength(1);
  });

  it('leaves the reserve of the send rate to final pieces', async () => {
    const { manager, channel, clock } = aChannel({
      handler: async (_, { reply }) => {
        for (let i = 0; i < 10; i += 1) {
          reply.delta(`${i}`);
          await new Promise<void>((resolve) => void clock.after(10, resolve));
        }
        await reply.final('0123456789');
      },
      script: { capabilities: { streaming: true } },
      definition: { outbox: { rate: { limit: 4, intervalMs: 60_000, reserve: 2 } } },
    });
    await manager.start();

    channel.say('1');
    await clock.advance(1_000);

    expect(
      channel.outputs.filter((o) => o.type === 'send' && o.message.body.kind === 'delta'),
    ).toHaveLength(2);
    await clock.advance(120_000);
    expect(channel.replies).toEqual(['0123456789']);
  });
});

describe('acknowledgements', () => {
  it('say up to which message all are settled', async () => {
    const { handler, answer } = byHand();
    const { manager, channel, clock } = aChannel({
      handler,
      script: { capabilities: { ack: true } },
    });
    await manager.start();
    for (const id of ['1', '2', '3']) channel.say(id, id);

    answer('2');
    await clock.settle();
    expect(channel.session.acks).toEqual([]);
    answer('1');
    await clock.settle();
    answer('3');
    await clock.settle();

    expect(channel.session.acks).toEqual(['2', '3']);
  });

  it('are said again for a redelivery of what was handled', async () => {
    const { manager, channel, clock } = aChannel({ script: { capabilities: { ack: true } } });
    await manager.start();
    channel.say('1');
    await clock.settle();

    channel.say('1');
    await clock.settle();

    expect(channel.session.acks).toEqual(['1', '1']);
  });

  it('are not given for a message that a stop gave up', async () => {
    const { handler } = byHand();
    const { manager, channel, clock } = aChannel({
      handler,
      script: { capabilities: { ack: true } },
    });
    await manager.start();
    channel.say('1');

    await Promise.all([manager.stop(), clock.advance(5_000)]);

    expect(channel.session.acks).toEqual([]);
  });
});

it('a final text does not wait for the rate of the pieces before it', async () => {
  const handler: MessageHandler = async (_, { reply }) => {
    for (const piece of ['one ', 'two ', 'three']) {
      reply.delta(piece);
      for (let i = 0; i < 20; i += 1) await Promise.resolve();
    }
    await reply.final('one two three');
  };
  const { manager, channel, clock } = aChannel({
    handler,
    script: { capabilities: { streaming: true } },
    definition: { outbox: { rate: { limit: 4, intervalMs: 60_000, reserve: 2 } } },
  });
  await manager.start();
  channel.say('a1');
  for (let i = 0; i < 5; i += 1) await clock.settle();

  expect(channel.replies).toEqual(['one two three']);
});
