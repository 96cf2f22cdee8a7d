import { getEventListeners } from 'node:events';
import { connect, GatewayError } from '@sluice/adapters/gateway';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../support/tier.ts';
import { aConnection, type ConnectionByHand } from './a-connection.ts';

/** What a promise came to, or undefined while it is open. */
function watched<T>(promise: Promise<T>): { readonly value?: T; readonly error?: unknown } {
  const seen: { value?: T; error?: unknown } = {};
  promise.then(
    (value) => {
      seen.value = value;
    },
    (error: unknown) => {
      seen.error = error;
    },
  );
  return seen;
}

function response(id: unknown, message = 'hi'): object {
  const usage = { input_tokens: 1, output_tokens: 1, total_tokens: 2 };
  return { type: 'response', id, message, session: 's1', usage, event: 't-9' };
}

describe('a connection to a gateway', () => {
  it('opens a session, says what it is asked to and gives the reply', async () => {
    const { connection, socket, letIn, states, clock } = await aConnection();
    const answer = watched(connection.ask('hello'));
    await letIn();
    const [chat] = socket().sentOf('chat');

    socket().say({ type: 'accepted', id: chat?.['id'], session: 's1', event: 't-1' });
    socket().say(response(chat?.['id']));
    await clock.settle();

    expect(socket().protocols).toEqual(['sluice.v1']);
    expect(socket().sent[0]).toEqual({ type: 'resume' });
    expect(chat).toMatchObject({ type: 'chat', message: 'hello' });
    expect(answer.value).toMatchObject({ message: 'hi', session: 's1' });
    expect(connection.session).toBe('s1');
    expect(states).toEqual([{ status: 'connecting' }, { status: 'open', session: 's1' }]);
  });

  it('streams a reply as it grows, and joins what nobody has read yet', async () => {
    const { connection, socket, letIn, clock } = await aConnection();
    await letIn();
    const reply = connection.stream('hello')[Symbol.asyncIterator]();
    const first = watched(reply.next());
    await clock.settle();
    const id = socket().sentOf('chat')[0]?.['id'];
    for (const content of ['one', 'two', 'three']) {
      socket().say({ type: 'text_delta', id, content });
    }
    await clock.settle();

    const second = watched(reply.next());
    socket().say(response(id, 'onetwothree'));
    await clock.settle();
    const end = await reply.next();

    expect(first.value?.value).toMatchObject({ content: 'onetwothree' });
    expect(second.value?.value).toMatchObject({ type: 'response', message: 'onetwothree' });
    expect(end.done).toBe(true);
  });

  it('is not tried where it can never be made, and says what is wrong without the address', () => {
    const problemOf = (url: string | undefined): string => {
      try {
        connect({ url }).close();
        return 'none';
      } catch (error) {
        return error instanceof TypeError ? error.message : 'another error';
      }
    };

    const problems = [undefined, '127.0.0.1:4317', 'ftp://secret', 'http://'].map(problemOf);

    const absolute = 'url must be an absolute http: or https: address';
    const needed = 'url is needed where there is no page, such as http://127.0.0.1:4317';
    expect(problems).toEqual([needed, absolute, absolute, absolute]);
  });

  it('carries its token as a subprotocol, asked for before each connection', async () => {
    let asked = 0;
    const { socket, clock, sockets } = await aConnection({
      getToken: async () => `token-${(asked += 1)}`,
      url: 'https://gateway.example/',
    });

    socket().drop();
    await clock.advance(500);

    expect(sockets.map(({ protocols }) => protocols[1])).toEqual(
      ['token-1', 'token-2'].map((token) => `sluice.bearer.${btoa(token).replace(/=+$/, '')}`),
    );
  });

  it('tries again when its token cannot be had', async () => {
    let fails = true;
    const { sockets, states, clock } = await aConnection({
      getToken: () => {
        if (fails) throw new Error('No network');
        return 'token';
      },
    });
    const before = sockets.length;
    fails = false;
    await clock.advance(500);

    expect(before).toBe(0);
    expect(states.map(({ status }) => status)).toEqual(['connecting', 'backoff', 'connecting']);
    expect(sockets).toHaveLength(1);
  });

  it.each([
    [{ url: 'ftp://x' }, 'url'],
    [{ maxInFlight: 0 }, 'maxInFlight'],
    [{ messageTimeoutMs: Number.NaN }, 'messageTimeoutMs'],
    [{ backoff: { baseMs: -1 } }, 'backoff.baseMs'],
    [{ queue: { overflow: 'block' as 'reject' } }, 'queue.overflow'],
  ])('refuses %j', (options, name) => {
    expect(() => connect({ url: 'http://localhost', ...options })).toThrow(
      new RegExp(`^${name} must be`),
    );
  });
});

describe('a connection that is lost', () => {
  it('waits anywhere between nothing and a bound that doubles up to its cap', async () => {
    const delays = await delaysOf(await aConnection(), 12);

    const bounds = delays.map((_, at) => Math.min(30_000, 500 * 2 ** at));
    expect(delays.every((delay, at) => delay >= 0 && delay <= (bounds[at] ?? 0))).toBe(true);
    expect(new Set(delays).size).toBe(delays.length);
  });

  it('is forgiven its failures once it held for ten seconds, and not before', async () => {
    const given = await aConnection();
    await delaysOf(given, 5);

    await given.letIn();
    await given.clock.advance(9_999);
    given.socket().drop();
    const early = given.states.at(-1);
    await given.clock.advance(early?.status === 'backoff' ? early.delayMs : 0);
    await given.letIn();
    await given.clock.advance(10_000);
    given.socket().drop();

    expect(early).toMatchObject({ status: 'backoff', failures: 6 });
    expect(given.states.at(-1)).toMatchObject({ status: 'backoff', failures: 1 });
  });

  it('goes on behind the last event that it saw', async () => {
    const { socket, letIn, clock } = await aConnection();
    await letIn();
    socket().say({ type: 'text_delta', id: 'other', content: 'x', event: 't-41' });
    socket().say({ type: 'pong' });

    socket().drop();
    await clock.advance(500);
    socket().open();

    expect(socket().sent).toEqual([{ type: 'resume', session: 's1', after: 't-41' }]);
  });

  it('says again what may not have arrived, under the same id, and not what was accepted', async () => {
    const { connection, socket, letIn, clock } = await aConnection();
    await letIn();
    const first = watched(connection.ask('first'));
    const second = watched(connection.ask('second'));
    await clock.settle();
    const ids = socket()
      .sentOf('chat')
      .map(({ id }) => id as string);
    socket().say({ type: 'accepted', id: ids[0], session: 's1', event: 't-1' });

    socket().drop();
    await clock.advance(500);
    await letIn({ pending: [ids[0] ?? ''] });
    const again = socket().sentOf('chat');
    for (const id of ids) socket().say(response(id, `re ${id}`));
    await clock.settle();

    expect(again.map(({ id, message }) => [id, message])).toEqual([[ids[1], 'second']]);
    expect(first.value?.message).toBe(`re ${ids[0]}`);
    expect(second.value?.message).toBe(`re ${ids[1]}`);
  });

  it('gives the reply that was finished meanwhile', async () => {
    const { connection, socket, letIn, clock } = await aConnection();
    await letIn();
    const answer = watched(connection.ask('hello'));
    await clock.settle();
    const id = socket().sentOf('chat')[0]?.['id'];
    socket().say({ type: 'accepted', id, session: 's1', event: 't-1' });
    socket().drop();
    await clock.advance(500);

    socket().open();
    socket().say(response(id, 'done meanwhile'));
    socket().say({ type: 'resumed', session: 's1', event: 't-9', pending: [] });
    await clock.settle();

    expect(answer.value?.message).toBe('done meanwhile');
    expect(socket().sentOf('chat')).toEqual([]);
  });

  it('tells of a reply that fell into a gap, and shows the gap', async () => {
    const { connection, socket, letIn, frames, clock } = await aConnection();
    await letIn();
    const answer = watched(connection.ask('hello'));
    await clock.settle();
    const id = socket().sentOf('chat')[0]?.['id'];
    socket().say({ type: 'accepted', id, session: 's1', event: 't-1' });
    socket().drop();
    await clock.advance(500);

    socket().open();
    socket().say({ type: 'gap', session: 's1', reason: 'expired' });
    socket().say({ type: 'resumed', session: 's1', event: 't-99', pending: [] });
    await clock.settle();

    expect(answer.error).toMatchObject({ wireCode: 'gap', retryable: false });
    expect(frames).toContainEqual({ type: 'gap', session: 's1', reason: 'expired' });
  });

  it('does not say again what a gateway may have done that forgot the session, and says the rest', async () => {
    const { connection, socket, letIn, clock } = await aConnection({ maxInFlight: 1 });
    await letIn();
    const sent = watched(connection.ask('sent'));
    const waiting = watched(connection.ask('waiting'));
    await clock.settle();
    socket().drop();
    await clock.advance(500);

    socket().open();
    socket().say({ type: 'gap', session: 's2', reason: 'session_unknown' });
    socket().say({ type: 'resumed', session: 's2', event: 'u-0', pending: [] });
    await clock.settle();

    expect(sent.error).toMatchObject({ wireCode: 'session_lost' });
    expect(waiting.error).toBeUndefined();
    expect(
      socket()
        .sentOf('chat')
        .map(({ message }) => message),
    ).toEqual(['waiting']);
    expect(connection.session).toBe('s2');
  });

  it('does not say again what the gateway hung up at', async () => {
    const { connection, socket, letIn, clock } = await aConnection();
    await letIn();
    const answer = watched(connection.ask('poison'));
    await clock.settle();

    socket().drop(1008);
    await clock.advance(500);
    await letIn();

    expect(answer.error).toMatchObject({ wireCode: 'refused' });
    expect(socket().sentOf('chat')).toEqual([]);
  });

  it.each([
    [4401, 'unauthorized'],
    [4409, 'replaced'],
  ])('is not tried again after %d', async (code, wireCode) => {
    const { connection, socket, sockets, letIn, clock, page } = await aConnection();
    await letIn();
    const answer = watched(connection.ask('hello'));

    socket().drop(code);
    await clock.advance(60_000);

    expect(connection.state).toMatchObject({ status: 'failed', error: { wireCode } });
    expect(answer.error).toMatchObject({ wireCode });
    await expect(connection.ask('again')).rejects.toMatchObject({ wireCode });
    expect(sockets).toHaveLength(1);
    expect([clock.pending, page.listeners()]).toEqual([0, 0]);
  });

  it('is given up when it does not open in time, and tried again', async () => {
    const { sockets, states, clock } = await aConnection();

    await clock.advance(10_000);

    expect(states.at(-1)).toMatchObject({ status: 'backoff', failures: 1 });
    await clock.advance(500);
    expect(sockets).toHaveLength(2);
  });

  it('is noticed when the gateway no longer answers pings', async () => {
    const { socket, letIn, states, clock } = await aConnection();
    await letIn();

    await clock.advance(25_000);
    socket().say({ type: 'pong' });
    await clock.advance(25_000);
    const isStillOpen = states.at(-1)?.status === 'open';
    await clock.advance(25_000);

    expect(socket().sentOf('ping').length).toBeGreaterThan(0);
    expect(isStillOpen).toBe(true);
    expect(states.map(({ status }) => status)).toContain('backoff');
  });

  it('ends with whoever sends nonsense, and tries again', async () => {
    const { socket, letIn, states, clock } = await aConnection();
    await letIn();

    socket().say('<html>');
    await clock.settle();

    expect(socket().closedWith).toBe(4002);
    expect(states.at(-1)).toMatchObject({ status: 'backoff' });
  });
});

describe('what is said while there is no connection', () => {
  it('waits in line, up to its bound, and the one too many is refused', async () => {
    const { connection, letIn, socket, clock } = await aConnection({ queue: { capacity: 2 } });
    const answers = ['one', 'two', 'three'].map((text) => watched(connection.ask(text)));
    await clock.settle();

    await letIn();

    expect(answers[2]?.error).toMatchObject({ wireCode: 'queue_full', retryable: true });
    expect(
      socket()
        .sentOf('chat')
        .map(({ message }) => message),
    ).toEqual(['one', 'two']);
  });

  it('makes room for what is newer, where one likes that better', async () => {
    const queue = { capacity: 2, overflow: 'drop-oldest' } as const;
    const { connection, letIn, socket, clock } = await aConnection({ queue });
    const answers = ['one', 'two', 'three'].map((text) => watched(connection.ask(text)));
    await clock.settle();

    await letIn();

    expect(answers[0]?.error).toMatchObject({ wireCode: 'dropped' });
    expect(
      socket()
        .sentOf('chat')
        .map(({ message }) => message),
    ).toEqual(['two', 'three']);
  });

  it('is not all said at once: a few at a time, the next with each reply', async () => {
    const { connection, letIn, socket, clock } = await aConnection({ maxInFlight: 2 });
    for (const text of ['one', 'two', 'three']) void connection.ask(text).catch(() => undefined);
    await letIn();
    const before = socket().sentOf('chat').length;

    socket().say(response(socket().sentOf('chat')[0]?.['id']));
    await clock.settle();

    expect(before).toBe(2);
    expect(socket().sentOf('chat')).toHaveLength(3);
  });

  it('does not wait for ever', async () => {
    const { connection, clock } = await aConnection({ messageTimeoutMs: 60_000 });
    const answer = watched(connection.ask('hello'));

    await clock.advance(60_000);

    expect(answer.error).toMatchObject({ wireCode: 'timeout' });
  });

  it('is refused at once when it is too large for the gateway', async () => {
    const { connection } = await aConnection();

    const tooLarge = connection.ask('ä'.repeat(33_000));

    await expect(tooLarge).rejects.toMatchObject({ wireCode: 'message_too_large' });
  });
});

describe('a reply that nobody wants any more', () => {
  it('is stopped when its signal is aborted, which it rejects with', async () => {
    const { connection, socket, letIn, clock } = await aConnection();
    await letIn();
    const leaving = new AbortController();
    const answer = watched(connection.ask('hello', { signal: leaving.signal }));
    await clock.settle();
    const reason = new Error('Changed my mind');

    leaving.abort(reason);
    await clock.settle();

    expect(answer.error).toBe(reason);
    expect(socket().sentOf('cancel')).toEqual([
      { type: 'cancel', id: socket().sentOf('chat')[0]?.['id'] },
    ]);
  });

  it('leaves nothing on the signal that it was given', async () => {
    const { connection, socket, letIn, clock } = await aConnection();
    await letIn();
    const { signal } = new AbortController();
    const answer = watched(connection.ask('hello', { signal }));
    await clock.settle();

    const during = getEventListeners(signal, 'abort').length;
    socket().say(response(socket().sentOf('chat')[0]?.['id']));
    await clock.settle();

    expect(answer.value?.message).toBe('hi');
    expect([during, getEventListeners(signal, 'abort').length]).toEqual([1, 0]);
  });

  it('is never asked for when its signal was aborted before', async () => {
    const { connection, socket, letIn } = await aConnection();
    await letIn();
    const reason = new Error('Not any more');

    const answer = connection.ask('hello', { signal: AbortSignal.abort(reason) });

    await expect(answer).rejects.toBe(reason);
    expect(socket().sentOf('chat')).toEqual([]);
  });

  it('is stopped when the loop is left', async () => {
    const { connection, socket, letIn, clock } = await aConnection();
    await letIn();
    const reading = (async () => {
      for await (const frame of connection.stream('hello')) return frame;
      return undefined;
    })();
    await clock.settle();
    socket().say({ type: 'text_delta', id: socket().sentOf('chat')[0]?.['id'], content: 'x' });

    await reading;

    expect(socket().sentOf('cancel')).toHaveLength(1);
  });
});

describe('a page', () => {
  it('that is kept for later hangs up so that the gateway waits, and comes back when it is shown', async () => {
    const { page, socket, sockets, letIn, states, clock } = await aConnection();
    await letIn();
    const before = socket();

    page.sleep();
    await clock.advance(60_000);
    const whileAsleep = sockets.length;
    page.wake();
    await clock.settle();
    await letIn();

    expect(before.closedWith).toBe(4001);
    expect(whileAsleep).toBe(1);
    expect(states.map(({ status }) => status)).toEqual([
      'connecting',
      'open',
      'asleep',
      'connecting',
      'open',
    ]);
  });

  it('that wakes up asks at once whether the gateway is there, and connects anew when it is not', async () => {
    const { page, sockets, socket, letIn, clock } = await aConnection();
    await letIn();
    const before = socket();

    page.wake();
    const pings = before.sentOf('ping').length;
    await clock.advance(5_000);
    await clock.advance(500);

    expect(pings).toBe(1);
    expect(sockets).toHaveLength(2);
  });

  it('that wakes up stays connected when the gateway answers', async () => {
    const { page, sockets, socket, letIn, clock } = await aConnection();
    await letIn();

    page.wake();
    socket().say({ type: 'pong' });
    await clock.advance(20_000);

    expect(sockets).toHaveLength(1);
  });

  it('that is back on the network does not wait for its turn', async () => {
    const { page, sockets, socket, clock } = await aConnection();
    socket().drop();

    page.wake();
    await clock.settle();

    expect(sockets).toHaveLength(2);
  });
});

describe('a connection that is closed', () => {
  it('leaves on purpose, ends what is under way and leaves nothing behind', async () => {
    const { connection, socket, letIn, states, clock, page } = await aConnection();
    await letIn();
    let isComplete = false;
    connection.frames$.subscribe({ complete: () => (isComplete = true) });
    const answer = watched(connection.ask('hello'));
    await clock.settle();

    connection.close();
    connection.close();
    await clock.settle();

    expect(socket().closedWith).toBe(1000);
    expect(GatewayError.is(answer.error) && answer.error.wireCode).toBe('closed');
    expect(states.at(-1)).toEqual({ status: 'closed' });
    expect(isComplete).toBe(true);
    expect([clock.pending, page.listeners()]).toEqual([0, 0]);
    await expect(connection.ask('again')).rejects.toMatchObject({ wireCode: 'closed' });
  });

  it('does not open late: a socket that is let in afterwards is closed', async () => {
    const { connection, socket, clock } = await aConnection();

    connection.close();
    socket().open();
    socket().say({ type: 'resumed', session: 's1', event: 't-0', pending: [] });
    await clock.advance(60_000);

    expect(socket().closedWith).toBe(1000);
    expect(socket().sent).toEqual([]);
    expect(connection.session).toBeUndefined();
  });
});

describe('whatever happens to a connection', () => {
  it('every message ends once, none is accepted twice under two ids, and nothing is left', async () => {
    const step = fc.oneof(
      fc.record({ type: fc.constant('ask' as const) }),
      fc.record({ type: fc.constantFrom('letIn' as const, 'drop' as const, 'wake' as const) }),
      fc.record({ type: fc.constantFrom('sleep' as const, 'accept' as const, 'answer' as const) }),
      fc.record({ type: fc.constant('wait' as const), ms: fc.nat(40_000) }),
    );

    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const given = await aConnection({ queue: { capacity: 3 }, maxInFlight: 2 });
        const asked: ReturnType<typeof watched>[] = [];
        const ids = new Map<unknown, unknown>();
        for (const each of steps) {
          if (each.type === 'ask') asked.push(watched(given.connection.ask(`m${asked.length}`)));
          else await happen(given, each);
          await given.clock.settle();
          for (const socket of given.sockets) {
            for (const { id, message } of socket.sentOf('chat')) {
              expect(ids.get(message) ?? id).toBe(id); // said again, it is the same message
              ids.set(message, id);
            }
          }
        }

        given.connection.close();
        await given.clock.settle();

        for (const { value, error } of asked) {
          expect([value, error].filter((each) => each !== undefined)).toHaveLength(1);
        }
        expect(given.clock.pending).toBe(0);
      }),
      { numRuns: runs(300, 3_000) },
    );
  });
});

type Happening =
  | { readonly type: 'letIn' | 'drop' | 'wake' | 'sleep' | 'accept' | 'answer' }
  | { readonly type: 'wait'; readonly ms: number };

async function happen(given: ConnectionByHand, each: Happening): Promise<void> {
  const socket = given.sockets.at(-1);
  const id = socket?.sentOf('chat').at(-1)?.['id'];
  switch (each.type) {
    case 'letIn':
      return socket?.readyState === 0 ? given.letIn() : undefined;
    case 'drop':
      return socket?.drop();
    case 'wake':
      return given.page.wake();
    case 'sleep':
      return given.page.sleep();
    case 'accept':
      return socket?.say({ type: 'accepted', id, session: 's1', event: 't-1' });
    case 'answer':
      return socket?.say(response(id));
    case 'wait':
      return given.clock.advance(each.ms);
  }
}

/** Lets as many tries fail, and tells the waits between them. */
async function delaysOf(given: ConnectionByHand, count: number): Promise<readonly number[]> {
  const delays = (): readonly number[] =>
    given.states.flatMap((state) => (state.status === 'backoff' ? [state.delayMs] : []));
  for (let at = 0; at < count; at += 1) {
    given.socket().drop();
    await given.clock.advance(delays().at(-1) ?? 0);
  }
  return delays();
}

it('what the gateway took before it refused another frame is still answered', async () => {
  const { connection, socket, letIn, clock } = await aConnection();
  await letIn();
  const good = connection.ask('good').catch((error: unknown) => error);
  await clock.settle();
  const id = String(socket().sentOf('chat')[0]?.['id']);
  socket().say({ type: 'accepted', session: 's1', id, event: 't-1' });
  connection.ask('poison').catch(() => undefined);
  await clock.settle();
  socket().drop(1008);
  await clock.advance(500);
  await letIn({ pending: [id] });
  socket().say({ type: 'response', message: 'yes', session: 's1', id, event: 't-2', usage: {} });

  expect(await good).toMatchObject({ message: 'yes' });
});
