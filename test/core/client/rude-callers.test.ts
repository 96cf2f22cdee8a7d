import {
  type Client,
  ClientPool,
  type Clock,
  type Provider,
  ProviderError,
  userMessage,
} from '@sluice/core';
import { ScriptedProvider, VirtualClock } from '@sluice/core/testing';
import { expect, it } from 'vitest';
import { stateOf } from '../../support/state-of.ts';

const REQUEST = { messages: [userMessage('hi')] };

/** A clock that turns an endless loop into a failure. */
function bounded(time: VirtualClock): Clock {
  let reads = 0;
  return {
    now: () => {
      if ((reads += 1) > 10_000) throw new Error('endless loop');
      return time.now();
    },
    timestamp: () => time.timestamp(),
    after: (ms, fn, options) => time.after(ms, fn, options),
  };
}

it('refuses a tenant that weighs nothing', () => {
  expect(() => new ClientPool({ tenants: { free: { weight: 0 } } })).toThrow(TypeError);
});

it('refuses a call whose circuit is open although a client of the replaced provider came late', async () => {
  const clock = new VirtualClock();
  const slow = (model: string): Provider => ({
    name: model,
    createClient: () =>
      new Promise<Client>((resolve) => {
        const client: Client = {
          model,
          stream: () => ({
            [Symbol.asyncIterator]: () => ({
              next: () =>
                Promise.reject(new ProviderError('server', 'no', { provider: model, status: 500 })),
            }),
          }),
        };
        clock.after(100, () => resolve(client));
      }),
  });
  const own = { circuit: { minCalls: 1 }, maxSize: 1 };
  const clients = new ClientPool({ clock, providers: { a: { provider: slow('old'), ...own } } });
  const first = stateOf(clock, clients.complete(REQUEST)); // its create is under way
  await clock.advance(50);
  clients.register('a', { provider: slow('new'), ...own });
  await clock.advance(1_000); // the first call failed: the circuit of a/new is open
  await first;
  expect(await stateOf(clock, clients.complete(REQUEST))).toMatch(/CircuitOpenError/); // else: loops for ever
});

it('waits for a cooldown with checkBypassMs 0', async () => {
  const time = new VirtualClock();
  const provider = new ScriptedProvider({ clock: time });
  provider.script({ end: { kind: 'status', status: 429, retryAfterMs: 1_000 } });
  const clients = new ClientPool({
    clock: bounded(time),
    defaults: { checkBypassMs: 0 },
    providers: { a: provider },
  });
  clients.register('a', provider);
  await clients.complete(REQUEST).catch(() => {});
  const answer = clients.complete(REQUEST).then(({ text }) => text, String);
  await time.advance(2_000);
  expect(await answer).toBe('Hello there');
});

it('lends to nobody who left while a check began, and suspends while one does', async () => {
  for (const act of ['abort', 'suspend']) {
    const clock = new VirtualClock();
    const provider = new ScriptedProvider({ clock });
    const defaults = { checkBypassMs: 0, maxSize: 1 };
    const clients = new ClientPool({ clock, defaults, providers: { a: provider } });
    clients.register('a', provider);
    await clients.ready();
    clients.operator.suspend('a');
    const control = new AbortController();
    const call = clients
      .complete(REQUEST, { signal: control.signal })
      .then(({ text }) => text, String);
    const heard = clients.events$.subscribe(({ type }) => {
      if (type !== 'client.checking') return;
      heard.unsubscribe();
      if (act === 'abort') control.abort(new Error('gone'));
      else clients.operator.suspend('a');
    });
    clients.operator.resume('a');
    await clock.advance(1_000);
    clients.operator.resume('a');
    await clock.advance(1_000);

    expect(await call).toBe(act === 'abort' ? 'Error: gone' : 'Hello there');
    expect(clients.stats()['a']).toMatchObject({ inUse: 0, waiting: 0 });
  }
});

it('leaks nothing by signal: null', async () => {
  const clock = new VirtualClock();
  const clients = new ClientPool({ clock, providers: { a: new ScriptedProvider({ clock }) } });
  await clients.ready();
  const signal = null as never;
  const before = clock.pending;
  const call = async (): Promise<unknown> => clients.complete(REQUEST, { signal });
  await expect(call()).rejects.toThrow(TypeError);
  expect(clients.stats()['a']?.inUse).toBe(0);
  expect(clock.pending).toBe(before);
});

it('does not wait for the next provider after an abort in the tick of a failure', async () => {
  const clock = new VirtualClock();
  const control = new AbortController();
  const failing: Provider = {
    name: 'a',
    createClient: () => ({
      model: 'a-1',
      stream: () => ({
        [Symbol.asyncIterator]: () => ({
          next: () => {
            const failed = Promise.reject(new ProviderError('server', 'no', { provider: 'a' }));
            void failed.catch(() => {}).then(() => control.abort(new Error('gone')));
            return failed;
          },
        }),
      }),
    }),
  };
  const busy = { provider: new ScriptedProvider({ clock, model: 'b-1' }), maxSize: 1 };
  const clients = new ClientPool({ clock, providers: { a: failing, b: busy } });
  await clients.get('b');
  const call = clients.complete(REQUEST, { signal: control.signal });
  expect(await stateOf(clock, call)).toBe('Error: gone');
});

it('ends a call whose client gives what is no chunk', async () => {
  for (const value of [{ type: 'done' }, null]) {
    const clock = new VirtualClock();
    const next = (): Promise<never> => Promise.resolve({ done: false, value } as never);
    const client: Client = {
      model: 'm',
      stream: () => ({ [Symbol.asyncIterator]: () => ({ next }) }),
    };
    const provider: Provider = { name: 'own', createClient: () => client };
    const clients = new ClientPool({ clock, providers: { a: provider } });

    expect(await stateOf(clock, clients.complete(REQUEST))).toMatch(/^TypeError/);

    await clock.advance(1_000);
    expect(clients.stats()['a']?.inUse).toBe(0);
  }
});
