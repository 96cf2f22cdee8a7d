import { websocketChannel } from '@sluice/adapters/websocket';
import { type ChannelDefinition, ChannelManager, seededRandom } from '@sluice/core';
import { expect, it } from 'vitest';
import { AHub } from '../support/a-hub.ts';

const CONVERSATIONS = 50;
const MESSAGES = 20;
const ALL = CONVERSATIONS * MESSAGES;

it('answers 50 conversations of 20 messages once each and in order, through three swaps and two crashes', async () => {
  await using hub = await AHub.listen();
  const random = seededRandom(7);
  const handled: string[] = [];
  const channels = new ChannelManager({
    handler: async ({ id, text }, { reply }) => {
      handled.push(id);
      reply.delta('Thinking … ');
      await new Promise((resolve) => setTimeout(resolve, random.next() * 20));
      await reply.final(`re: ${text}`);
    },
  });
  const definition = (version: number): ChannelDefinition => ({
    id: 'hub',
    channel: websocketChannel({ url: `${hub.url}/v${version}`, confirm: true }),
    restart: { backoff: { baseMs: 5, capMs: 20 } },
    metadata: { version: `${version}` },
  });
  channels.add(definition(1));
  await channels.start();
  const generations = new Set<number>();
  channels.state$('hub').subscribe(({ generation }) => void generations.add(generation));

  const asking = askAll(hub);
  for (const [share, what] of [
    [0.1, 2],
    [0.3, 'crash'],
    [0.5, 3],
    [0.7, 'crash'],
    [0.85, 4],
  ] as const) {
    await hub.until(() => hub.answers.length >= ALL * share);
    if (what === 'crash') hub.crash();
    else await channels.swap('hub', definition(what));
  }
  await asking;
  await hub.until(() => hub.answers.length === ALL);
  await channels.stop();

  expect(new Set(handled).size).toBe(handled.length); // nothing was worked on twice
  expect(handled).toHaveLength(ALL);
  expect(hub.answers.filter(({ keys }) => keys.size !== 1)).toEqual([]);
  for (let c = 0; c < CONVERSATIONS; c += 1) {
    const answers = hub.answers.filter(({ conversation }) => conversation === `c${c}`);
    expect(answers.map(({ text }) => text)).toEqual(
      Array.from({ length: MESSAGES }, (_, m) => `re: c${c} m${m}`),
    );
  }
  expect(hub.connections).toBe(6); // the first, three swaps, two crashes
  expect(generations.size).toBe(6);
  const { received, replied, metadata } = channels.snapshot()[0] ?? {};
  expect({ received, replied, metadata }).toEqual({
    received: ALL,
    replied: ALL,
    metadata: { version: '4' },
  });
});

/** Asks in turns, a little apart, so that the swaps and crashes fall between and into messages. */
async function askAll(hub: AHub): Promise<void> {
  for (let m = 0; m < MESSAGES; m += 1) {
    for (let c = 0; c < CONVERSATIONS; c += 1) {
      hub.ask({ id: `c${c}-m${m}`, text: `c${c} m${m}`, conversation: `c${c}` });
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
