import { describe, expect, it } from 'vitest';
import type { ScriptedReply } from '@sluice/core/testing';
import {
  aClientPool,
  eventsOf,
  failureOf,
  type Fixture,
  REQUEST,
  timersLeft,
  typesOf,
} from './support.ts';

const FAILS: ScriptedReply = { end: { kind: 'status', status: 500 } };

describe('the circuit of a target', () => {
  it('opens after failures, lets one trial through, and closes when that succeeds', async () => {
    const fixture = aClientPool({ a: {} });
    const { clock, clients, providers, events } = fixture;
    await failTimes(fixture, 5);

    const refused = await failureOf(clients.complete(REQUEST));
    await clock.advance(10_000);
    await clients.complete(REQUEST);

    expect(refused).toMatchObject({ code: 'CIRCUIT_OPEN', target: 'a/a-1', retryAfterMs: 10_000 });
    expect(providers.a.requests).toHaveLength(6);
    expect(eventsOf(events, 'target.circuit')).toMatchObject([
      { target: 'a/a-1', pool: 'a', state: 'open', failures: 5, calls: 5 },
      { state: 'half-open' },
      { state: 'closed', failures: 0, calls: 0 },
    ]);
    expect(eventsOf(events, 'lease.refused')).toMatchObject([{ reason: 'circuitOpen' }]);
    expect(await timersLeft(fixture)).toBe(0);
  });

  it('lets no second call through beside the trial', async () => {
    const fixture = aClientPool({ a: {} });
    const { clock, clients, providers } = fixture;
    await failTimes(fixture, 5);
    await clock.advance(10_000);
    providers.a.script({ headersMs: 1_000 });

    const trial = clients.complete(REQUEST);
    const second = await failureOf(clients.complete(REQUEST));
    await clock.advance(1_000);

    expect(second).toMatchObject({ code: 'CIRCUIT_OPEN' });
    expect((await trial).text).toBe('Hello there');
  });

  it('stays open twice as long after a trial that failed', async () => {
    const fixture = aClientPool({ a: {} });
    const { clock, clients, providers } = fixture;
    await failTimes(fixture, 5);
    await clock.advance(10_000);
    providers.a.script(FAILS);

    await failureOf(clients.complete(REQUEST));
    const refused = await failureOf(clients.complete(REQUEST));

    expect(refused).toMatchObject({ code: 'CIRCUIT_OPEN', retryAfterMs: 20_000 });
  });

  it('does not count callers who leave', async () => {
    const { clock, clients, events } = aClientPool({ a: { reply: { end: { kind: 'stall' } } } });

    for (let i = 0; i < 20; i += 1) {
      const subscription = clients.stream(REQUEST).subscribe();
      await clock.settle();
      subscription.unsubscribe();
      await clock.settle();
    }

    expect(eventsOf(events, 'target.circuit')).toEqual([]);
  });

  it('lets the next call be the trial when the caller of a trial left', async () => {
    const fixture = aClientPool({ a: {} });
    const { clock, clients, providers } = fixture;
    await failTimes(fixture, 5);
    await clock.advance(10_000);
    providers.a.script({ end: { kind: 'hang' } });

    const subscription = clients.stream(REQUEST).subscribe();
    await clock.settle();
    subscription.unsubscribe();
    const { text } = await clients.complete(REQUEST);

    expect(text).toBe('Hello there');
  });

  it('is of one model alone', async () => {
    const fixture = aClientPool({ a: {} });
    await failTimes(fixture, 5);

    const { text } = await fixture.clients.complete({ ...REQUEST, model: 'a-large' });

    expect(text).toBe('Hello there');
  });

  it('counts faults added by hand like real ones', async () => {
    const { clients, providers, events } = aClientPool({ a: {} });
    clients.faults.add({ target: 'a/a-1', kind: 'status', every: 1, forMs: 1_000, by: 'ann' });
    await clients.ready();

    for (let i = 0; i < 5; i += 1) await failureOf(clients.complete(REQUEST));

    expect(providers.a.requests).toEqual([]);
    expect(eventsOf(events, 'target.circuit')).toMatchObject([{ state: 'open', failures: 5 }]);
  });

  it('sends calls to another provider while it is open, and takes them back after its trial', async () => {
    const fixture = aClientPool({ a: {}, b: {} }, { balancer: 'round-robin' });
    const { clock, clients, providers } = fixture;
    await failTimes(fixture, 5);
    const askedOfA = providers.a.requests.length;

    for (let i = 0; i < 10; i += 1) await clients.complete(REQUEST);
    const askedWhileOpen = providers.a.requests.length - askedOfA;
    const answeredByB = providers.b.requests.length;
    await clock.advance(10_000);
    for (let i = 0; i < 20; i += 1) await clients.complete(REQUEST);

    expect(askedWhileOpen).toBe(0);
    expect(answeredByB).toBe(10);
    expect(providers.b.requests.length - answeredByB).toBe(10);
  });
});

describe('the cooldown of a target', () => {
  it('lasts as long as the provider asks, and shows', async () => {
    const { clock, clients, providers, events } = aClientPool({ a: {} });
    providers.a.script({ end: { kind: 'status', status: 429, retryAfterMs: 45_000 } });

    await failureOf(clients.complete(REQUEST));
    const refused = await failureOf(clients.complete(REQUEST));
    const shown = clients.snapshot().targets[0]?.cooling;
    await clock.advance(45_000);
    const { text } = await clients.complete(REQUEST);

    expect(refused).toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 45_000 });
    expect(shown).toEqual({ until: clock.timestamp(), reason: 'PROVIDER_RATE_LIMIT' });
    expect(text).toBe('Hello there');
    expect(typesOf(events, 'target.')).toEqual([
      'target.added',
      'target.cooling',
      'target.recovered',
    ]);
    expect(clients.snapshot().targets[0]).not.toHaveProperty('cooling');
  });

  it('is waited for when it ends in time', async () => {
    const { clock, clients, providers } = aClientPool({ a: {} });
    providers.a.script({ end: { kind: 'status', status: 429, retryAfterMs: 5_000 } });
    await failureOf(clients.complete(REQUEST));

    const answer = clients.complete(REQUEST);
    await clock.advance(4_999);
    const askedBefore = providers.a.requests.length;
    await clock.advance(1);

    expect(askedBefore).toBe(1);
    expect((await answer).text).toBe('Hello there');
  });

  it('is made longer by a later hint, never shorter', async () => {
    const { clock, clients, providers } = aClientPool({ a: {} });
    const limit = (retryAfterMs: number): ScriptedReply => ({
      headersMs: 10,
      end: { kind: 'status', status: 429, retryAfterMs },
    });
    providers.a.script(limit(1_000), limit(90_000), limit(60_000));

    const failures = [1, 2, 3].map(() => failureOf(clients.complete(REQUEST)));
    await clock.advance(10);
    await Promise.all(failures);
    const refused = await failureOf(clients.complete(REQUEST));

    expect(refused).toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 90_000 });
  });

  it('does not open the circuit: a provider at its limit is alive', async () => {
    const { clients, providers, events } = aClientPool({ a: {} });
    const limit: ScriptedReply = { end: { kind: 'status', status: 429, retryAfterMs: 0 } };
    providers.a.script(...Array.from({ length: 10 }, () => limit));

    for (let i = 0; i < 10; i += 1) await failureOf(clients.complete(REQUEST));

    expect(eventsOf(events, 'target.circuit')).toEqual([]);
  });

  it('grows by itself when the provider does not say how long', async () => {
    const { clock, clients, providers, events } = aClientPool(
      { a: {} },
      { random: { next: () => 0.999 } },
    );
    const limit: ScriptedReply = { end: { kind: 'status', status: 429 } };
    providers.a.script(limit, limit, limit);

    for (let i = 0; i < 3; i += 1) {
      await failureOf(clients.complete(REQUEST));
      await clock.advance(10_000);
    }

    const waits = eventsOf(events, 'target.cooling').map(({ until, at }) => until - at);
    expect(waits.map((ms) => Math.round(ms / 100) / 10)).toEqual([1, 2, 4]);
  });

  it('refuses who waits for a target that others found to rest for longer than they would', async () => {
    const { clock, clients, providers, events } = aClientPool({ a: { maxSize: 1 } });
    providers.a.script({
      headersMs: 100,
      end: { kind: 'status', status: 429, retryAfterMs: 120_000 },
    });

    const first = failureOf(clients.complete(REQUEST));
    const second = failureOf(clients.complete(REQUEST));
    await clock.advance(100);

    expect(await first).toMatchObject({ code: 'PROVIDER_RATE_LIMIT' });
    expect(await second).toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 120_000 });
    expect(eventsOf(events, 'lease.refused')).toMatchObject([{ waiter: 2, reason: 'cooling' }]);
  });

  it('moves who waits to a provider that can be asked', async () => {
    const { clock, clients, providers, events } = aClientPool({
      a: { maxSize: 1 },
      b: { maxSize: 1, reply: { headersMs: 5_000 } },
    });
    providers.a.script({
      headersMs: 100,
      end: { kind: 'status', status: 429, retryAfterMs: 120_000 },
    });

    const answers = [1, 2, 3].map(() => clients.complete(REQUEST));
    await clock.advance(20_000);
    const completions = await Promise.all(answers);

    expect(completions.map(({ attempts }) => attempts.at(-1)?.provider)).toEqual(['b', 'b', 'b']);
    const places = eventsOf(events, 'lease.waiting').map(({ waiter, pool }) => `${waiter} ${pool}`);
    expect(places).toContain('3 a');
    expect(places).toContain('3 b');
  });
});

describe('what a target shows', () => {
  it('are the limits that its headers told', async () => {
    const requests = { limit: 500, remaining: 499, resetAt: 1_000, source: 'headers' } as const;
    const { clients, events } = aClientPool({ a: { reply: { limits: { requests } } } });

    await clients.complete(REQUEST);

    expect(eventsOf(events, 'target.limits')).toMatchObject([{ target: 'a/a-1', requests }]);
    expect(clients.snapshot().targets[0]?.limits).toEqual({ requests });
  });

  it('is the time to its first content, smoothed', async () => {
    const { clock, clients, providers, events } = aClientPool({ a: {} });
    providers.a.script({ headersMs: 100 }, { headersMs: 200 });

    for (let i = 0; i < 2; i += 1) {
      const answer = clients.complete(REQUEST);
      await clock.advance(200);
      await answer;
    }

    expect(clients.snapshot().targets[0]?.firstContentMs).toBe(120);
    expect(eventsOf(events, 'attempt.firstContent')).toMatchObject([
      { durationMs: 100, smoothedMs: 100 },
      { durationMs: 200, smoothedMs: 120 },
    ]);
  });
});

/** Lets a provider fail so often, asked alone. */
async function failTimes({ clients, providers }: Fixture<'a'>, times: number): Promise<void> {
  providers.a.script(...Array.from({ length: times }, () => FAILS));
  for (let i = 0; i < times; i += 1) await failureOf(clients.complete(REQUEST, { provider: 'a' }));
}
