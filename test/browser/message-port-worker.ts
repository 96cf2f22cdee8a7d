import { type FramePort, messagePortChannel } from '@sluice/adapters/message-port';
import { ChannelManager } from '@sluice/core';

/** Answers a page: over the worker itself, and over every port that the page hands over. */
const channels = new ChannelManager({
  handler: async ({ text }, { channel, reply, runId }) => {
    if (text === 'restart') void channels.restart(channel);
    reply.delta('You ');
    reply.delta('said: ');
    await reply.final(`You said: ${text} (${runId})`);
  },
});

serve('worker', self);
self.addEventListener('message', ({ data, ports: [port] }: MessageEvent<unknown>) => {
  if (port !== undefined) serve(String(data), port);
});

function serve(id: string, port: FramePort): void {
  channels.add({ id, channel: messagePortChannel({ port }) });
  void channels.start(id); // a port is always there to be opened
}
