import { type Client, ClientPool, type Lease, toolMessage } from '@sluice/core';
import { ScriptedProvider, VirtualClock, watchedSignal } from '@sluice/core/testing';
import { describe, expect, it } from 'vitest';
import {
  aClientPool,
  eventsOf,
  failureOf,
  REQUEST,
  statsOf,
  timersLeft,
  typesOf,
} from './support.ts';

describe('a client pool', () => {
  it('answers', async () => {
    const { clients } = aClientPool({ a: {} });

    const completion = await clients.complete(REQUEST);

    expect(completion).toMatchObject({
      text: 'Hello there',
      model: 'a-1',
      finish: { reason: 'stop' },
      attempts: [{ attempt: 1, provider: 'a', model: 'a-1', outcome: 'finished' }],
    });
  });

  it('never asks a provider more often at once than it has clients, and answers everybody once', async () => {
    const fixture = aClientPool({ a: { reply: { pieceMs: 100 } } });
    const { clock, clients, providers } = fixture;

    const answers = Promise.all(Array.from({ length: 200 }, () => clients.complete(REQUEST)));
    await clock.advance(10_000);
    const texts = (await answers).map(({ text }) => text);

    expect(texts).toEqual(Array.from({ length: 200 }, () => 'Hello there'));
    expect(providers.a.highWater).toBe(10);
    expect(providers.a.requests).toHaveLength(200);
    expect(statsOf(clients, 'a')).toMatchObject({
      inUse: 0,
      waiting: 0,
      totalAcquired: 200,
      totalReleased: 200,
    });
    expect(await timersLeft(fixture)).toBe(0);
  });

  it('answers everybody once beside a provider that fails', async () => {
    const fixture = aClientPool({
      bad: { reply: { headersMs: 10, pieces: [], end: { kind: 'reset' } } },
      good: { reply: { pieceMs: 100 } },
    });
    const { clock, clients, providers } = fixture;

    const answers = Promise.all(Array.from({ length: 200 }, () => clients.complete(REQUEST)));
    await clock.advance(10_000);
    const completions = await answers;

    expect(completions.every(({ text }) => text === 'Hello there')).toBe(true);
    expect(completions.every(({ attempts }) => attempts.at(-1)?.provider === 'good')).toBe(true);
    expect(completions.some(({ attempts }) => attempts[0]?.provider === 'bad')).toBe(true);
    expect(providers.good.requests).toHaveLength(200);
    expect(providers.good.highWater).toBeLessThanOrEqual(10);
    expect(statsOf(clients, 'good')).toMatchObject({ inUse: 0, waiting: 0 });
    expect(statsOf(clients, 'bad')).toMatchObject({ inUse: 0, waiting: 0 });
    expect(await timersLeft(fixture)).toBe(0);
  });

  it('takes up the work of a full provider by another that has room', async () => {
    const { clock, clients, providers } = aClientPool({
      a: { maxSize: 2, reply: { pieceMs: 100 } },
      b: { maxSize: 2, reply: { pieceMs: 100 } },
    });

    const answers = Promise.all(Array.from({ length: 4 }, () => clients.complete(REQUEST)));
    await clock.advance(200);
    await answers;

    expect(providers.a.requests).toHaveLength(2);
    expect(providers.b.requests).toHaveLength(2);
  });

  it('begins a call without waiting for a promise when a client is idle', async () => {
    const { clients, providers } = aClientPool({ a: {} });
    await clients.ready();

    const answer = clients.complete(REQUEST);

    expect(providers.a.requests).toHaveLength(1);
    await answer;
  });

  it('asks the model that a request names, as a target of its own', async () => {
    const { clients, providers } = aClientPool({ a: {} });

    await clients.complete(REQUEST);
    await clients.complete({ ...REQUEST, model: 'a-large' });

    expect(providers.a.requests.map(({ model }) => model)).toEqual([undefined, 'a-large']);
    expect(clients.snapshot().targets.map(({ target }) => target)).toEqual(['a/a-1', 'a/a-large']);
  });

  it('does not remember models without bound', async () => {
    const { clients } = aClientPool({ a: {} }, { isObserved: false });

    for (let i = 0; i < 1_000; i += 1) await clients.complete({ ...REQUEST, model: `m-${i}` });

    expect(clients.snapshot().targets.length).toBeLessThanOrEqual(257);
  });

  it('gives every run an id when the caller gives none', async () => {
    const { clients, events } = aClientPool({ a: {} });

    await clients.complete(REQUEST);
    await clients.complete(REQUEST);
    const ids = eventsOf(events, 'call.started').map(({ runId }) => runId);

    expect(new Set(ids).size).toBe(2);
    expect(eventsOf(events, 'lease.acquired').map(({ label }) => label)).toEqual(ids);
  });

  it('counts calls though nobody observes', async () => {
    const { clients } = aClientPool(
      { a: { reply: { end: { kind: 'reset' } } } },
      { isObserved: false },
    );

    await failureOf(clients.complete(REQUEST));

    expect(clients.calls).toEqual({ started: 1, failed: 1 });
  });
});

describe('a client that is lent by hand', () => {
  it('is of the provider that was asked for, and goes back', async () => {
    const { clients } = aClientPool({ a: {}, b: {} });

    const lease = await clients.get('b', { runId: 'run-7' });
    const { model } = lease.resource;
    const during = statsOf(clients, 'b').inUse;
    lease.release();

    expect(model).toBe('b-1');
    expect(during).toBe(1);
    expect(statsOf(clients, 'b').inUse).toBe(0);
  });

  it('is refused for a provider that nobody knows, by the names of those that are', async () => {
    const { clients } = aClientPool({ a: {}, b: {} });

    const error = await failureOf(clients.get('c'));

    expect(error).toMatchObject({ code: 'PROVIDER_UNKNOWN', provider: 'c' });
    expect(String(error)).toContain('a, b');
  });

  it('can be waited for, by those who came first first', async () => {
    const { clock, clients } = aClientPool({ a: { maxSize: 1 } });
    const first = await clients.get('a');
    const order: string[] = [];
    const ask = async (name: string): Promise<void> => {
      const lease = await clients.get('a');
      order.push(name);
      lease.release();
    };

    const asked = Promise.all([ask('second'), ask('third')]);
    await clock.settle();
    first.release();
    await asked;

    expect(order).toEqual(['second', 'third']);
  });

  it('goes back when its caller aborted between the grant and hearing of it', async () => {
    const { clock, clients } = aClientPool({ a: { maxSize: 1 } });
    const held = await clients.get('a');
    const controller = new AbortController();

    const failure = failureOf(clients.get('a', { signal: controller.signal }));
    await clock.settle();
    held.release();
    controller.abort('changed my mind');

    expect(await failure).toBe('changed my mind');
    await clock.settle();
    expect(statsOf(clients, 'a').inUse).toBe(0);
  });
});

describe('waiting for a client', () => {
  it('ends after acquireTimeoutMs, with the numbers that explain it', async () => {
    const { clock, clients, events } = aClientPool({ a: { maxSize: 1 } });
    await clients.get('a');

    const failure = failureOf(clients.complete(REQUEST));
    await clock.advance(30_000);

    expect(await failure).toMatchObject({
      code: 'POOL_ACQUIRE_TIMEOUT',
      pool: 'a',
      timeoutMs: 30_000,
      stats: { inUse: 1, maxSize: 1 },
    });
    expect(statsOf(clients, 'a')).toMatchObject({ waiting: 0, totalTimedOut: 1 });
    expect(eventsOf(events, 'lease.refused')).toMatchObject([{ waiter: 2, reason: 'timeout' }]);
  });

  it('ends when its caller aborts, and leaves no listener', async () => {
    const { clock, clients } = aClientPool({ a: { maxSize: 1 } });
    const watched = watchedSignal();
    const reason = new Error('left');
    await clients.get('a');

    const failure = failureOf(clients.complete(REQUEST, { signal: watched.signal }));
    await clock.settle();
    watched.abort(reason);

    expect(await failure).toBe(reason);
    expect(watched.listeners()).toBe(0);
    expect(statsOf(clients, 'a')).toMatchObject({ waiting: 0, totalAborted: 1 });
  });

  it('ends when its reader unsubscribes', async () => {
    const { clock, clients, providers } = aClientPool({ a: { maxSize: 1 } });
    const lease = await clients.get('a');

    const subscription = clients.stream(REQUEST).subscribe();
    await clock.settle();
    const before = statsOf(clients, 'a').waiting;
    subscription.unsubscribe();
    await clock.settle();
    lease.release();
    await clock.settle();

    expect(before).toBe(1);
    expect(statsOf(clients, 'a')).toMatchObject({ waiting: 0, inUse: 0 });
    expect(providers.a.requests).toEqual([]);
  });

  it('is refused at once when as many wait as may', async () => {
    const { clients, events } = aClientPool({ a: { maxSize: 1, maxWaiters: 1 } });
    await clients.get('a');

    const waits = clients.get('a');
    const error = await failureOf(clients.get('a'));

    expect(error).toMatchObject({ code: 'POOL_QUEUE_FULL', maxWaiters: 1 });
    expect(eventsOf(events, 'lease.refused')).toMatchObject([{ reason: 'queueFull' }]);
    await Promise.all([failureOf(waits), clients.close()]);
  });

  it('goes by priority, and shares between tenants', async () => {
    const { clock, clients } = aClientPool({ a: { maxSize: 1 } });
    const held = await clients.get('a');
    const order: string[] = [];
    const ask = async (tenant: string, name: string, priority = 0): Promise<void> => {
      const lease = await clients.get('a', { tenant, priority });
      order.push(name);
      lease.release();
    };

    const asked = Promise.all([
      ask('loud', 'loud 1'),
      ask('loud', 'loud 2'),
      ask('loud', 'loud urgent', 5),
      ask('quiet', 'quiet 1'),
    ]);
    await clock.settle();
    held.release();
    await asked;

    expect(order).toEqual(['loud urgent', 'quiet 1', 'loud 1', 'loud 2']);
  });

  it('is served by whichever of the providers comes free first', async () => {
    const { clock, clients } = aClientPool({ a: { maxSize: 1 }, b: { maxSize: 1 } });
    await clients.get('a');
    const b = await clients.get('b');

    const answer = clients.complete(REQUEST);
    await clock.settle();
    const stoodAt = [statsOf(clients, 'a').waiting, statsOf(clients, 'b').waiting];
    b.release();

    expect(stoodAt).toEqual([1, 0]);
    expect((await answer).attempts).toMatchObject([{ provider: 'b' }]);
    expect(statsOf(clients, 'a').waiting).toBe(0);
  });

  it('never overtakes, not even from inside an event', async () => {
    const { clock, clients } = aClientPool({ a: { maxSize: 1 } });
    const held = await clients.get('a');
    const order: string[] = [];
    const note = (name: string) => (lease: Lease<Client>) => {
      order.push(name);
      lease.release();
    };
    let late: Promise<void> | undefined;
    clients.events$.subscribe(({ type }) => {
      if (type === 'lease.released') late ??= clients.get('a').then(note('late'));
    });

    const early = clients.get('a').then(note('early'));
    await clock.settle();
    held.release();
    await early;
    await late;

    expect(order).toEqual(['early', 'late']);
  });

  it('shows in the snapshot who stands where, by run', async () => {
    const { clock, clients } = aClientPool({ a: { maxSize: 1 } });
    await clients.get('a', { runId: 'holder' });

    const waits = clients.get('a', { runId: 'waiter', tenant: 't', priority: 2 });
    await clock.advance(5_000);
    const [pool] = clients.snapshot().pools;

    expect(pool?.waiters).toEqual([
      {
        waiter: 2,
        since: clock.timestamp() - 5_000,
        timeoutMs: 30_000,
        label: 'waiter',
        tenant: 't',
        priority: 2,
      },
    ]);
    expect(pool?.slots.find(({ lease }) => lease !== undefined)?.lease?.label).toBe('holder');
    await Promise.all([failureOf(waits), clients.close()]);
  });
});

describe('providers that come and go', () => {
  it('may be added while it runs', async () => {
    const { clock, clients, events } = aClientPool({});
    const before = await failureOf(clients.complete(REQUEST));

    clients.register('late', new ScriptedProvider({ clock, name: 'scripted' }));
    const { attempts } = await clients.complete(REQUEST);

    expect(before).toMatchObject({ code: 'NO_TARGET' });
    expect(clients.providerNames).toEqual(['late']);
    expect(clients.has('late')).toBe(true);
    expect(attempts).toMatchObject([{ provider: 'late' }]);
    expect(eventsOf(events, 'pool.opened')).toMatchObject([
      { pool: 'late', provider: 'scripted', maxSize: 10, minIdle: 2 },
    ]);
  });

  it('may be replaced: leases that are out keep their client and still count', async () => {
    const { clock, clients, providers } = aClientPool({ a: { minIdle: 1 } });
    const lease = await clients.get('a');
    const other = new ScriptedProvider({ clock, name: 'other', model: 'other-1' });

    clients.register('a', { provider: other, minIdle: 1 });
    await clock.settle();
    const { model } = lease.resource;
    const { inUse } = statsOf(clients, 'a');
    const next = await clients.complete(REQUEST);
    lease.release();
    await clock.settle();

    expect(model).toBe('a-1');
    expect(inUse).toBe(1);
    expect(next.model).toBe('other-1');
    expect(providers.a.closed).toBe(providers.a.created);
  });

  it('are probed no more once replaced by one that cannot be probed', async () => {
    const clock = new VirtualClock();
    let probes = 0;
    const probed = Object.assign(new ScriptedProvider({ clock }), {
      probe: () => {
        probes += 1;
        return Promise.resolve();
      },
    });
    const clients = new ClientPool({ clock, providers: { a: probed } });
    await clients.ready();

    clients.register('a', new ScriptedProvider({ clock }));
    await clock.advance(300_000);

    expect(probes).toBe(0);
    expect(statsOf(clients, 'a').idle).toBe(2);
    const closed = clients.close();
    await clock.advance(5_000);
    await closed;
  });

  it('may be removed: nobody gets its clients any more, and leases are waited for', async () => {
    const { clock, clients, events } = aClientPool({ a: {}, b: {} });
    const lease = await clients.get('a');

    const removed = clients.remove('a');
    const { attempts } = await clients.complete(REQUEST);
    const before = typesOf(events, 'pool.removed');
    lease.release();
    await clock.settle();

    expect(await removed).toMatchObject({ abandoned: [] });
    expect(attempts).toMatchObject([{ provider: 'b' }]);
    expect(before).toEqual([]);
    expect(typesOf(events, 'pool.removed')).toEqual(['pool.removed']);
    expect(clients.snapshot().pools.map(({ name }) => name)).toEqual(['b']);
    expect(await failureOf(clients.get('a'))).toMatchObject({ code: 'PROVIDER_UNKNOWN' });
  });

  it('are probed while idle, and replaced when they do not answer', async () => {
    const clock = new VirtualClock();
    let isWell = true;
    let probes = 0;
    const provider = Object.assign(new ScriptedProvider({ clock }), {
      probe: () => {
        probes += 1;
        return isWell ? Promise.resolve() : Promise.reject(new Error('unreachable'));
      },
    });
    const clients = new ClientPool({ clock, providers: { a: provider } });
    await clients.ready();

    await clock.advance(70_000);
    const { created } = provider;
    isWell = false;
    await clock.advance(70_000);

    expect(probes).toBeGreaterThan(2);
    expect(created).toBe(2);
    expect(provider.created).toBeGreaterThan(2);
    const closed = clients.close();
    await clock.advance(5_000);
    await closed;
  });
});

describe('the end of a client pool', () => {
  it('waits for answers under way when it drains, and refuses everybody else', async () => {
    const { clock, clients } = aClientPool({ a: { maxSize: 1, reply: { pieceMs: 1_000 } } });
    const answer = clients.complete(REQUEST);
    await clock.settle();
    const waits = failureOf(clients.complete(REQUEST));

    const drained = clients.drain();
    const late = failureOf(clients.complete(REQUEST));
    await clock.advance(2_000);

    expect((await answer).text).toBe('Hello there');
    expect(await waits).toMatchObject({ code: 'POOL_DRAINING' });
    expect(await late).toMatchObject({ code: 'POOL_DRAINING' });
    expect(await drained).toMatchObject({ abandoned: [] });
    expect(clients.isClosed).toBe(true);
  });

  it('ends answers under way when it closes, and leaves nothing behind', async () => {
    const fixture = aClientPool({ a: { reply: { end: { kind: 'stall' } } } });
    const { clock, clients, providers } = fixture;
    const failure = failureOf(clients.complete(REQUEST));
    await clock.settle();

    const closed = clients.close();
    await clock.advance(200);

    expect(await failure).toMatchObject({ code: 'LEASE_REVOKED' });
    expect((await closed).abandoned).toHaveLength(1);
    expect(providers.a.open).toBe(0);
    expect(providers.a.closed).toBe(providers.a.created);
    expect(await timersLeft(fixture)).toBe(0);
  });

  it('takes no provider any more', async () => {
    const { clock, clients } = aClientPool({ a: {} });
    await clients.close();

    const register = (): void => clients.register('b', new ScriptedProvider({ clock }));

    expect(register).toThrow(expect.objectContaining({ code: 'POOL_CLOSED' }));
    expect(await failureOf(clients.complete(REQUEST))).toMatchObject({ code: 'POOL_CLOSED' });
  });
});

describe('the options of a client pool', () => {
  it('are refused by name when they make no sense', () => {
    const provider = new ScriptedProvider({ clock: new VirtualClock() });
    const make = (options: object) => (): ClientPool => new ClientPool(options);

    expect(make({ provider: {} })).toThrow('provider');
    expect(make({ balancer: 'best' })).toThrow('balancer');
    expect(make({ timeouts: { idleMs: -1 } })).toThrow('timeouts.idleMs');
    expect(make({ circuit: { minCalls: 0 }, providers: { a: provider } })).toThrow(
      'circuit.minCalls',
    );
    expect(make({ providers: { a: { provider, maxSize: 0 } } })).toThrow('maxSize');
    expect(make({ providers: { a: { provider, wieght: 2 } } })).toThrow('wieght');
    expect(make({ providers: { a: { provider, weight: 0 } } })).toThrow('weight');
  });

  it('are refused at once when a caller makes a mistake', () => {
    const { clients, events } = aClientPool({ a: {} });

    expect(() => clients.get('a', { timeoutMs: -1 })).toThrow('timeoutMs');
    expect(() => clients.complete(REQUEST, { priority: 0.5 })).toThrow('priority');
    expect(() => clients.stream(REQUEST, { timeoutMs: Number.NaN })).toThrow('timeoutMs');
    expect(events).toEqual([]);
  });

  it('hold for every provider that does not say otherwise', () => {
    const clock = new VirtualClock();
    const provider = new ScriptedProvider({ clock });

    const clients = new ClientPool({
      clock,
      defaults: { maxSize: 4 },
      providers: { a: provider, b: { provider, maxSize: 7, group: 'main' } },
    });

    expect(clients.snapshot().pools).toMatchObject([
      { name: 'a', provider: 'scripted', options: { maxSize: 4, minIdle: 2 } },
      { name: 'b', provider: 'scripted', group: 'main', options: { maxSize: 7, minIdle: 2 } },
    ]);
  });
});

describe('watching a client pool', () => {
  it('changes nothing when a subscriber throws or calls back', async () => {
    const fixture = aClientPool({ a: { maxSize: 2 } });
    const { clients } = fixture;
    clients.events$.subscribe(() => {
      throw new Error('observer');
    });
    const late: Promise<unknown>[] = [];
    clients.events$.subscribe(({ type }) => {
      if (type === 'lease.released' && late.length < 20) late.push(clients.complete(REQUEST));
    });

    const answers = await Promise.all(Array.from({ length: 20 }, () => clients.complete(REQUEST)));
    await Promise.all(late);

    expect(answers.every(({ text }) => text === 'Hello there')).toBe(true);
    expect(statsOf(clients, 'a')).toMatchObject({ inUse: 0, waiting: 0, totalAcquired: 40 });
    expect(await timersLeft(fixture)).toBe(0);
  });

  it('never shows what was said, nor a secret', async () => {
    const secret = 'sk-canary-0123456789abcdefghijklmnopqrstuvwxyz';
    const said = 'CANARY-WORDS-OF-A-PERSON';
    const { clock, clients, events } = aClientPool({
      a: { reply: { pieces: [said], end: { kind: 'reset' } } },
      b: { reply: { pieces: [said] } },
    });
    const request = {
      messages: [
        { role: 'user', content: said },
        toolMessage([{ type: 'tool-result', callId: '1', name: 't', content: secret }]),
      ],
    } as const;
    const broken = {
      name: 'broken',
      createClient: () => {
        throw new Error(`Authorization: Bearer ${secret}`);
      },
    };
    clients.register('c', broken);

    const error = await failureOf(clients.complete(request));
    await clients.complete(request, { provider: 'b' });
    const failure = failureOf(clients.complete(request, { provider: 'c', timeoutMs: 500 }));
    await clock.advance(500);
    await failure;
    const controller = new AbortController();
    const aborted = failureOf(clients.complete(request, { signal: controller.signal }));
    controller.abort(new Error(said));
    await aborted;

    const shown = JSON.stringify([events, clients.snapshot()]);
    expect(shown).not.toContain('CANARY');
    expect(shown).not.toContain('canary');
    expect(String(error)).not.toContain('CANARY');
  });
});
