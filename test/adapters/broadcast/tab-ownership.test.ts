import { broadcastChannel, joinBroadcast, tabOwnershipStore } from '@sluice/adapters/broadcast';
import { ChannelManager, type OwnershipState } from '@sluice/core';
import { VirtualClock } from '@sluice/core/testing';
import { describe, expect, it } from 'vitest';

let keys = 0;

describe('ownership among tabs', () => {
  it('is given to one at a time, in the order of asking, with the time at which it was won', async () => {
    const clock = new VirtualClock(1_000);
    const key = aKey();
    const [first, second] = [compete(key, clock), compete(key, clock)];
    await first.until('owner');

    await clock.advance(500);
    first.leave();
    await second.until('owner');

    expect(first.states).toEqual([{ role: 'standby' }, { role: 'owner', fence: 1_000 }]);
    expect(second.states).toEqual([{ role: 'standby' }, { role: 'owner', fence: 1_500 }]);
    second.leave();
  });

  it('is not given to one that left while it waited', async () => {
    const key = aKey();
    const [owner, leaving, next] = [compete(key), compete(key), compete(key)];
    await owner.until('owner');

    leaving.leave();
    owner.leave();
    await next.until('owner');

    expect(leaving.states).toEqual([{ role: 'standby' }]);
    next.leave();
  });

  it('is waited for again when somebody steals it', async () => {
    const key = aKey();
    const owner = compete(key);
    await owner.until('owner');

    await navigator.locks.request(`sluice:${key}`, { steal: true }, async () => undefined);
    await owner.until('owner', 4);

    expect(owner.states.map(({ role }) => role)).toEqual(['standby', 'owner', 'standby', 'owner']);
    owner.leave();
  });

  it('is not asked for for ever where it is refused', async () => {
    let requests = 0;
    const locks = {
      request: async () => {
        requests += 1;
        throw new DOMException('Not here', 'SecurityError');
      },
    };

    const competing = compete(aKey(), new VirtualClock(), tabOwnershipStore({ locks }));
    await new Promise((resolve) => setImmediate(resolve));

    expect(requests).toBe(1);
    expect(competing.states.every(({ role }) => role === 'standby')).toBe(true);
  });

  it('lets the one that stands by answer when the other stops, and loses no question', async () => {
    const name = aKey();
    const [first, second] = [await aTab(name, 'first'), await aTab(name, 'second')];
    const peer = joinBroadcast({ name });
    const before = await peer.ask('1');
    const states = [first.state(name).status, second.state(name).status];

    await first.stop();
    const after = await peer.ask('2');

    expect([before, after]).toEqual(['first: 1', 'second: 2']);
    expect(states).toEqual(['running', 'standby']);
    peer.close();
    await second.stop();
  });
});

interface Competitor {
  readonly states: readonly OwnershipState[];
  leave(): void;
  /** Resolves when the latest state, at least the `count`-th, has this role. */
  until(role: OwnershipState['role'], count?: number): Promise<void>;
}

function compete(key: string, clock = new VirtualClock(), store = tabOwnershipStore()): Competitor {
  const states: OwnershipState[] = [];
  let wake = (): void => undefined;
  const subscription = store.compete(key, { clock }).subscribe((state) => {
    states.push(state);
    wake();
  });
  return {
    states,
    leave: () => subscription.unsubscribe(),
    until: async (role, count = 1) => {
      while (states.length < count || states.at(-1)?.role !== role) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}

/** One tab's manager: it competes for the channel `name`, and answers as `who`. */
async function aTab(name: string, who: string): Promise<ChannelManager> {
  const channels = new ChannelManager({
    handler: ({ text }, { reply }) => reply.final(`${who}: ${text}`),
  });
  const channel = broadcastChannel({ name });
  channels.add({ id: name, channel, ownership: tabOwnershipStore() });
  const owned = new Promise<void>((resolve) => {
    channels.state$(name).subscribe(({ status }) => {
      if (status === 'running') resolve();
    });
  });
  await channels.start();
  if (who === 'first') await owned;
  return channels;
}

function aKey(): string {
  keys += 1;
  return `key-${process.pid}-${keys}`;
}
