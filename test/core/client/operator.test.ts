import { ClientPool, type ClientPoolEvent } from '@sluice/core';
import { ScriptedProvider, VirtualClock } from '@sluice/core/testing';
import { describe, expect, it } from 'vitest';
import { aClientPool, eventsOf, failureOf, REQUEST, statsOf, typesOf } from './support.ts';

describe('an operator', () => {
  it('resizes a pool, and who waits is served at once', async () => {
    const { clock, clients } = aClientPool({ a: { maxSize: 1 } });
    await clients.get('a');
    const answer = clients.complete(REQUEST);
    await clock.settle();

    const isDone = clients.operator.resize('a', 2);

    expect(isDone).toBe(true);
    expect((await answer).text).toBe('Hello there');
    expect(statsOf(clients, 'a').maxSize).toBe(2);
  });

  it('suspends a pool: calls go elsewhere, or wait until it is resumed', async () => {
    const { clock, clients, providers } = aClientPool({ a: {}, b: {} });

    clients.operator.suspend('a');
    const elsewhere = await clients.complete(REQUEST);
    const waits = clients.complete(REQUEST, { provider: 'a' });
    await clock.advance(5_000);
    const askedMeanwhile = providers.a.requests.length;
    clients.operator.resume('a');

    expect(elsewhere.attempts).toMatchObject([{ provider: 'b' }]);
    expect(askedMeanwhile).toBe(0);
    expect((await waits).attempts).toMatchObject([{ provider: 'a' }]);
  });

  it('drains a pool: who waits for it alone is refused, and it can be registered anew', async () => {
    const { clock, clients, events } = aClientPool({ a: { maxSize: 1 } });
    const lease = await clients.get('a');
    const waits = failureOf(clients.complete(REQUEST));
    await clock.settle();

    const drained = clients.operator.drain('a', 5_000);
    const whileDraining = (): void => clients.register('a', new ScriptedProvider({ clock }));
    expect(whileDraining).toThrow(expect.objectContaining({ code: 'POOL_DRAINING' }) as Error);
    lease.release();
    await drained;
    clients.register('a', new ScriptedProvider({ clock }));

    expect(await waits).toMatchObject({ code: 'POOL_DRAINING' });
    expect((await clients.complete(REQUEST)).model).toBe('scripted-1');
    expect(clients.snapshot().pools.map(({ name, status }) => `${name} ${status}`)).toEqual([
      'a open',
    ]);
    expect(typesOf(events, 'pool.')).toEqual([
      'pool.draining',
      'pool.closed',
      'pool.removed',
      'pool.opened',
    ]);
  });

  it('revokes a lease, and its call fails', async () => {
    const { clock, clients, events } = aClientPool({ a: { reply: { end: { kind: 'stall' } } } });
    const failure = failureOf(clients.complete(REQUEST));
    await clock.settle();
    const [acquired] = eventsOf(events, 'lease.acquired');

    const isDone = clients.operator.revoke('a', acquired?.lease ?? 0);

    expect(isDone).toBe(true);
    expect(await failure).toMatchObject({ code: 'LEASE_REVOKED' });
    expect(eventsOf(events, 'target.circuit')).toEqual([]);
  });

  it('trips and resets a circuit', async () => {
    const { clients } = aClientPool({ a: {} });
    await clients.ready();

    clients.operator.trip('a/a-1');
    const refused = await failureOf(clients.complete(REQUEST));
    clients.operator.reset('a/a-1');
    const { text } = await clients.complete(REQUEST);

    expect(refused).toMatchObject({ code: 'CIRCUIT_OPEN' });
    expect(text).toBe('Hello there');
  });

  it('probes an endpoint, and shows how that went', async () => {
    const clock = new VirtualClock();
    const answers = [Promise.resolve(), Promise.reject(new Error('down'))];
    const provider = Object.assign(new ScriptedProvider({ clock }), {
      probe: () => answers.shift() ?? Promise.resolve(),
    });
    const clients = new ClientPool({ clock, providers: { a: provider } });
    const events: ClientPoolEvent[] = [];
    clients.events$.subscribe((event) => events.push(event));
    await clients.ready();

    const results = [
      await clients.operator.probe('a/scripted-1'),
      await clients.operator.probe('a/scripted-1'),
    ];

    expect(results).toEqual([true, false]);
    expect(eventsOf(events, 'target.probed').map(({ healthy }) => healthy)).toEqual([true, false]);
  });

  it('hears that there is no pool or target of that name', async () => {
    const { operator } = aClientPool({ a: {} }).clients;

    const results = [
      operator.resize('z', 1),
      operator.suspend('z'),
      operator.resume('z'),
      operator.revoke('z', 1),
      operator.trip('z/z'),
      operator.reset('z/z'),
    ];

    expect(results.every((isDone) => !isDone)).toBe(true);
    expect(await operator.drain('z', 0)).toBeUndefined();
    expect(await operator.probe('z/z')).toBeUndefined();
  });
});
