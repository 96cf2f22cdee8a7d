import { describe, expect, it } from 'vitest';
import { aGatewayByHand, readEvents } from './a-gateway-by-hand.ts';

describe('the events of a session', () => {
  it('are what happens from now on, and tell a new reader its place', async () => {
    const { begin, request, answer, clock } = await aGatewayByHand();
    const { session, event } = await begin();

    const response = await request(`/api/sessions/${session}/events`);
    const reader = readEvents(response);
    await clock.settle();
    const before = reader.text();
    await answer('hi');

    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(before).toBe(`id: ${event}\nretry: 1000\ndata:\n\n`);
    expect(reader.told()).toEqual(['response hi']);
  });

  it('go on behind the event that a reader saw last, each once and in order', async () => {
    const { begin, request, handed, clock } = await aGatewayByHand();
    const { session } = await begin();
    const first = readEvents(await request(`/api/sessions/${session}/events`));
    for (const piece of ['one ', 'two ']) handed[0]?.reply.delta(piece);
    await clock.settle();
    await first.leave();
    handed[0]?.reply.delta('three ');
    await clock.settle();

    const headers = { 'last-event-id': first.events.at(-1)?.id ?? '' };
    const second = readEvents(await request(`/api/sessions/${session}/events`, { headers }));
    handed[0]?.reply.delta('four');
    await clock.settle();

    expect(first.told()).toEqual(['text_delta one ', 'text_delta two ']);
    expect(second.told()).toEqual(['text_delta three ', 'text_delta four']);
  });

  it('give the whole reply to a reader who missed its growth', async () => {
    const { begin, request, handed, answer, clock } = await aGatewayByHand();
    const { session, event } = await begin();
    for (const piece of ['one ', 'two']) handed[0]?.reply.delta(piece);
    await clock.settle();
    await answer('one two');

    const reader = readEvents(await request(`/api/sessions/${session}/events?after=${event}`));
    await clock.settle();

    expect(reader.told()).toEqual(['response one two']);
  });

  it.each([
    ['an event of nobody', 'nonsense', 'event_unknown'],
    ['what is no event at all', "'; DROP TABLE events", 'event_unknown'],
    ['an event of the future', undefined, 'event_unknown'],
  ])('say that there is a gap after %s', async (_what, lastEventId, reason) => {
    const { begin, request, clock } = await aGatewayByHand();
    const { session, event } = await begin();
    const future = event.replace(/\d+$/, '999');

    const headers = { 'last-event-id': lastEventId ?? future };
    const reader = readEvents(await request(`/api/sessions/${session}/events`, { headers }));
    await clock.settle();

    expect(reader.told()[0]).toBe(`gap ${reason}`);
    expect(reader.told()).toContain('accepted'); // all that is left comes, too
  });

  it('say that there is a gap where the buffer was too small', async () => {
    const { begin, request, answer, chat, clock } = await aGatewayByHand({
      limits: { replayFrames: 1 },
    });
    const { session, event } = await begin();
    await answer('first');
    await chat({ message: 'and?', session }, { prefer: 'respond-async' });
    await clock.settle();
    await answer('second');

    const headers = { 'last-event-id': event };
    const reader = readEvents(await request(`/api/sessions/${session}/events`, { headers }));
    await clock.settle();

    expect(reader.told()).toEqual(['gap expired', 'response second']);
  });

  it('are kept for so long only', async () => {
    const { gateway, begin, request, answer, clock } = await aGatewayByHand({
      limits: { replayTtlMs: 60_000 },
    });
    const { session, event } = await begin();
    await answer('hi');
    await clock.advance(60_001);

    const headers = { 'last-event-id': event };
    const reader = readEvents(await request(`/api/sessions/${session}/events`, { headers }));
    await clock.settle();

    expect(reader.told()).toEqual(['gap expired']);
    expect(gateway.stats().replayBytes).toBe(0);
  });

  it('of all sessions together hold no more than their bound, the silent ones give first', async () => {
    const { gateway, begin, request, answer, clock } = await aGatewayByHand({
      limits: { replayTotalBytes: 1_000 },
    });
    const old = await begin();
    await answer('x'.repeat(400));
    const fresh = await begin();
    await answer('y'.repeat(400));

    const oldReader = readEvents(
      await request(`/api/sessions/${old.session}/events?after=${old.event}`),
    );
    const freshReader = readEvents(
      await request(`/api/sessions/${fresh.session}/events?after=${fresh.event}`),
    );
    await clock.settle();

    expect(gateway.stats().replayBytes).toBeLessThanOrEqual(1_000);
    expect(oldReader.told()).toEqual(['gap expired']);
    expect(freshReader.told()).toEqual([`response ${'y'.repeat(400)}`]);
  });

  it('have a bounded number of readers: one more takes the place of the first, who is told', async () => {
    const { gateway, begin, request, clock } = await aGatewayByHand({ limits: { maxReaders: 2 } });
    const { session } = await begin();
    const open = async () => readEvents(await request(`/api/sessions/${session}/events`));

    const readers = [await open(), await open(), await open()];
    await clock.settle();

    expect(readers.map((reader) => reader.isOver())).toEqual([true, false, false]);
    expect(readers[0]?.told()).toEqual(['goodbye replaced']);
    expect(gateway.stats().streams).toBe(2);
  });

  it('say goodbye when the server stops, and when the session is deleted', async () => {
    const history = { load: async () => ({ messages: [] }), delete: async () => true };
    const { gateway, begin, request, clock } = await aGatewayByHand({ history });
    const { session } = await begin();
    const deleted = readEvents(await request(`/api/sessions/${session}/events`));
    const other = await begin();
    const stopped = readEvents(await request(`/api/sessions/${other.session}/events`));

    await request(`/api/sessions/${session}`, { method: 'DELETE' });
    gateway.sayGoodbye();
    await clock.settle();

    expect(deleted.told().at(-1)).toBe('goodbye session_ended');
    expect(stopped.told().at(-1)).toBe('goodbye stopping');
    expect([deleted.isOver(), stopped.isOver()]).toEqual([true, true]);
    expect(gateway.stats().streams).toBe(0);
  });

  it('are nobody else’s', async () => {
    const { gateway, chat, clock } = await aGatewayByHand({
      authenticate: ({ headers }) => ({ id: headers.get('x-user') ?? '' }),
    });
    const response = await chat({ message: 'hello' }, { prefer: 'respond-async', 'x-user': 'ann' });
    await clock.settle();
    const { session } = (await response.json()) as { session: string };

    const asked = new Request(`http://localhost/api/sessions/${session}/events`, {
      headers: { 'x-user': 'bob' },
    });
    const refused = await gateway.handle(asked);

    expect(refused.status).toBe(404);
    expect(gateway.stats().refused).toEqual({ session_unknown: 1 });
  });

  it('are refused where a client has too many connections', async () => {
    const { begin, request } = await aGatewayByHand({ limits: { maxSocketsPerClient: 1 } });
    const { session } = await begin();
    await request(`/api/sessions/${session}/events`);

    const refused = await request(`/api/sessions/${session}/events`);

    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('1');
  });

  it('keep no more of what a reader missed than it can be sent at once', async () => {
    const { begin, request, answer, clock, gateway } = await aGatewayByHand({
      limits: { maxUnsentBytes: 200, replayBytes: 100_000 },
    });
    const { session } = await begin();
    await answer('x'.repeat(1_000));

    const response = await request(`/api/sessions/${session}/events?after=nonsense`);
    const reader = readEvents(response);
    await clock.settle();

    expect([response.status, reader.isOver()]).toEqual([200, false]);
    expect(reader.text()).toContain('event: gap');
    expect(gateway.stats()).toMatchObject({ streams: 1, replayBytes: 0 });
  });

  it('cut a reader off who does not read, and the session goes on', async () => {
    const { gateway, begin, request, handed, clock } = await aGatewayByHand({
      limits: { maxUnsentBytes: 1_000 },
    });
    const { session } = await begin();
    const response = await request(`/api/sessions/${session}/events`);

    for (let at = 0; at < 10; at += 1) handed[0]?.reply.delta('x'.repeat(500));
    await clock.settle();
    for (let at = 0; at < 10; at += 1) {
      handed[0]?.reply.delta('x'.repeat(500));
      await clock.settle();
    }

    expect(gateway.stats()).toMatchObject({ streams: 0, pending: 1 });
    await expect(response.text()).rejects.toThrow('does not read');
    expect(handed[0]?.signal.aborted).toBe(false);
  });
});

describe('a reply that nobody waits for on its own connection', () => {
  it('is promised with 202, and goes to those who follow', async () => {
    const { chat, request, answer, clock } = await aGatewayByHand();

    const response = await chat({ message: 'hi', id: 'm-1' }, { prefer: 'respond-async, wait=1' });
    const { session, event } = (await response.json()) as { session: string; event: string };
    await clock.settle();
    await answer('later');
    const reader = readEvents(await request(`/api/sessions/${session}/events?after=${event}`));
    await clock.settle();

    expect(response.status).toBe(202);
    expect(response.headers.get('preference-applied')).toBe('respond-async');
    expect(reader.events[0]?.data).toMatchObject({ message: 'later', id: 'm-1' });
  });

  it('goes on when a stream was cut that asked for that, and ends when it did not', async () => {
    const { chat, handed, clock } = await aGatewayByHand();
    const accept = 'text/event-stream';

    const tied = await chat({ message: 'tied' }, { accept });
    const free = await chat({ message: 'free' }, { accept, prefer: 'respond-async' });
    await clock.settle();
    await tied.body?.cancel();
    await free.body?.cancel();

    expect(handed.map(({ signal }) => signal.aborted)).toEqual([true, false]);
  });

  it('tells followers that it ended when its sender left', async () => {
    const { begin, chat, request, answer, clock } = await aGatewayByHand();
    const { session } = await begin();
    await answer('hi');
    const follower = readEvents(await request(`/api/sessions/${session}/events`));

    const stream = await chat({ message: 'more', session }, { accept: 'text/event-stream' });
    await clock.settle();
    await stream.body?.cancel();
    await clock.settle();

    expect(follower.told()).toEqual(['accepted', 'error cancelled']);
  });
});
