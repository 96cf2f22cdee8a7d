import {
  assistantMessage,
  type Client,
  ClientPool,
  NO_USAGE,
  type Provider,
  ProviderError,
  type TimeoutOptions,
} from '@sluice/core';
import { ScriptedProvider, VirtualClock, watchedSignal } from '@sluice/core/testing';
import { describe, expect, it } from 'vitest';
import {
  aClientPool,
  eventsOf,
  failureOf,
  readAll,
  REQUEST,
  statsOf,
  timersLeft,
  typesOf,
} from './support.ts';

describe('an attempt', () => {
  it('tells its way by events, in order', async () => {
    const { clients, events } = aClientPool({ a: {} });

    await clients.complete(REQUEST, { runId: 'run-1' });

    expect(typesOf(events, 'call.', 'attempt.', 'lease.')).toEqual([
      'call.started',
      'lease.waiting',
      'lease.acquired',
      'attempt.started',
      'attempt.firstByte',
      'attempt.firstContent',
      'attempt.finished',
      'call.finished',
      'lease.released',
    ]);
    const ids = { runId: 'run-1', call: 1, attempt: 1, target: 'a/a-1', pool: 'a', lease: 1 };
    expect(eventsOf(events, 'attempt.finished')).toMatchObject([
      { ...ids, finishReason: 'stop', usage: { inputTokens: 3, outputTokens: 5 } },
    ]);
    expect(eventsOf(events, 'lease.acquired')).toMatchObject([{ label: 'run-1' }]);
  });

  it('gives up when no status comes within firstByteMs', async () => {
    const { clock, clients, providers } = aClientPool({ a: { reply: { end: { kind: 'hang' } } } });

    const failure = failureOf(clients.complete(REQUEST));
    await clock.advance(120_000);

    expect(await failure).toMatchObject({
      kind: 'first-byte-timeout',
      provider: 'a',
      model: 'a-1',
    });
    expect(providers.a.aborted).toBe(1);
  });

  it('lets a provider have its own time to the first byte', async () => {
    const { clock, clients, events } = aClientPool({
      a: { reply: { end: { kind: 'hang' } }, timeouts: { firstByteMs: 300_000 } },
    });

    const failure = failureOf(clients.complete(REQUEST));
    await clock.advance(299_999);
    const before = typesOf(events, 'attempt.failed');
    await clock.advance(1);

    expect(before).toEqual([]);
    expect(await failure).toMatchObject({ kind: 'first-byte-timeout' });
  });

  it('waits for content as long as it takes when nobody else could answer', async () => {
    const reply = { pieces: ['late'], headersMs: 10, pieceMs: 59_000 };
    const { clock, clients } = aClientPool({ a: { reply } });

    const answer = clients.complete(REQUEST);
    await clock.advance(60_000);

    expect((await answer).text).toBe('late');
  });

  it('gives up on a silent body within idleMs, with what had come', async () => {
    const { clock, clients } = aClientPool({
      a: { reply: { pieces: ['one', ' two'], pieceMs: 50_000, end: { kind: 'stall' } } },
    });

    const failure = failureOf(clients.complete(REQUEST));
    await clock.advance(160_000);
    const error = await failure;

    expect(error).toMatchObject({ kind: 'idle-timeout', partial: { text: 'one two' } });
    expect(ProviderError.is(error) && error.partial?.usage).toMatchObject({ estimated: true });
  });

  it('is kept alive by pings, though they say nothing', async () => {
    const { clock, clients } = aPinger({ pings: 10, everyMs: 50_000 });

    const answer = clients.complete(REQUEST);
    await clock.advance(550_000);

    expect((await answer).text).toBe('at last');
  });

  it('does not take pings for content, where content has to come', async () => {
    const timeouts = { firstContentMs: 120_000 };
    const { clock, clients } = aPinger({ pings: 10, everyMs: 50_000, timeouts });

    const failure = failureOf(clients.complete(REQUEST));
    await clock.advance(120_000);

    expect(await failure).toMatchObject({ kind: 'first-content-timeout' });
  });

  it('gives up after totalMs, however lively the answer', async () => {
    const pieces = Array.from({ length: 100 }, () => 'x');
    const { clock, clients } = aClientPool(
      { a: { reply: { pieces, pieceMs: 1_000 } } },
      { timeouts: { totalMs: 5_500 } },
    );

    const failure = failureOf(clients.complete(REQUEST));
    await clock.advance(5_500);

    expect(await failure).toMatchObject({ kind: 'total-timeout', partial: { text: 'xxxxx' } });
  });

  it('does not take a reader who pauses for a provider that is silent', async () => {
    const { clock, clients } = aClientPool({ a: {} });
    const chunks = clients.stream(REQUEST)[Symbol.asyncIterator]();

    await chunks.next();
    await clock.advance(3_600_000);
    const rest = [await chunks.next(), await chunks.next(), await chunks.next()];

    expect(rest.map(({ value }) => value?.type)).toEqual(['text', 'text', 'done']);
  });

  it.each([
    ['an error of its own', { end: { kind: 'status', status: 500 } }],
    ['a timeout', { end: { kind: 'hang' } }],
    ['an answer without its end', { pieces: [], end: { kind: 'cut' } }],
  ] as const)('calls a provider as the pool does, in %s', async (_, reply) => {
    const clock = new VirtualClock();
    const provider = new ScriptedProvider({ clock, name: 'acme', model: 'a-1', reply });
    const clients = new ClientPool({ clock, providers: { work: provider } });

    const failure = failureOf(clients.complete(REQUEST));
    await clock.advance(120_000);

    expect(await failure).toMatchObject({ provider: 'work', attempts: [{ provider: 'work' }] });
  });

  it('has no timeout that is switched off', async () => {
    const { clock, clients } = aClientPool(
      { a: { reply: { end: { kind: 'stall' } } } },
      { timeouts: { idleMs: false } },
    );
    const stream = clients.stream(REQUEST);

    const read = readAll(stream);
    await clock.advance(86_400_000);
    await clients.close();

    expect(await read).toMatchObject({ error: { code: 'LEASE_REVOKED' } });
  });

  it('calls an answer without its end truncated, with what had come', async () => {
    const { clients } = aClientPool({ a: { reply: { pieces: ['Half'], end: { kind: 'cut' } } } });

    const error = await failureOf(clients.complete(REQUEST));

    expect(error).toMatchObject({
      code: 'PROVIDER_TRUNCATED',
      partial: { text: 'Half' },
      attempts: [{ attempt: 1, provider: 'a', outcome: 'failed', code: 'PROVIDER_TRUNCATED' }],
    });
  });

  it.each(['reset', 'malformed', 'error'] as const)(
    'keeps what had come when the answer ends by %s',
    async (kind) => {
      const { clients } = aClientPool({ a: { reply: { pieces: ['Half'], end: { kind } } } });

      const error = await failureOf(clients.complete(REQUEST));

      expect(error).toMatchObject({ name: 'ProviderError', partial: { text: 'Half' } });
    },
  );

  it('rejects with the very reason of an abort, and keeps what had come on the stream', async () => {
    const { clock, clients, events } = aClientPool({
      a: { reply: { pieces: ['Half'], end: { kind: 'stall' } } },
    });
    const controller = new AbortController();
    const reason = { code: 'user pressed stop' };
    const stream = clients.stream(REQUEST, { signal: controller.signal });

    const read = readAll(stream);
    await clock.settle();
    controller.abort(reason);
    const { error } = await read;

    expect(error).toBe(reason);
    expect(stream.partial?.text).toBe('Half');
    expect(stream.usage).toMatchObject({ estimated: true });
    expect(eventsOf(events, 'attempt.failed')).toMatchObject([{ kind: 'aborted', partial: true }]);
    expect(eventsOf(events, 'call.failed')).toMatchObject([{ error: { code: 'ABORTED' } }]);
  });

  it('asks nothing when its signal was aborted before', async () => {
    const { clients, providers, events } = aClientPool({ a: {} });
    const reason = new Error('never mind');

    const error = await failureOf(clients.complete(REQUEST, { signal: AbortSignal.abort(reason) }));

    expect(error).toBe(reason);
    expect(providers.a.requests).toEqual([]);
    expect(events).toEqual([]);
  });

  it('gives the lease back only when the request is over, so that no provider sees more calls than leases', async () => {
    const { clock, clients, providers, events } = aClientPool({
      a: { maxSize: 1, reply: { pieces: ['Half'], end: { kind: 'stall' }, cancelMs: 40 } },
    });
    const underWay: number[] = [];
    clients.events$.subscribe(({ type }) => {
      if (type === 'lease.released') underWay.push(providers.a.open);
    });

    const subscription = clients.stream(REQUEST).subscribe();
    await clock.settle();
    subscription.unsubscribe();
    const whileCancelling = statsOf(clients, 'a').inUse;
    await clock.advance(40);

    expect(whileCancelling).toBe(1);
    expect(statsOf(clients, 'a').inUse).toBe(0);
    expect(underWay).toEqual([0]);
    expect(typesOf(events, 'attempt.failed', 'lease.released')).toEqual([
      'attempt.failed',
      'lease.released',
    ]);
  });

  it('does not wait longer than 100 ms for a request to be over, and lends its client no more', async () => {
    const { clock, clients, events } = aClientPool({
      a: { reply: { pieces: ['Half'], end: { kind: 'stall' }, cancelMs: 5_000 } },
    });

    const subscription = clients.stream(REQUEST).subscribe();
    await clock.settle();
    subscription.unsubscribe();
    await clock.advance(99);
    const before = statsOf(clients, 'a').inUse;
    await clock.advance(1);

    expect(before).toBe(1);
    expect(statsOf(clients, 'a').inUse).toBe(0);
    expect(typesOf(events, 'lease.released', 'lease.destroyed')).toEqual(['lease.destroyed']);
  });

  it('does not lend a client again whose connection broke', async () => {
    const { clients, events } = aClientPool({ a: { reply: { end: { kind: 'reset' } } } });

    await failureOf(clients.complete(REQUEST));

    expect(typesOf(events, 'lease.released', 'lease.destroyed')).toEqual(['lease.destroyed']);
  });

  it('lends a client again whose provider merely refused', async () => {
    const { clients, events } = aClientPool({
      a: { reply: { end: { kind: 'status', status: 500 } } },
    });

    await failureOf(clients.complete(REQUEST));

    expect(typesOf(events, 'lease.released', 'lease.destroyed')).toEqual(['lease.released']);
  });

  it('ends when its lease is revoked', async () => {
    const { clock, clients, events } = aClientPool({ a: { reply: { end: { kind: 'stall' } } } });

    const failure = failureOf(clients.complete(REQUEST));
    await clock.settle();
    await clients.close();

    expect(await failure).toMatchObject({ code: 'LEASE_REVOKED' });
    expect(eventsOf(events, 'attempt.failed')).toMatchObject([{ kind: 'other' }]);
  });

  it.each([
    ['a whole answer', {}],
    ['a cut', { end: { kind: 'cut' } }],
    ['a refusal', { end: { kind: 'status', status: 500 } }],
    ['a silence', { end: { kind: 'stall' } }],
    ['no answer', { end: { kind: 'hang' } }],
  ] as const)('leaves no timer and no listener after %s', async (_, reply) => {
    const fixture = aClientPool({ a: { reply } });
    const watched = watchedSignal();

    const read = readAll(fixture.clients.stream(REQUEST, { signal: watched.signal }));
    await fixture.clock.advance(300_000);
    await read;

    expect(watched.listeners()).toBe(0);
    expect(await timersLeft(fixture)).toBe(0);
  });

  it('leaves no listener on a signal that 10,000 calls share', async () => {
    const { clients } = aClientPool({ a: { maxSize: 100 } }, { isObserved: false });
    const watched = watchedSignal();
    const { signal } = watched;

    for (let round = 0; round < 50; round += 1) {
      await Promise.all(Array.from({ length: 200 }, () => clients.complete(REQUEST, { signal })));
    }

    expect(watched.listeners()).toBe(0);
    expect(statsOf(clients, 'a')).toMatchObject({ inUse: 0, waiting: 0, totalAcquired: 10_000 });
  });
});

/** A client pool over a model that only pings for a while. */
function aPinger({ pings, everyMs, timeouts }: Pinger): {
  readonly clock: VirtualClock;
  readonly clients: ClientPool;
} {
  const clock = new VirtualClock();
  const wait = (): Promise<void> => new Promise((resolve) => void clock.after(everyMs, resolve));
  const client: Client = {
    model: 'a-1',
    async *stream(_, { onMeta, onBytes }) {
      onMeta?.({ status: 200 });
      for (let ping = 0; ping < pings; ping += 1) {
        await wait();
        onBytes?.();
      }
      yield { type: 'text', index: 0, delta: 'at last' };
      const message = assistantMessage('at last');
      yield { type: 'done', finish: { reason: 'stop' }, usage: NO_USAGE, message, attempts: [] };
    },
  };
  const provider: Provider = { name: 'a', createClient: () => client };
  return { clock, clients: new ClientPool({ clock, providers: { a: provider }, timeouts }) };
}

interface Pinger {
  readonly pings: number;
  readonly everyMs: number;
  readonly timeouts?: TimeoutOptions;
}
