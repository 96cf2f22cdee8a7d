import { ChannelManager, memoryOwnershipStore, type OwnershipState } from '@sluice/core';
import { ScriptedChannel, VirtualClock } from '@sluice/core/testing';
import { describe, expect, it } from 'vitest';
import { echo } from './a-channel.ts';

describe('the ownership store in memory', () => {
  it('gives a channel to one at a time, in the order of asking, each under a greater number', () => {
    const store = memoryOwnershipStore();
    const seen: [string, OwnershipState][] = [];
    const compete = (name: string) =>
      store.compete('c').subscribe((state) => seen.push([name, state]));

    const [first, second, third] = [compete('1'), compete('2'), compete('3')];
    second.unsubscribe();
    first.unsubscribe();
    third.unsubscribe();

    expect(seen).toEqual([
      ['1', { role: 'owner', fence: 1 }],
      ['2', { role: 'standby' }],
      ['3', { role: 'standby' }],
      ['3', { role: 'owner', fence: 2 }],
    ]);
  });

  it('lets a second manager take over when the first one stops', async () => {
    const clock = new VirtualClock();
    const ownership = memoryOwnershipStore();
    const nodes = ['1', '2'].map(() => {
      const manager = new ChannelManager({ handler: echo, clock });
      const channel = new ScriptedChannel();
      manager.add({ id: 'c', channel, ownership });
      return { manager, channel };
    });
    for (const { manager } of nodes) await manager.start();
    const statuses = () => nodes.map(({ manager }) => manager.state('c').status);
    expect(statuses()).toEqual(['running', 'standby']);

    await nodes[0]?.manager.stop();
    await clock.settle();

    expect(statuses()).toEqual(['stopped', 'running']);
  });
});
