import type { ServerFrame } from '@sluice/adapters/gateway';
import { describe, expect, it } from 'vitest';
import { aGatewayByHand } from './a-gateway-by-hand.ts';
import { aSocket, type ScriptedSocket } from './a-socket.ts';

/** What a client remembers of a socket: its session and the last event that it saw. */
function memoryOf({ frames }: ScriptedSocket): { session: string; after: string } {
  const events = frames.flatMap((frame) => ('event' in frame && frame.event ? [frame.event] : []));
  const resumed = frames.find(
    (frame): frame is ServerFrame & { type: 'resumed' } => frame.type === 'resumed',
  );
  return { session: resumed?.session ?? '', after: events.at(-1) ?? '' };
}

describe('a socket that resumes', () => {
  it('begins a session when it names none, and hears its replies with their places', async () => {
    const given = await aGatewayByHand();
    const socket = aSocket(given);

    await socket.say({ type: 'resume' });
    await socket.say({ type: 'chat', id: 'a', message: 'hello' });
    await given.answer('hi');

    expect(socket.told()).toEqual(['resumed', 'accepted', 'response hi']);
    const [resumed, accepted, response] = socket.frames;
    expect(resumed).toMatchObject({ pending: [], session: expect.any(String) as unknown });
    expect(accepted).toMatchObject({ id: 'a', event: expect.stringMatching(/-1$/) as unknown });
    expect(response).toMatchObject({ id: 'a', event: expect.stringMatching(/-2$/) as unknown });
  });

  it('is given what it missed, once and in order, and the reply that went on meanwhile', async () => {
    const given = await aGatewayByHand();
    const first = aSocket(given);
    await first.say({ type: 'resume' });
    await first.say({ type: 'chat', id: 'a', message: 'hello' });
    given.handed[0]?.reply.delta('one ');
    await given.clock.settle();
    const memory = memoryOf(first);

    await first.drop();
    given.handed[0]?.reply.delta('two ');
    await given.clock.advance(1_000);
    const second = aSocket(given);
    await second.say({ type: 'resume', ...memory });
    await given.clock.advance(60_000); // the grace was for nobody being there
    given.handed[0]?.reply.delta('three');
    await given.clock.settle();
    await given.answer('one two three');

    expect(first.told()).toEqual(['resumed', 'accepted', 'text_delta one ']);
    expect(second.told()).toEqual([
      'text_delta two ',
      'resumed',
      'text_delta three',
      'response one two three',
    ]);
    expect(second.frames[1]).toMatchObject({ type: 'resumed', pending: ['a'] });
  });

  it('is told that its session is unknown, and goes on in a new one', async () => {
    const given = await aGatewayByHand();
    const socket = aSocket(given);

    await socket.say({ type: 'resume', session: 'of-another-server', after: 'abc-7' });

    expect(socket.told()).toEqual(['gap session_unknown', 'resumed']);
    expect(memoryOf(socket).session).toMatch(/^[\w-]{32}$/);
  });

  it('is told of a gap when what it missed is gone', async () => {
    const given = await aGatewayByHand({ limits: { replayFrames: 1 } });
    const socket = aSocket(given);
    await socket.say({ type: 'resume' });
    const memory = memoryOf(socket);
    await socket.say({ type: 'chat', message: 'hello' });
    await given.answer('hi');
    await socket.say({ type: 'chat', message: 'and you?' });
    await given.answer('well');

    const late = aSocket(given);
    await late.say({ type: 'resume', ...memory });

    expect(late.told()).toEqual(['gap expired', 'response well', 'resumed']);
  });

  it('may say again what it does not know to be taken: it is answered once', async () => {
    const given = await aGatewayByHand();
    const first = aSocket(given);
    await first.say({ type: 'resume' });
    const memory = memoryOf(first);
    await first.say({ type: 'chat', id: 'a', message: 'hello' });
    await first.drop();
    const second = aSocket(given);

    await second.say({ type: 'resume', ...memory });
    await second.say({ type: 'chat', id: 'a', message: 'hello' });
    await given.answer('hi');
    await second.say({ type: 'chat', id: 'a', message: 'hello' });

    expect(given.handed).toHaveLength(1);
    expect(second.told()).toEqual([
      'accepted',
      'resumed',
      'accepted',
      'response hi',
      'error duplicate',
    ]);
  });

  it('has its reply stopped when it says so', async () => {
    const given = await aGatewayByHand();
    const socket = aSocket(given);
    await socket.say({ type: 'resume' });
    await socket.say({ type: 'chat', id: 'a', message: 'hello' });

    await socket.say({ type: 'cancel', id: 'a' });

    expect(given.handed[0]?.signal.aborted).toBe(true);
    expect(socket.told().at(-1)).toBe('error cancelled');
  });

  it('has its reply stopped when nobody comes back in time', async () => {
    const given = await aGatewayByHand();
    const socket = aSocket(given);
    await socket.say({ type: 'resume' });
    await socket.say({ type: 'chat', message: 'hello' });

    await socket.drop();
    await given.clock.advance(29_999);
    const isWorkedOn = given.handed[0]?.signal.aborted === false;
    await given.clock.advance(1);

    expect(isWorkedOn).toBe(true);
    expect(given.handed[0]?.signal.aborted).toBe(true);
    expect(given.gateway.stats()).toMatchObject({ pending: 0, sockets: 0 });
  });

  it.each([1000, 1001])(
    'has its reply stopped at once when it left on purpose, with %i',
    async (code) => {
      const given = await aGatewayByHand();
      const socket = aSocket(given);
      await socket.say({ type: 'resume' });
      await socket.say({ type: 'chat', message: 'hello' });

      await socket.drop(code);

      expect(given.handed[0]?.signal.aborted).toBe(true);
    },
  );

  it('gives its place up when too many follow the session', async () => {
    const given = await aGatewayByHand({ limits: { maxReaders: 1 } });
    const first = aSocket(given);
    await first.say({ type: 'resume' });
    const second = aSocket(given);

    await second.say({ type: 'resume', ...memoryOf(first) });

    expect(first.closeCode()).toBe(4409);
    expect(second.closeCode()).toBeUndefined();
  });

  it('does not get into the session of somebody else', async () => {
    const given = await aGatewayByHand();
    const ann = aSocket(given, { asker: { client: 'principal:ann', owner: 'ann' } });
    await ann.say({ type: 'resume' });
    const bob = aSocket(given, { asker: { client: 'principal:bob', owner: 'bob' } });

    await bob.say({ type: 'resume', session: memoryOf(ann).session });

    expect(bob.told()).toEqual(['gap session_unknown', 'resumed']);
    expect(memoryOf(bob).session).not.toBe(memoryOf(ann).session);
  });
});

describe('a socket that does not resume', () => {
  it('has its reply stopped when it is gone', async () => {
    const given = await aGatewayByHand();
    const socket = aSocket(given);
    await socket.say({ type: 'chat', message: 'hello' });

    await socket.drop();

    expect(given.handed[0]?.signal.aborted).toBe(true);
  });

  it('is told which of its messages made no sense, where that can be read', async () => {
    const socket = aSocket(await aGatewayByHand());

    await socket.say({ type: 'chat', id: 'a', message: ' ' });
    await socket.say({ type: 'chat', id: 'no id', message: 'hi' });

    const error = { type: 'error', code: 'bad_request' };
    expect(socket.frames).toMatchObject([{ ...error, id: 'a' }, error]);
    expect(socket.frames[1]).not.toHaveProperty('id');
  });

  it('can take one message back', async () => {
    const given = await aGatewayByHand();
    const socket = aSocket(given);
    await socket.say({ type: 'chat', id: 'a', message: 'one' });
    await socket.say({ type: 'chat', id: 'b', message: 'two', session: undefined });

    await socket.say({ type: 'cancel', id: 'a' });
    await given.answer('two, then');

    expect(given.handed[0]?.signal.aborted).toBe(true);
    expect(socket.told().at(-1)).toBe('response two, then');
  });
});
