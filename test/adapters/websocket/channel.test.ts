import {
  type FrameError,
  websocketChannel,
  type WebSocketChannelOptions,
} from '@sluice/adapters/websocket';
import { type InboundMessage, messageId, SendError, type Session } from '@sluice/core';
import { VirtualClock } from '@sluice/core/testing';
import { describe, expect, it } from 'vitest';
import { ASocket } from './a-socket.ts';

const URL = 'wss://hub.example/agents?key=secret';

describe('the WebSocket channel', () => {
  it('asks for the address anew for each connection, and connects with its subprotocols', async () => {
    const asked: unknown[] = [];
    let tickets = 0;
    const connect = (...args: unknown[]): ASocket => {
      asked.push(args);
      const socket = new ASocket();
      queueMicrotask(() => socket.open());
      return socket;
    };
    const url = async (): Promise<string> => `wss://hub.example/${(tickets += 1)}`;
    const channel = websocketChannel({ url, protocols: ['sluice'], connect });

    await channel.open(aContext());
    await channel.open(aContext());

    expect(asked).toEqual([
      ['wss://hub.example/1', ['sluice']],
      ['wss://hub.example/2', ['sluice']],
    ]);
  });

  it('says hello once messages are taken, and gives those that came before', async () => {
    const { socket, session } = await anOpenSession();
    socket.say(message('1'));

    const heard = listen(session);

    expect(socket.sent).toEqual([{ type: 'hello', session: expect.any(String) as unknown }]);
    expect(heard).toEqual([{ id: '1', namespace: ['websocket', 'main'], text: 'text of 1' }]);
  });

  it('refuses what comes when messages are no longer taken, and what it cannot hold', async () => {
    const { socket, session } = await anOpenSession();
    for (let i = 0; i <= 100; i += 1) socket.say(message(`${i}`));

    const subscription = subscribe(session, []);
    subscription.unsubscribe();
    socket.say(message('late'));

    expect(socket.sent).toEqual([
      { type: 'refused', reason: 'full', id: '100' },
      { type: 'hello', session: expect.any(String) as unknown },
      { type: 'refused', reason: 'unavailable', id: 'late' },
    ]);
  });

  it('takes no message that was on its way to an earlier session, so that it overtakes none', async () => {
    const { socket, session } = await anOpenSession();
    socket.say('{"type":"join"}');
    const heard = listen(session);
    const [hello] = socket.sent;

    socket.say(message('1', { session: 'an earlier one' }));
    socket.say(message('2', { session: hello?.['session'] }));
    socket.say('{"type":"join"}');

    expect(heard.map(({ id }) => id)).toEqual(['2']);
    expect(socket.sent.slice(1)).toEqual([
      { type: 'refused', reason: 'unavailable', id: '1' },
      hello,
    ]);
  });

  it.each([
    ['text that is no JSON', '{', 'not-json'],
    ['JSON that nests too deeply', `${'['.repeat(140)}${']'.repeat(140)}`, 'not-json'],
    ['no text', new ArrayBuffer(4), 'not-text'],
    ['too many characters', 'a'.repeat(301), 'too-long'],
    ['a list', '[]', 'not-a-frame'],
    ['a key that is none', '{"type":"received"}', 'bad-field'],
    ['a conversation that is none', message('1', { conversation: '' }), 'bad-field'],
    ['metadata that is a list', message('1', { metadata: ['a'] }), 'bad-field'],
    ['too much metadata', message('1', { metadata: seventeen() }), 'bad-field'],
  ])('refuses a frame with %s, goes on, and loses nothing', async (_, data, reason) => {
    const flaws: FrameError[] = [];
    const onBadFrame = (error: FrameError): void => void flaws.push(error);
    const { socket, session } = await anOpenSession({ maxFrameLength: 300, onBadFrame });
    const heard = listen(session);

    socket.say(message('1'));
    socket.say(data);
    socket.say(message('2'));

    expect(heard.map(({ id }) => id)).toEqual(['1', '2']);
    expect(socket.sent.slice(1)).toEqual([expect.objectContaining({ type: 'refused', reason })]);
    expect(flaws.map((flaw) => flaw.reason)).toEqual([reason]);
  });

  it('takes nothing of a frame but what it knows', async () => {
    const { socket, session } = await anOpenSession();
    const heard = listen(session);

    socket.say(
      '{"type":"message","id":"1","text":"a","__proto__":{"x":1},"namespace":["admin"],"conversation":null,"metadata":{"agent":"atlas"}}',
    );

    expect(heard).toEqual([
      { id: '1', namespace: ['websocket', 'main'], text: 'a', metadata: { agent: 'atlas' } },
    ]);
  });

  it('answers a ping, and ends as a zombie when its own is not answered', async () => {
    const clock = new VirtualClock();
    const { socket, session } = await anOpenSession({ heartbeatMs: 1_000 }, clock);

    socket.say('{"type":"ping"}');
    await clock.advance(1_000);
    socket.say('{"type":"pong"}');
    await clock.advance(1_000);
    const beforeLast = socket.sent.map(({ type }) => type);
    await clock.advance(1_000);

    expect(beforeLast).toEqual(['pong', 'ping', 'ping']);
    expect(await session.closed).toMatchObject({ kind: 'fault', error: { reason: 'zombie' } });
    expect(clock.pending).toBe(0);
  });

  it('begins to beat when it is open, however long that took', async () => {
    const clock = new VirtualClock();
    const socket = new ASocket();
    const channel = websocketChannel({ url: URL, connect: () => socket, heartbeatMs: 1_000 });
    const opening = channel.open(aContext(clock));

    await clock.advance(5_000);
    socket.open();
    const session = await opening;
    await clock.advance(1_000);

    expect(socket.sent).toEqual([{ type: 'ping' }]);
    expect(await isSettled(session.closed)).toBe(false);
  });

  it('takes any frame for a sign of life', async () => {
    const clock = new VirtualClock();
    const { socket, session } = await anOpenSession({ heartbeatMs: 1_000 }, clock);
    listen(session);

    for (let i = 0; i < 5; i += 1) {
      await clock.advance(1_000);
      socket.say(message(`${i}`));
    }

    expect(await isSettled(session.closed)).toBe(false);
  });

  it('stops reading where it can, and takes nobody for dead who could not be heard', async () => {
    const clock = new VirtualClock();
    const socket = new ASocket();
    const reads: string[] = [];
    const connect = (): ASocket =>
      Object.assign(socket, {
        pause: () => void reads.push('pause'),
        resume: () => void reads.push('resume'),
      });
    const { session } = await anOpenSession({ heartbeatMs: 1_000, connect }, clock, socket);

    session.pause?.();
    await clock.advance(10_000);
    const wasAlive = !(await isSettled(session.closed));
    session.resume?.();
    await clock.advance(2_000);

    expect([reads, wasAlive]).toEqual([['pause', 'resume'], true]);
    expect(await session.closed).toMatchObject({ error: { reason: 'zombie' } });
  });

  it('counts a reply as sent when the peer has it, where it was told to', async () => {
    const { socket, session } = await anOpenSession({ confirm: true });
    const sending = send(session, 'run:0');
    const before = await isSettled(sending);

    socket.say('{"type":"received","key":"another"}');
    socket.say('{"type":"received","key":"run:0"}');
    socket.say('{"type":"received","key":"run:0"}');

    await sending;
    expect(before).toBe(false);
    expect(socket.sent).toEqual([
      { type: 'final', replyTo: '1', text: 'the answer', key: 'run:0' },
    ]);
  });

  it('fails a reply that the peer had not confirmed when the connection broke: it is tried again', async () => {
    const { socket, session } = await anOpenSession({ confirm: true });
    const sending = send(session, 'run:0').catch((error: unknown) => error);

    socket.drop(1006);

    expect(await sending).toMatchObject({ code: 'CHANNEL_SEND_FAILED', retryable: true });
  });

  it('leaves a wait for a receipt when the send is aborted', async () => {
    const { session } = await anOpenSession({ confirm: true });
    const gaveUp = new AbortController();
    const sending = send(session, 'run:0', gaveUp.signal).catch((error: unknown) => error);

    gaveUp.abort('enough');

    expect(await sending).toBe('enough');
  });

  it('does not pile up what a peer does not read', async () => {
    const { socket, session } = await anOpenSession({ maxBufferedBytes: 1_000 });
    socket.bufferedAmount = 1_001;

    const refused = await send(session, 'run:0').catch((error: unknown) => error);

    expect(SendError.is(refused) && refused.retryable).toBe(true);
    expect(socket.sent).toEqual([]);
  });

  it.each([
    [1000, 'clean'],
    [1006, 'fault'],
    [1012, 'fault'],
    [4401, 'fatal'],
    [4403, 'fatal'],
    [1008, 'fatal'],
  ])('ends after the close code %i in the kind "%s"', async (code, kind) => {
    const { socket, session } = await anOpenSession();

    socket.drop(code);

    const reason = await session.closed;
    expect(reason.kind).toBe(kind);
    expect('error' in reason ? String(reason.error) : '').not.toContain('secret');
  });

  it('does not connect when that is no longer wanted, and lets go of the socket', async () => {
    const socket = new ASocket();
    const channel = websocketChannel({ url: URL, connect: () => socket });
    const wanted = new AbortController();
    const opening = channel.open({ signal: wanted.signal, clock: new VirtualClock() });

    wanted.abort('no longer');

    await expect(opening).rejects.toBe('no longer');
    expect(socket.closes).toEqual([undefined]);
  });

  it('fails when the socket does not open, and says nothing of its address', async () => {
    const socket = new ASocket();
    const channel = websocketChannel({ url: URL, connect: () => socket });
    const clock = new VirtualClock();
    const opening = channel.open({ signal: new AbortController().signal, clock });
    const failed = opening.catch((error: unknown) => error);

    socket.drop(1006);

    expect(await failed).toMatchObject({ code: 'CHANNEL_FAILED', fatal: false });
    expect(String(await failed)).not.toContain('secret');
    expect(clock.pending).toBe(0);
  });

  it('gives up for good when the socket cannot even be made', async () => {
    const connect = (): ASocket => {
      throw new SyntaxError('secret');
    };
    const channel = websocketChannel({ url: () => 'nonsense', connect });

    const failed = await channel.open(aContext()).catch((error: unknown) => error);

    expect(failed).toMatchObject({ code: 'CHANNEL_FAILED', fatal: true });
    expect(String(failed)).not.toContain('secret');
  });

  it('waits for the closing handshake, but not for ever', async () => {
    const { socket, session } = await anOpenSession();
    const patience = new AbortController();

    const closing = session.close({ keepSession: false }, patience.signal);
    const before = await isSettled(closing);
    patience.abort();
    await closing;

    expect(before).toBe(false);
    expect(socket.closes).toEqual([1000]);
    expect(socket.sent).toEqual([{ type: 'bye' }]);
  });

  it.each([
    [{ url: 'https://hub.example' }, /^url must/],
    [{ url: 'hub.example?key=secret' }, /^url must be an absolute ws: or wss: URL$/],
    [{ url: URL, heartbeatMs: 0 }, /^heartbeatMs must/],
    [{ url: URL, maxFrameLength: Number.NaN }, /^maxFrameLength must/],
    [{ url: URL, maxBufferedBytes: -1 }, /^maxBufferedBytes must/],
  ])('refuses options that make no sense: %j', (options, problem) => {
    expect(() => websocketChannel(options)).toThrow(problem);
  });
});

function aContext(clock = new VirtualClock()) {
  return { signal: new AbortController().signal, clock };
}

async function anOpenSession(
  options: Partial<WebSocketChannelOptions> = {},
  clock = new VirtualClock(),
  socket = new ASocket(),
): Promise<{ readonly socket: ASocket; readonly session: Session }> {
  const channel = websocketChannel({ url: URL, connect: () => socket, ...options });
  const opening = channel.open(aContext(clock));
  await Promise.resolve();
  socket.open();
  return { socket, session: await opening };
}

function message(id: string, more: object = {}): string {
  return JSON.stringify({ type: 'message', id, text: `text of ${id}`, ...more });
}

function seventeen(): Record<string, string> {
  return Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`key${i}`, '']));
}

function subscribe({ source }: Session, heard: InboundMessage[]): { unsubscribe(): void } {
  if ('receive' in source) throw new TypeError('It pushes');
  return source.subscribe((each) => void heard.push(each));
}

function listen(session: Session): readonly InboundMessage[] {
  const heard: InboundMessage[] = [];
  subscribe(session, heard);
  return heard;
}

function send(
  session: Session,
  idempotencyKey: string,
  signal = new AbortController().signal,
): Promise<unknown> {
  const body = { kind: 'final', text: 'the answer' } as const;
  const to = { replyTo: messageId('1'), namespace: ['websocket', 'main'], part: 0, body };
  return session.send(to, { signal, idempotencyKey });
}

async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol('pending');
  const first = await Promise.race([promise, Promise.resolve(pending)]);
  return first !== pending;
}
