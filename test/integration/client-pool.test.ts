import { createMockServer, type MockServer } from '@sluice/adapters/mock-server';
import { openai } from '@sluice/adapters/openai';
import { type Clock, ClientPool, type Provider, type SluiceEvent, systemClock } from '@sluice/core';
import { afterEach, describe, expect, it } from 'vitest';
import { listenerCounter } from '../support/listener-counter.ts';

const QUESTION = { messages: [{ role: 'user', content: 'What is a sluice?' }] } as const;
const TEN = { maxSize: 10, minIdle: 0 } as const;

const ending: AsyncDisposable[] = [];

afterEach(async () => {
  for (const thing of ending.splice(0).toReversed()) await thing[Symbol.asyncDispose]();
});

/** A mock server that is closed after the test, and its provider. */
async function aServer(
  options: Parameters<typeof createMockServer>[0],
): Promise<{ readonly server: MockServer; readonly provider: Provider }> {
  const server = createMockServer(options);
  const { url } = await server.listen();
  ending.push(server);
  return { server, provider: openai({ baseUrl: url, apiKey: 'none', model: 'mock-1' }) };
}

function aPool(options: ConstructorParameters<typeof ClientPool>[0]): ClientPool {
  const pool = new ClientPool(options);
  ending.push(pool);
  return pool;
}

describe('a client pool over real HTTP', () => {
  it('never asks a provider more at once than it has clients', async () => {
    const { server, provider } = await aServer({
      script: (question) => ({ text: `answer ${question.number}` }),
      physics: { firstTokenMs: 5, tokensPerSecond: 2_000 },
    });
    const pool = aPool({ providers: { main: { provider, ...TEN } } });

    const calls = Array.from({ length: 200 }, () => pool.complete(QUESTION));
    const answers = await Promise.all(calls);

    expect(server.journal.peak).toBe(10);
    expect(server.journal.asked).toBe(200);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(200);
    expect(pool.stats()['main']).toMatchObject({ inUse: 0, waiting: 0, totalAcquired: 200 });
    server.journal.expectIdle();
  });

  it('gives whole answers while a provider fails, and lists what was tried', async () => {
    const bad = await aServer({ script: { fault: { kind: 'cut', afterEvents: 0 } } });
    const good = await aServer({ script: { text: 'a whole answer' } });
    const pool = aPool({
      providers: {
        bad: { provider: bad.provider, ...TEN, circuit: { minCalls: 1_000 } }, // it goes on being asked
        good: { provider: good.provider, ...TEN },
      },
    });

    const answers = await Promise.all(Array.from({ length: 200 }, () => pool.complete(QUESTION)));

    expect(answers.every(({ text }) => text === 'a whole answer')).toBe(true);
    const outcomes = answers.map(({ attempts }) =>
      attempts.map(({ provider, outcome }) => `${provider} ${outcome}`).join(', '),
    );
    const failedOver = outcomes.filter((outcome) => outcome === 'bad failed, good finished');
    const direct = outcomes.filter((outcome) => outcome === 'good finished');
    expect(failedOver.length + direct.length).toBe(200); // who waits takes whichever client comes free first
    expect(failedOver.length).toBeGreaterThanOrEqual(10);
    expect(bad.server.journal.asked).toBe(failedOver.length);
    expect(bad.server.journal.peak).toBeLessThanOrEqual(10);
    expect(good.server.journal.peak).toBeLessThanOrEqual(10);
    expect(pool.stats()['bad']).toMatchObject({ inUse: 0, waiting: 0 });
    expect(pool.stats()['good']).toMatchObject({ inUse: 0, waiting: 0 });
  });

  it('aborts the request when nobody listens any more, then has the client back, and leaves nothing', async () => {
    const { server, provider } = await aServer({
      script: { text: ['one', 'two'], fault: { kind: 'stall', afterEvents: 2 } },
    });
    const clock = countingClock();
    const caller = listenerCounter();
    const pool = aPool({ providers: { main: { provider, ...TEN } }, clock });
    const returned = firstEvent(pool, 'lease.released', 'lease.destroyed');

    await new Promise<void>((resolve) => {
      const watching = pool.stream(QUESTION, { signal: caller.signal }).subscribe((chunk) => {
        if (chunk.type !== 'text') return;
        watching.unsubscribe();
        resolve();
      });
    });
    await server.journal.whenAborted(1);
    await returned;

    expect(pool.stats()['main']).toMatchObject({ inUse: 0, waiting: 0 });
    expect(caller.listeners()).toBe(0);
    server.journal.expectIdle();
    await pool.close();
    expect(clock.timers()).toBe(0);
  });
});

/** Waits for the first event of one of these types. */
function firstEvent(pool: ClientPool, ...types: readonly string[]): Promise<SluiceEvent> {
  return new Promise((resolve) => {
    const watching = pool.events$.subscribe((event) => {
      if (!types.includes(event.type)) return;
      queueMicrotask(() => watching.unsubscribe());
      resolve(event);
    });
  });
}

/** Real time that knows how many timers wait. */
function countingClock(): Clock & { readonly timers: () => number } {
  const waiting = new Set<object>();
  return {
    ...systemClock,
    timers: () => waiting.size,
    after(delayMs, fn, options) {
      const timer = {};
      waiting.add(timer);
      const cancel = systemClock.after(
        delayMs,
        () => {
          waiting.delete(timer);
          fn();
        },
        options,
      );
      return () => {
        waiting.delete(timer);
        cancel();
      };
    },
  };
}
