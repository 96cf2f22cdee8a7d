import { describe, expect, it } from 'vitest';
import { aClientPool, eventsOf, failureOf, readAll, REQUEST, timersLeft } from './support.ts';

const BY = { by: 'ann', forMs: 60_000 } as const;

describe('a fault added by hand', () => {
  it('shows, ends by itself, and says so', async () => {
    const fixture = aClientPool({ a: {} });
    const { clock, clients, events } = fixture;

    const fault = clients.faults.add({ pool: 'a', kind: 'status', every: 2, value: 429, ...BY });
    const shown = clients.snapshot().faults;
    await clock.advance(60_000);

    expect(fault).toEqual({
      fault: 'fault-1',
      kind: 'status',
      pool: 'a',
      every: 2,
      value: 429,
      until: clock.timestamp(),
      by: 'ann',
    });
    expect(shown).toEqual([fault]);
    expect(clients.faults.list()).toEqual([]);
    expect(eventsOf(events, 'fault.added')).toMatchObject([fault]);
    expect(eventsOf(events, 'fault.removed')).toMatchObject([{ fault: 'fault-1', by: 'expired' }]);
    expect(await timersLeft(fixture)).toBe(0);
  });

  it('can be taken back, once', () => {
    const { clients, events } = aClientPool({ a: {} });
    const { fault } = clients.faults.add({ pool: 'a', kind: 'cut', every: 1, ...BY });

    const results = [clients.faults.remove(fault, 'bob'), clients.faults.remove(fault, 'bob')];

    expect(results).toEqual([true, false]);
    expect(eventsOf(events, 'fault.removed')).toMatchObject([{ fault, by: 'bob' }]);
  });

  it('strikes every n-th attempt', async () => {
    const { clients } = aClientPool({ a: {} });
    clients.faults.add({ pool: 'a', kind: 'status', every: 3, value: 400, ...BY });
    const outcomes: string[] = [];

    for (let i = 0; i < 9; i += 1) {
      const { error } = await readAll(clients.stream(REQUEST));
      outcomes.push(error === undefined ? 'ok' : 'struck');
    }

    expect(outcomes.join(' ')).toBe('ok ok struck ok ok struck ok ok struck');
  });

  it('strikes only the target that it is meant for', async () => {
    const { clients } = aClientPool({ a: {}, b: {} });
    clients.faults.add({ target: 'a/a-large', kind: 'status', every: 1, ...BY });

    const ordinary = await clients.complete(REQUEST, { provider: 'a' });
    const other = await clients.complete({ ...REQUEST, model: 'a-large' }, { provider: 'b' });
    const struck = await failureOf(
      clients.complete({ ...REQUEST, model: 'a-large' }, { provider: 'a' }),
    );

    expect([ordinary.text, other.text]).toEqual(['Hello there', 'Hello there']);
    expect(struck).toMatchObject({ code: 'PROVIDER_OVERLOADED', status: 503 });
  });

  it('makes an answer late', async () => {
    const { clock, clients, providers } = aClientPool({ a: {} });
    clients.faults.add({ pool: 'a', kind: 'latency', every: 1, value: 700, ...BY });

    const answer = clients.complete(REQUEST);
    await clock.advance(699);
    const askedBefore = providers.a.requests.length;
    await clock.advance(1);
    const { attempts } = await answer;

    expect(askedBefore).toBe(0);
    expect(attempts[0]?.durationMs).toBe(700);
  });

  it('cuts an answer after so many chunks, and ends the request', async () => {
    const { clock, clients, providers } = aClientPool({ a: {} });
    clients.faults.add({ pool: 'a', kind: 'cut', every: 1, value: 2, ...BY });

    const { text, error } = await readAll(clients.stream(REQUEST));
    await clock.settle();

    expect(text).toBe('Hello');
    expect(error).toMatchObject({ code: 'PROVIDER_TRUNCATED', partial: { text: 'Hello' } });
    expect(providers.a.open).toBe(0);
  });

  it('cuts an answer that is shorter than that, too', async () => {
    const { clients } = aClientPool({ a: {} });
    clients.faults.add({ pool: 'a', kind: 'cut', every: 1, value: 100, ...BY });

    const { error } = await readAll(clients.stream(REQUEST));

    expect(error).toMatchObject({ code: 'PROVIDER_TRUNCATED' });
  });

  it('stalls an answer after so many chunks', async () => {
    const { clock, clients } = aClientPool({ a: {} });
    clients.faults.add({ pool: 'a', kind: 'stall', every: 1, value: 3, ...BY });

    const read = readAll(clients.stream(REQUEST));
    await clock.advance(60_000);

    expect(await read).toMatchObject({ text: 'Hello there', error: { kind: 'idle-timeout' } });
  });

  it('is refused by the name of the field that is out of bounds', () => {
    const { faults } = aClientPool({ a: {} }).clients;
    const fault = { pool: 'a', kind: 'status', every: 1, ...BY } as const;

    expect(() => faults.add({ ...fault, every: 0 })).toThrow('every');
    expect(() => faults.add({ ...fault, forMs: 600_001 })).toThrow('forMs');
    expect(() => faults.add({ ...fault, value: 200 })).toThrow('value');
    expect(() => faults.add({ ...fault, kind: 'toString' as 'status' })).toThrow('kind');
    expect(faults.list()).toEqual([]);
  });

  it('is one of a hundred at most', () => {
    const { faults } = aClientPool({ a: {} }).clients;
    const fault = { pool: 'a', kind: 'status', every: 1, ...BY } as const;
    for (let i = 0; i < 100; i += 1) faults.add(fault);

    expect(() => faults.add(fault)).toThrow('100 faults');
  });
});
