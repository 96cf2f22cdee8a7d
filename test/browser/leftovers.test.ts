import { llm } from '@sluice/adapters/msw';
import { openai } from '@sluice/adapters/openai';
import { type Clock, ClientPool, type SluiceEvent, systemClock, userMessage } from '@sluice/core';
import { setupWorker } from 'msw/browser';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { listenerCounter } from '../support/listener-counter.ts';

const REQUEST = { messages: [userMessage('What is a sluice?')] };

const worker = setupWorker();

beforeAll(async () => {
  await worker.start({ quiet: true, onUnhandledFrame: 'bypass' });
});

afterAll(() => worker.stop());

it('ends the request of a page that unsubscribes in mid-stream, then has the client back, and leaves nothing', async () => {
  const mock = llm.openai({ text: ['one', 'two'], fault: { kind: 'stall', afterEvents: 2 } });
  // The workspace has two copies of MSW's types, one for each TypeScript that is about.
  worker.use(...(mock.handlers as unknown as Parameters<typeof worker.use>));
  const provider = openai({ getToken: () => 'short-lived', model: 'gpt-x' });
  const clock = countingClock();
  const caller = listenerCounter();
  const pool = new ClientPool({ providers: { main: { provider, minIdle: 0 } }, clock });
  const returned = leaseEnd(pool);

  await new Promise<void>((resolve, reject) => {
    const watching = pool.stream(REQUEST, { signal: caller.signal }).subscribe({
      next: (chunk) => {
        if (chunk.type !== 'text') return;
        expect(caller.listeners()).toBeGreaterThan(0);
        watching.unsubscribe();
        resolve();
      },
      error: reject,
    });
  });
  await mock.journal.whenAborted(1);
  await returned;

  expect(pool.stats()['main']).toMatchObject({ inUse: 0, waiting: 0, totalAcquired: 1 });
  expect(caller.listeners()).toBe(0);
  mock.journal.expectIdle();
  await pool.close();
  expect(clock.timers()).toBe(0);
});

function leaseEnd(pool: ClientPool): Promise<SluiceEvent> {
  return new Promise((resolve) => {
    const watching = pool.events$.subscribe((event) => {
      if (event.type !== 'lease.released' && event.type !== 'lease.destroyed') return;
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
      const run = (): void => {
        waiting.delete(timer);
        fn();
      };
      const cancel = systemClock.after(delayMs, run, options);
      return () => {
        waiting.delete(timer);
        cancel();
      };
    },
  };
}
