import { ProviderError } from '@sluice/core';
import type { ScriptedReply } from '@sluice/core/testing';
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

/** Every form that a fault can take before the first content. */
const FAULTS: readonly (readonly [string, ScriptedReply, string])[] = [
  ['never answers', { end: { kind: 'hang' } }, 'PROVIDER_FIRST_CONTENT_TIMEOUT'],
  [
    'answers and then says nothing',
    { pieces: [], end: { kind: 'stall' } },
    'PROVIDER_IDLE_TIMEOUT',
  ],
  ['is cut short', { pieces: [], end: { kind: 'cut' } }, 'PROVIDER_TRUNCATED'],
  ['breaks its connection', { pieces: [], end: { kind: 'reset' } }, 'PROVIDER_NETWORK'],
  ['sends what nobody can read', { pieces: [], end: { kind: 'malformed' } }, 'PROVIDER_MALFORMED'],
  ['sends an error as its answer', { pieces: [], end: { kind: 'error' } }, 'PROVIDER_SERVER'],
  ['fails', { end: { kind: 'status', status: 500 } }, 'PROVIDER_SERVER'],
  ['is overloaded', { end: { kind: 'status', status: 529 } }, 'PROVIDER_OVERLOADED'],
  ['is at its limit', { end: { kind: 'status', status: 429 } }, 'PROVIDER_RATE_LIMIT'],
  ['refuses the key', { end: { kind: 'status', status: 401 } }, 'PROVIDER_AUTH'],
];

describe('failover', () => {
  it.each(FAULTS)('takes a call to the next provider when one %s', async (_, reply, code) => {
    const fixture = aClientPool({ bad: { reply }, good: {} }, { timeouts: { idleMs: 30_000 } });
    const { clock, clients, events } = fixture;

    const answer = clients.complete(REQUEST);
    await clock.advance(61_000);
    const { text, attempts } = await answer;

    expect(text).toBe('Hello there');
    expect(attempts).toMatchObject([
      { attempt: 1, provider: 'bad', model: 'bad-1', outcome: 'failed', code },
      { attempt: 2, provider: 'good', model: 'good-1', outcome: 'finished' },
    ]);
    expect(typesOf(events, 'call.')).toEqual(['call.started', 'call.failedOver', 'call.finished']);
    expect(statsOf(clients, 'bad').inUse).toBe(0);
    expect(await timersLeft(fixture)).toBe(0);
  });

  it.each([
    ['latency', 90_000],
    ['status', 503],
    ['cut', 0],
    ['stall', 0],
  ] as const)('takes a call to the next provider after a %s added by hand', async (kind, value) => {
    const { clock, clients, events } = aClientPool({ bad: {}, good: {} });
    clients.faults.add({ pool: 'bad', kind, every: 1, value, forMs: 600_000, by: 'ann' });

    const answer = clients.complete(REQUEST);
    await clock.advance(61_000);
    const { attempts } = await answer;

    expect(attempts.map(({ provider, outcome }) => `${provider} ${outcome}`)).toEqual([
      'bad failed',
      'good finished',
    ]);
    expect(eventsOf(events, 'call.failed')).toEqual([]);
  });

  it('shows the reader nothing of an attempt that failed before its content', async () => {
    const { clients } = aClientPool({
      bad: { reply: { pieces: [], end: { kind: 'reset' } } },
      good: {},
    });

    const { chunks } = await readAll(clients.stream(REQUEST));

    expect(chunks.map(({ type }) => type)).toEqual(['start', 'text', 'text', 'done']);
    expect(chunks[0]).toMatchObject({ model: 'good-1' });
  });

  it.each(['cut', 'reset', 'malformed', 'error', 'stall'] as const)(
    'never goes on to another provider after content, as when it ends by %s',
    async (kind) => {
      const { clock, clients, providers, events } = aClientPool({
        bad: { reply: { pieces: ['Half'], end: { kind } } },
        good: {},
      });

      const read = readAll(clients.stream(REQUEST));
      await clock.advance(61_000);
      const { text, error } = await read;

      expect(text).toBe('Half');
      expect(error).toMatchObject({
        name: 'ProviderError',
        partial: { text: 'Half' },
        attempts: [{ provider: 'bad', outcome: 'failed' }],
      });
      expect(providers.good.requests).toEqual([]);
      expect(typesOf(events, 'call.')).toEqual(['call.started', 'call.failed']);
    },
  );

  it('never goes on to another provider after a tool was asked for', async () => {
    const call = { id: 'call-1', name: 'clock', input: {} };
    const { clients, providers } = aClientPool({
      bad: { reply: { pieces: [], toolCalls: [call], end: { kind: 'reset' } } },
      good: {},
    });

    const error = await failureOf(clients.complete(REQUEST));

    expect(error).toMatchObject({ code: 'PROVIDER_NETWORK' });
    expect(providers.good.requests).toEqual([]);
  });

  it('fails with what the last provider failed with, and lists every attempt', async () => {
    const { clients, events } = aClientPool({
      a: { reply: { end: { kind: 'status', status: 500 } } },
      b: { reply: { end: { kind: 'reset' } } },
    });

    const error = await failureOf(clients.complete(REQUEST));

    expect(ProviderError.is(error)).toBe(true);
    expect(error).toMatchObject({
      code: 'PROVIDER_NETWORK',
      attempts: [
        { attempt: 1, provider: 'a', code: 'PROVIDER_SERVER' },
        { attempt: 2, provider: 'b', code: 'PROVIDER_NETWORK' },
      ],
    });
    expect(eventsOf(events, 'call.failed')).toMatchObject([
      { attempts: 2, error: { code: 'PROVIDER_NETWORK' } },
    ]);
  });

  it('does not ask a second provider what the first one found to be a bad request', async () => {
    const { clients, providers } = aClientPool({
      a: { reply: { end: { kind: 'status', status: 400 } } },
      b: {},
    });

    const error = await failureOf(clients.complete(REQUEST));

    expect(error).toMatchObject({ code: 'PROVIDER_BAD_REQUEST' });
    expect(providers.b.requests).toEqual([]);
  });

  it('asks only the provider that a call names', async () => {
    const { clients, providers } = aClientPool({
      a: {},
      b: { reply: { end: { kind: 'reset' } } },
    });

    const error = await failureOf(clients.complete(REQUEST, { provider: 'b' }));

    expect(error).toMatchObject({ code: 'PROVIDER_NETWORK' });
    expect(providers.a.requests).toEqual([]);
  });

  it('does not ask a second provider for a caller who left', async () => {
    const { clock, clients, providers } = aClientPool({
      a: { reply: { end: { kind: 'hang' } } },
      b: {},
    });
    const controller = new AbortController();
    const reason = new Error('left');

    const failure = failureOf(clients.complete(REQUEST, { signal: controller.signal }));
    await clock.settle();
    controller.abort(reason);

    expect(await failure).toBe(reason);
    expect(providers.b.requests).toEqual([]);
  });

  it('goes on when the clients of a provider cannot be made', async () => {
    const { clock, clients } = aClientPool({ a: {}, b: {} });
    clients.register('a', {
      name: 'broken',
      createClient: () => {
        throw new Error('no such endpoint');
      },
    });

    const answer = clients.complete(REQUEST);
    await clock.settle();

    expect((await answer).attempts).toMatchObject([{ provider: 'b' }]);
  });

  it('gives an answer without any content as it is', async () => {
    const { clients } = aClientPool({ a: { reply: { pieces: [] } }, b: {} });

    const { text, attempts } = await clients.complete(REQUEST);

    expect(text).toBe('');
    expect(attempts).toHaveLength(1);
  });
});
