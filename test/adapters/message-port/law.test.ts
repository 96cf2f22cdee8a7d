import {
  connectPort,
  type FramePort,
  type FramePortEvent,
  messagePortChannel,
} from '@sluice/adapters/message-port';
import { ChannelManager } from '@sluice/core';
import { VirtualClock } from '@sluice/core/testing';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { runs } from '../../support/tier.ts';

type Step = 'ask' | 'restart' | 'swap' | 'toChannel' | 'toPeer' | 'settle';

const weights: Readonly<Record<Step, number>> = {
  ask: 4,
  toChannel: 5,
  toPeer: 4,
  settle: 3,
  restart: 1,
  swap: 1,
};
const step = fc.oneof(
  ...Object.entries(weights).map(([each, weight]) => ({
    weight,
    arbitrary: fc.constant(each as Step),
  })),
);

it('answers each message once and in order, wherever restarts and swaps fall between its frames', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80, size: 'max' }), async (steps) => {
      const clock = new VirtualClock();
      const { near, far } = twoEnds();
      const handled: string[] = [];
      const channels = new ChannelManager({
        clock,
        handler: async ({ text }, { reply }) => {
          handled.push(text);
          await reply.final(`re: ${text}`);
        },
      });
      const definition = () => ({ id: 'port', channel: messagePortChannel({ port: near }) });
      channels.add(definition());
      await channels.start();
      const peer = connectPort(far);
      const replies: Promise<string>[] = [];
      const commands: Promise<unknown>[] = [];

      for (const each of steps) {
        if (each === 'ask') replies.push(peer.ask(`${replies.length}`));
        else if (each === 'restart') commands.push(channels.restart('port').catch(() => undefined));
        else if (each === 'swap') {
          commands.push(channels.swap('port', definition()).catch(() => undefined));
        } else if (each === 'toChannel') near.deliver();
        else if (each === 'toPeer') far.deliver();
        else await clock.advance(1_000);
      }
      for (let i = 0; i < 20; i += 1) {
        while (near.deliver() || far.deliver());
        await clock.advance(1_000);
      }
      await Promise.all(commands);

      const numbers = replies.map((_, i) => `${i}`);
      expect(await Promise.all(replies)).toEqual(numbers.map((text) => `re: ${text}`));
      expect(handled).toEqual(numbers);
      await channels.stop();
      expect(near.listeners).toBe(0);
    }),
    { numRuns: runs(300, 5_000) },
  );
});

/** One end of a line on which what was said waits until it is delivered, one by one. */
class HeldPort implements FramePort {
  other!: HeldPort;
  readonly #waiting: unknown[] = [];
  readonly #listeners = new Set<(event: FramePortEvent) => void>();

  get listeners(): number {
    return this.#listeners.size;
  }

  postMessage(value: unknown): void {
    this.other.#waiting.push(structuredClone(value));
  }

  /** Delivers the frame that has waited longest, to whoever listens. False when there is none. */
  deliver(): boolean {
    if (this.#waiting.length === 0) return false;
    const data = this.#waiting.shift();
    for (const listener of this.#listeners) listener({ data });
    return true;
  }

  addEventListener(type: string, listener: (event: FramePortEvent) => void): void {
    if (type === 'message') this.#listeners.add(listener);
  }

  removeEventListener(type: string, listener: (event: FramePortEvent) => void): void {
    if (type === 'message') this.#listeners.delete(listener);
  }
}

function twoEnds(): { readonly near: HeldPort; readonly far: HeldPort } {
  const near = new HeldPort();
  const far = new HeldPort();
  near.other = far;
  far.other = near;
  return { near, far };
}
