import type { MessageHandler } from '@sluice/core';
import { inbound, ScriptedChannel } from '@sluice/core/testing';
import { expect, it } from 'vitest';
import { aChannel, byHand, steadyBackoff } from './a-channel.ts';

it('says that nothing more comes, also when the connection that asked is gone', async () => {
  let ignore = (): void => undefined;
  const handler: MessageHandler = () =>
    new Promise((resolve) => {
      ignore = resolve;
    });
  const { manager, channel, clock } = aChannel({ handler });
  await manager.start();
  channel.say('a1');
  await clock.settle();
  await manager.swap('c', { id: 'c', channel });
  ignore();
  await clock.settle();

  expect(channel.session.finished).toEqual(['a1']);
});

it('a redelivery that finds no room is a redelivery all the same', async () => {
  const { handler, started, answer } = byHand();
  const { manager, channel, clock } = aChannel({
    handler,
    script: { capabilities: { ack: true } },
    definition: { queue: { capacityPerKey: 1, bufferSize: 1 } },
  });
  await manager.start();
  for (const id of ['a1', 'a2', 'a3', 'a1']) channel.say(id); // runs; waits; fills the buffer; comes again
  await clock.settle();
  expect([channel.errors, channel.session.acks]).toEqual([[], []]);

  for (const id of ['a1', 'a2', 'a3']) {
    answer(id);
    await clock.settle();
  }
  channel.say('a1'); // and again
  await clock.settle();
  expect(started).toEqual(['a1', 'a2', 'a3']);
});

it.each(
  ['pull', 'push'].flatMap((source) =>
    ['break', 'swap', 'give up'].map((how) => ({ source, how }) as const),
  ),
)(
  'what waits for room outlives a $how of a channel that is read by $source',
  async ({ source, how }) => {
    const { handler, started, answer } = byHand();
    const queue = { capacityPerKey: 1 };
    const { manager, channel, clock, deadLetters } = aChannel({
      handler,
      script: { source: source as 'pull' | 'push' },
      definition: { queue, restart: { backoff: steadyBackoff } },
    });
    await manager.start();
    for (const id of ['a1', 'a2', 'a3']) channel.say(id); // runs, waits, is in hand
    await clock.settle();
    if (how === 'break') channel.session.end({ kind: 'fault', error: new Error('cut') });
    if (how === 'give up') channel.session.end({ kind: 'fatal', error: new Error('cut') });
    if (how === 'swap') await manager.swap('c', { id: 'c', channel: new ScriptedChannel(), queue });
    await clock.advance(1_000);
    for (const id of ['a1', 'a2', 'a3']) {
      answer(id);
      await clock.settle();
    }

    const dead = deadLetters.map(({ message }) => message.id);
    expect(new Set([...started, ...dead])).toEqual(new Set(['a1', 'a2', 'a3']));
  },
);

it('one of several collected messages whose sender leaves does not end the others', async () => {
  const { handler, started, answer } = byHand();
  const { manager, channel, clock } = aChannel({
    handler,
    definition: { queue: { mode: 'collect' } },
  });
  await manager.start();
  const leaving = new AbortController();
  for (const id of ['a1', 'a2']) channel.say(id);
  channel.session.receive(inbound('a3', 'a', { signal: leaving.signal }));
  await clock.settle();
  leaving.abort(new Error('left'));
  answer('a1');
  await clock.settle();

  expect(started).toHaveLength(2);
});
