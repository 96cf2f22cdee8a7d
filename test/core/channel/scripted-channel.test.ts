import {
  channelContract,
  inbound,
  ScriptedChannel,
  type ShownToPeer,
  VirtualClock,
} from '@sluice/core/testing';
import { describe, it } from 'vitest';

describe.each(['push', 'pull'] as const)('the scripted channel, by %s', (source) => {
  it.each(channelContract)('$name', async ({ check }) => {
    const channel = new ScriptedChannel({
      source,
      canPause: true,
      capabilities: { streaming: true },
    });
    let said = 0;

    await check({
      clock: new VirtualClock(),
      channel,
      say: (text) => {
        said += 1;
        channel.session.receive(inbound(`m${said}`, 'peer', { text }));
      },
      shown: async () =>
        channel.outputs.flatMap((output): ShownToPeer[] => {
          if (output.type === 'error') return [{ kind: 'error', text: output.text }];
          return output.type === 'send' ? [output.message.body] : [];
        }),
      hangUp: () => channel.session.end(),
    });
  });
});
