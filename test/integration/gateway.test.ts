import { createGatewayClient, type GatewayClient } from '@sluice/adapters/gateway';
import { createMockServer } from '@sluice/adapters/mock-server';
import type { ChannelState } from '@sluice/core';
import { describe, expect, it } from 'vitest';
import {
  anEcho,
  aRunningGateway,
  lentClients,
  openSocket,
  post,
  ROOMY,
  type RunningGateway,
  until,
} from './a-gateway.ts';

type Ask = (text: string) => Promise<string>;

describe('a gateway in front of an engine', () => {
  it('answers 100 conversations of 5 messages over HTTP, SSE and WebSocket, each once and in order', async () => {
    await using running = await aRunningGateway({ gateway: ROOMY });
    const { engine, gateway, model, server } = running;
    const asks = [overJson, overSse, overWebSocket];
    const startedAt = performance.now();

    const answers = await Promise.all(
      Array.from({ length: 100 }, async (_, person) => {
        const ask = await asks[person % asks.length]!(running);
        const heard: string[] = [];
        for (let turn = 0; turn < 5; turn += 1) heard.push(await ask(`p${person}t${turn}`));
        return heard;
      }),
    );

    const expected = Array.from({ length: 100 }, (_, person) =>
      [0, 1, 2, 3, 4].map((turn) => `You said p${person}t${turn}..`),
    );
    expect(answers).toEqual(expected);
    expect(model.journal.asked).toBe(500);
    await until(() => lentClients(engine) === 0);
    expect(model.journal.peak).toBeLessThanOrEqual(10);
    expect(gateway.stats()).toMatchObject({ pending: 0, sessions: 100 });
    expect(server.url).toContain('127.0.0.1');
    process.stderr.write(`500 answers in ${Math.round(performance.now() - startedAt)} ms\n`);
  });

  it('keeps the order of messages that one session sends all at once', async () => {
    await using running = await aRunningGateway({ gateway: ROOMY });
    const socket = await openSocket(running.server);
    socket.say({ type: 'chat', message: 'first' });
    await socket.until(({ type }) => type === 'response');

    for (const id of ['a', 'b', 'c', 'd', 'e']) socket.say({ type: 'chat', id, message: id });
    await socket.until(({ type, id }) => type === 'response' && id === 'e');

    const replies = socket.frames.filter(({ type, id }) => type === 'response' && id !== undefined);
    expect(replies.map(({ message }) => message)).toEqual(
      ['a', 'b', 'c', 'd', 'e'].map((id) => `You said ${id}..`),
    );
    socket.socket.close();
  });

  it('remembers what was said in a session before', async () => {
    await using running = await aRunningGateway();
    const client = createGatewayClient({ url: running.server.url });

    await client.ask('one');
    await client.ask('two');

    expect(running.model.journal.questions[1]?.messages.map(({ text }) => text)).toEqual([
      'one',
      'You said one..',
      'two',
    ]);
  });
});

describe('a sender who leaves in the middle of the reply', () => {
  it.each(['JSON', 'SSE', 'WebSocket'] as const)(
    'over %s ends the request to the model, and can go on in the same session',
    async (way) => {
      await using running = await aRunningGateway({ model: anEcho(2_000, 500), gateway: ROOMY });
      const { engine, gateway, model, server } = running;
      const session = await sessionOf(running);
      const gc = await garbageCollector();

      const leaving = new AbortController();
      const left = talk(way, { running, session, signal: leaving.signal });
      await model.journal.whenAsked(2);
      gc(); // nothing that notices the leaving may hang on a weak reference
      leaving.abort();
      await left;
      await model.journal.whenAborted(2);

      await until(() => lentClients(engine) === 0 && gateway.stats().pending === 0);
      const next = new AbortController();
      const again = createGatewayClient({ url: server.url, session });
      for await (const frame of again.stream('and now?', { signal: next.signal })) {
        expect(frame.type === 'error').toBe(false);
        if (frame.type === 'text_delta') break;
      }
      expect(again.session).toBe(session);
      expect(model.journal.questions.at(-1)?.text).toBe('and now?');
    },
  );
});

describe('a gateway channel that is restarted under load', () => {
  it('answers what it accepted on its own connection, and turns new messages away meanwhile', async () => {
    await using running = await aRunningGateway({ model: anEcho(40, 200), gateway: ROOMY });
    const { engine, gateway, model, server } = running;
    const states: ChannelState[] = [];
    engine.channels.state$('web').subscribe((state) => states.push(state));
    const accepted = Array.from({ length: 10 }, (_, at) =>
      talk('SSE', { running, text: `before ${at}` }),
    );
    await model.journal.whenAsked(10);
    expect(gateway.stats().pending).toBe(10);

    const command = { id: 'c1', by: 'a test', type: 'channel.restart', channel: 'web' } as const;
    await expect(engine.execute(command)).resolves.toMatchObject({ ok: true });
    const turnedAway = await post(server.url, { message: 'meanwhile' });
    const health = await fetch(`${server.url}/health`);

    expect(turnedAway.status).toBe(503);
    expect(turnedAway.headers.get('retry-after')).toBe('1');
    expect(await turnedAway.json()).toMatchObject({ code: 'unavailable' });
    expect(health.status).toBe(503);
    const ends = Array.from(
      { length: 10 },
      (_, at) => expect.stringMatching(new RegExp(`^You said before ${at}\\.{39}$`)) as unknown,
    );
    expect(await Promise.all(accepted)).toEqual(ends);
    await until(() => gateway.stats().isAccepting);
    const after = createGatewayClient({ url: server.url });
    expect((await after.ask('after')).message).toMatch(/^You said after/);
    expect(states.map(({ status }) => status)).toEqual([
      'running',
      'draining',
      'connecting',
      'running',
    ]);
    expect(new Set(states.map((state) => JSON.stringify(state))).size).toBe(states.length);
    expect(states.at(-1)?.generation).toBe((states[0]?.generation ?? 0) + 1);
  });

  it('is stopped at the deadline though its model never answers, and says so', async () => {
    const model = createMockServer({ script: { fault: { kind: 'hang' } } });
    await using running = await aRunningGateway({ model });
    const { engine, gateway, server } = running;
    const waiting = post(server.url, { message: 'anybody there?' });
    await model.journal.whenAsked(1);

    const startedAt = performance.now();
    await engine.stop({ deadlineMs: 300 });

    expect(performance.now() - startedAt).toBeLessThan(5_000);
    const response = await waiting;
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ code: 'unavailable' });
    await model.journal.whenAborted(1);
    expect(gateway.stats()).toMatchObject({ pending: 0, isAccepting: false });
    expect(lentClients(engine)).toBe(0);
  });
});

async function overJson({ server }: RunningGateway): Promise<Ask> {
  const client = createGatewayClient({ url: server.url });
  return async (text) => (await client.ask(text)).message;
}

async function overSse({ server }: RunningGateway): Promise<Ask> {
  const client = createGatewayClient({ url: server.url });
  return (text) => wholeStream(client, text);
}

/** The text of a streamed reply; its deltas must add up to it. */
async function wholeStream(client: GatewayClient, text: string): Promise<string> {
  let grown = '';
  for await (const frame of client.stream(text)) {
    if (frame.type === 'text_delta') grown += frame.content;
    if (frame.type === 'response') expect(frame.message).toBe(grown);
  }
  return grown;
}

async function overWebSocket({ server }: RunningGateway): Promise<Ask> {
  const { say, until: frame, frames } = await openSocket(server);
  return async (id) => {
    say({ type: 'chat', id, message: id });
    const { message } = await frame((each) => each.type === 'response' && each['id'] === id);
    const deltas = frames.filter((each) => each.type === 'text_delta' && each['id'] === id);
    expect(deltas.map(({ content }) => content).join('')).toBe(message);
    return message as string;
  };
}

interface Talk {
  readonly running: RunningGateway;
  readonly session?: string;
  readonly text?: string;
  readonly signal?: AbortSignal;
}

/** Says one thing and listens until the end, or until `signal` says to leave: then resolves with what was heard. */
async function talk(
  way: 'JSON' | 'SSE' | 'WebSocket',
  { running: { server }, session, text = 'tell me all', signal }: Talk,
): Promise<string> {
  if (way === 'WebSocket') {
    const socket = await openSocket(server);
    signal?.addEventListener('abort', () => socket.socket.terminate());
    socket.say({ type: 'chat', message: text, session });
    await socket.closed;
    return '';
  }
  const client = createGatewayClient({ url: server.url, session });
  let heard = '';
  try {
    if (way === 'JSON') return (await client.ask(text, { signal })).message;
    for await (const frame of client.stream(text, { signal })) {
      if (frame.type === 'text_delta') heard += frame.content;
    }
  } catch (error) {
    if (signal?.aborted !== true) throw error;
  }
  return heard;
}

/** Begins a session and leaves its first reply. */
async function sessionOf({ server, model }: RunningGateway): Promise<string> {
  const client = createGatewayClient({ url: server.url });
  for await (const frame of client.stream('hello')) if (frame.type === 'text_delta') break;
  await model.journal.whenAborted(1);
  return client.session ?? '';
}

async function garbageCollector(): Promise<() => void> {
  const { setFlagsFromString } = await import('node:v8');
  const { runInNewContext } = await import('node:vm');
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}
