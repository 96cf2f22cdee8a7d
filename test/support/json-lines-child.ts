// A process that answers JSON lines on its standard input and output, and ends with its input.
import { jsonLinesChannel } from '@sluice/adapters/stdio';
import { ChannelManager } from '@sluice/core';

const channels = new ChannelManager({
  handler: async ({ text }, { reply }) => {
    reply.delta('You ');
    await new Promise((resolve) => setImmediate(resolve));
    await reply.final(`You said: ${text}`);
  },
});
channels.add({
  id: 'parent',
  channel: jsonLinesChannel(),
  restart: { restart: 'transient' },
  queue: { capacity: 10 },
});
await channels.start();
