import { createGateway } from '@sluice/adapters/gateway';
import type { PullSource } from '@sluice/core';
import { VirtualClock } from '@sluice/core/testing';
import { describe, expect, it } from 'vitest';
import { listenerCounter } from '../../support/listener-counter.ts';
import { aGatewayByHand, type GatewayByHand } from './a-gateway-by-hand.ts';
import { aSocket } from './a-socket.ts';

/** An engine that works on one message and lets one wait, behind a gateway in which two wait. */
function aNarrowGateway(): Promise<GatewayByHand> {
  return aGatewayByHand(
    { limits: { maxWaiting: 2 } },
    { queue: { concurrency: 1, capacity: 1, overflow: 'block' } },
  );
}

/** Answers whatever comes until nothing is left. */
async function answerAll({ handed, clock }: GatewayByHand): Promise<void> {
  for (let next = handed.shift(); next !== undefined; next = handed.shift()) {
    if (!next.signal.aborted) await next.reply.final(`re ${next.message.text}`);
    next.end();
    await clock.settle();
  }
}

describe("a gateway's channel", () => {
  it('leaves no listener on the signal of its reader, however many messages that takes', async () => {
    const { gateway, chat } = await aGatewayByHand();
    const { signal, listeners } = listenerCounter();
    const session = await gateway.channel.open({ signal, clock: new VirtualClock() });

    for (let at = 0; at < 10; at += 1) {
      const taking = (session.source as PullSource).receive(signal);
      await chat({ message: `${at}` }, { prefer: 'respond-async' });
      expect(await taking).toMatchObject({ text: `${at}` });
    }

    expect(listeners()).toBe(0);
  });
});

describe('a gateway whose engine has no room', () => {
  it('does not read a socket until there is room again, and loses nothing', async () => {
    const given = await aNarrowGateway();
    const socket = aSocket(given);

    for (let at = 0; at < 10; at += 1) {
      await socket.say({ type: 'chat', id: `m${at}`, message: `${at}`, session: undefined });
      if (at === 3) expect(socket.isPaused()).toBe(false);
      if (at === 4) expect(socket.isPaused()).toBe(true);
    }
    const before = socket.frames.filter(({ type }) => type === 'accepted').length;
    await answerAll(given);

    expect(before).toBe(4); // one at work, one in its queue, two in the gateway
    expect(socket.isPaused()).toBe(false);
    const replies = socket.told().filter((told) => told.startsWith('response'));
    expect(replies).toEqual(Array.from({ length: 10 }, (_, at) => `response re ${at}`));
    expect(given.gateway.stats()).toMatchObject({ pending: 0, refused: {} });
  });

  it('answers 503 with Retry-After over HTTP, and takes messages when there is room again', async () => {
    const given = await aNarrowGateway();
    const statuses: number[] = [];
    for (let at = 0; at < 6; at += 1) {
      const response = await given.chat({ message: `${at}` }, { prefer: 'respond-async' });
      statuses.push(response.status);
      await given.clock.settle();
      if (response.status === 503) {
        expect(response.headers.get('retry-after')).toBe('1');
        expect(await response.json()).toMatchObject({ code: 'busy' });
      }
    }

    await answerAll(given);
    const after = await given.chat({ message: 'now?' }, { prefer: 'respond-async' });

    expect(statuses).toEqual([202, 202, 202, 202, 503, 503]);
    expect(after.status).toBe(202);
  });

  it('reads those who wait in turn: nobody has to wait for all that another has to say', async () => {
    const given = await aNarrowGateway();
    const sockets = [aSocket(given), aSocket(given), aSocket(given)];
    for (const socket of sockets) {
      for (let at = 0; at < 8; at += 1) await socket.say({ type: 'chat', message: `${at}` });
    }

    for (let turn = 0; turn < 14; turn += 1) {
      const next = given.handed.shift();
      await next?.reply.final('ok');
      next?.end();
      await given.clock.settle();
    }

    const replies = sockets.map(({ frames }) => frames.filter(({ type }) => type === 'response'));
    expect(Math.min(...replies.map(({ length }) => length))).toBeGreaterThanOrEqual(3);
  });

  it('does not take a socket for idle that it has told to wait', async () => {
    const given = await aGatewayByHand(
      { limits: { maxWaiting: 1, idleTimeoutMs: 1_000 } },
      { queue: { concurrency: 1, capacity: 1, overflow: 'block' } },
    );
    const busy = aSocket(given);
    for (const message of ['1', '2', '3']) await busy.say({ type: 'chat', message });
    const held = aSocket(given);
    await held.say({ type: 'chat', message: 'held' });

    const wasPaused = held.isPaused();
    await given.clock.advance(5_000);

    expect([wasPaused, held.isPaused(), held.closeCode()]).toEqual([true, true, undefined]);
  });

  it('refuses a socket that cannot be told to wait', async () => {
    const given = await aNarrowGateway();
    const socket = aSocket(given, { canPause: false });

    for (let at = 0; at < 5; at += 1) await socket.say({ type: 'chat', message: `${at}` });

    expect(socket.frames.at(-1)).toMatchObject({ code: 'busy', retry_after_ms: 1_000 });
    expect(socket.closeCode()).toBeUndefined();
  });

  it('gives the places of those who left to others', async () => {
    const given = await aNarrowGateway();
    const waiting = aSocket(given);
    for (let at = 0; at < 4; at += 1) await waiting.say({ type: 'chat', message: `${at}` });
    const other = aSocket(given);
    await other.say({ type: 'chat', message: 'me, too' });
    const wasPaused = other.isPaused();

    await waiting.drop();
    await answerAll(given);

    expect(wasPaused).toBe(true);
    expect(other.isPaused()).toBe(false);
    expect(other.told().at(-1)).toBe('response re me, too');
  });

  it('answers what waited by the next connection when its channel is restarted', async () => {
    const given = await aNarrowGateway();
    const socket = aSocket(given);
    for (let at = 0; at < 4; at += 1) await socket.say({ type: 'chat', message: `${at}` });

    const restarting = given.manager.restart('web');
    await given.clock.settle();
    await answerAll(given);
    await restarting;
    await given.clock.settle();
    await answerAll(given);

    const replies = socket.told().filter((told) => told.startsWith('response'));
    expect(replies.toSorted()).toEqual([0, 1, 2, 3].map((at) => `response re ${at}`));
  });

  it('gives way to another gateway, whose first message does not pass for its own', async () => {
    const { manager, clock, begin, answer, handed } = await aGatewayByHand();
    await begin();
    await answer('hi');
    const other = createGateway({ clock, allowNoOrigin: true });

    await manager.swap('web', { id: 'web', channel: other.channel });
    await clock.settle();
    const response = other.handle(
      new Request('http://localhost/api/chat', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ message: 'and you?' }),
      }),
    );
    await clock.settle();
    await answer('me, too');

    expect(handed.map(({ message }) => message.text)).toEqual(['hello', 'and you?']);
    expect(await (await response).json()).toMatchObject({ message: 'me, too' });
  });

  it('tells those who wait when it is stopped', async () => {
    const given = await aNarrowGateway();
    const socket = aSocket(given);
    for (let at = 0; at < 4; at += 1) await socket.say({ type: 'chat', message: `${at}` });

    const stopping = given.manager.stop(undefined, { deadlineMs: 100 });
    await given.clock.advance(200);
    await stopping;

    const failed = socket.told().filter((told) => told === 'error unavailable');
    expect(failed).toHaveLength(4);
    expect(given.gateway.stats()).toMatchObject({ pending: 0, isAccepting: false });
  });
});
