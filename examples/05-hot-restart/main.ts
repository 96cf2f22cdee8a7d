// Restarts a channel, and swaps it for another, while people go on talking: each message is answered once, in order.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectPort, messagePortChannel } from '@sluice/adapters/message-port';
import { type ChannelDefinition, ChannelManager } from '@sluice/core';

const { port1: ours, port2: theirs } = new MessageChannel();
const handled: string[] = [];

const channels = new ChannelManager({
  handler: async ({ text }, { reply, generation }) => {
    handled.push(text);
    await sleep(2); // a model would think longer
    await reply.final(`${text} (answered by connection ${generation})`);
  },
});

const definition = (version: string): ChannelDefinition => ({
  id: 'page',
  channel: messagePortChannel({ port: ours }),
  metadata: { version },
});

channels.add(definition('1'));
await channels.start();
channels.state$('page').subscribe(({ status, generation }) => {
  console.log(`connection ${generation}: ${status}`);
});

// A page that keeps asking, whatever happens on the other side.
const peer = connectPort(theirs);
const replies: string[] = [];
const asking: Promise<unknown>[] = [];
for (let i = 0; i < 60; i += 1) {
  asking.push(peer.ask(`question ${i}`).then((reply) => replies.push(reply)));
  if (i === 20) await channels.restart('page'); // the same channel, a new connection
  if (i === 40) await channels.swap('page', definition('2')); // another definition
  await sleep(1);
}
await Promise.all(asking);

const questions = Array.from({ length: 60 }, (_, i) => `question ${i}`);
assert.deepEqual(handled, questions); // none lost, none twice, in order
assert.deepEqual(
  replies.map((reply) => reply.split(' (')[0]),
  questions,
);
assert.deepEqual(channels.state('page').metadata, { version: '2' });

peer.close();
await channels.stop();
ours.close();
console.log(
  `${replies.length} questions answered by ${channels.state('page').generation} connections.`,
);
