import { connect } from 'node:net';
import {
  BELIEVABLE_PHYSICS,
  createMockServer,
  type MockServer,
  type MockServerOptions,
} from '@sluice/adapters/mock-server';
import { openai } from '@sluice/adapters/openai';
import { type Client, userMessage } from '@sluice/core';
import { VirtualClock } from '@sluice/core/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { aContext, doneOf, read, REQUEST, textIn } from '../../support/decoding.ts';

const KEY = 'sk-test-0123456789abcdef';
const servers: MockServer[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

interface Running {
  readonly server: MockServer;
  readonly url: string;
  readonly clock: VirtualClock;
  readonly client: Client;
}

async function aServer(options: MockServerOptions = {}): Promise<Running> {
  const clock = new VirtualClock();
  const server = createMockServer({ clock, ...options });
  servers.push(server);
  const { url } = await server.listen();
  const provider = openai({ apiKey: KEY, model: 'gpt-x', baseUrl: url, clock });
  const client = await provider.createClient({ signal: new AbortController().signal });
  return { server, url, clock, client };
}

/** Moves time on until every answer has ended. The sockets get their turn after each step. */
async function play(server: MockServer, clock: VirtualClock): Promise<void> {
  while (server.journal.open > 0) {
    await clock.advance(10);
    await aTurn();
  }
}

function aTurn(): Promise<void> {
  return new Promise((done) => setImmediate(done));
}

describe('without a script', () => {
  it('knows what a sluice is, and answers at the pace of a model', async () => {
    const { server, client, clock } = await aServer();

    const reading = read(client.stream(REQUEST, aContext()));
    await server.journal.whenAsked(1);
    await play(server, clock);
    const all = await reading;

    expect(textIn(all.chunks)).toContain('a gate at its head');
    expect(clock.now()).toBeGreaterThan(BELIEVABLE_PHYSICS.firstTokenMs ?? 0);
    expect(doneOf(all).usage.output.total).toBeGreaterThan(50);
  });

  it.each(['<script>alert(1)</script>', KEY, '', 'x'.repeat(100_000)])(
    'repeats nothing of the question %#',
    async (question) => {
      const { server, client, clock } = await aServer();

      const request = { messages: [userMessage(question)] };
      const reading = read(client.stream(request, aContext()));
      await server.journal.whenAsked(1);
      await play(server, clock);

      const text = textIn((await reading).chunks);
      expect(text.length).toBeGreaterThan(20);
      expect(text).not.toMatch(/<|sk-|xxx/);
    },
  );
});

describe('over real sockets', () => {
  it('notes what was asked, and keeps no key', async () => {
    const { server, client } = await aServer({ script: { text: 'A gate' } });

    await read(client.stream(REQUEST, aContext()));

    expect(server.journal.questions).toMatchObject([
      {
        number: 1,
        attempt: 1,
        model: 'gpt-x',
        text: 'What is a sluice?',
        messages: [{ role: 'user', text: 'What is a sluice?' }],
        tools: [],
        headers: { 'content-type': 'application/json' },
      },
    ]);
    expect(JSON.stringify(server.journal.exchanges)).not.toContain(KEY);
  });

  it('sees that a stream was abandoned, and no socket is left', async () => {
    const { server, client } = await aServer({
      script: { text: ['one'], fault: { kind: 'stall' } },
    });

    for await (const chunk of client.stream(REQUEST, aContext())) if (chunk.type === 'text') break;

    await server.journal.whenAborted(1);
    await server.journal.whenIdle();
    server.journal.expectIdle();
    while ((await server.openSockets()) > 0) await aTurn(); // a socket that stays runs into the deadline
  });

  it('sees that a connection which lingers after [DONE] was left', async () => {
    const { server, client } = await aServer({ script: { fault: { kind: 'linger' } } });

    const all = await read(client.stream(REQUEST, aContext()));

    expect(doneOf(all).finish.reason).toBe('stop');
    await server.journal.whenAborted(1);
  });

  it('slows down for a slow reader, rather than filling the memory', async () => {
    const text = Array.from({ length: 3_000 }, () => 'x'.repeat(10_000));
    const { server, client } = await aServer({ script: { text } });
    const iterator = client.stream(REQUEST, aContext())[Symbol.asyncIterator]();

    await iterator.next();
    for (let turn = 0; turn < 50; turn += 1) await aTurn();

    expect(server.journal.open).toBe(1); // 30 MB are not in the sockets
    await iterator.return?.();
    await server.journal.whenIdle();
  });

  it('counts how many were answered at once', async () => {
    const { server, client, clock } = await aServer({
      script: { text: 'Hi', physics: { firstTokenMs: 100 } },
    });

    const readings = [1, 2, 3].map(() => read(client.stream(REQUEST, aContext())));
    await server.journal.whenAsked(3);
    await clock.advance(100);
    await Promise.all(readings);

    expect([server.journal.peak, server.journal.open]).toEqual([3, 0]);
  });

  it('breaks what is open when it is closed, and may be closed twice', async () => {
    const { server, client } = await aServer({
      script: { text: ['one'], fault: { kind: 'stall' } },
    });
    const reading = read(client.stream(REQUEST, aContext()));
    await server.journal.whenAsked(1);

    await server.close();
    await server.close();

    expect((await reading).thrown).toMatchObject({ kind: 'network' });
    await server.journal.whenIdle();
  });

  it('refuses to connect where that is scripted', async () => {
    const { client } = await aServer({ script: { fault: { kind: 'refuse' } } });

    expect((await read(client.stream(REQUEST, aContext()))).thrown).toMatchObject({
      kind: 'network',
    });
  });
});

describe('at the door', () => {
  it.each([
    ['nothing there', 'POST', '/v1/elsewhere', '{}', 404],
    ['another method', 'DELETE', '/v1/models', undefined, 404],
    ['no JSON', 'POST', '/v1/chat/completions', 'hello', 400],
    ['too much', 'POST', '/v1/chat/completions', 'x'.repeat(2_000_000), 413],
  ])('%s is refused', async (_, method, path, body, status) => {
    const { url } = await aServer({ script: {} });

    const response = await fetch(new URL(path, url), { method, ...(body && { body }) });

    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({
      error: { message: expect.any(String) as unknown },
    });
  });

  it('lists its models', async () => {
    const { url } = await aServer({ models: ['a', 'b'] });
    const provider = openai({ apiKey: KEY, model: 'a', baseUrl: url });

    expect(await provider.listModels?.(aContext())).toEqual([{ id: 'a' }, { id: 'b' }]);
  });

  it('asks for its key, where it has one', async () => {
    const { url } = await aServer({ apiKey: KEY });
    const right = openai({ apiKey: KEY, model: 'a', baseUrl: url });
    const wrong = openai({ apiKey: 'sk-wrong-0123456789', model: 'a', baseUrl: url });

    await expect(right.probe?.(aContext())).resolves.toBeUndefined();
    await expect(wrong.probe?.(aContext())).rejects.toMatchObject({ kind: 'auth', status: 401 });
  });

  it('survives callers who leave in the middle of their question', async () => {
    const { server, url, client } = await aServer({ script: { text: 'well' } });
    const { port, hostname } = new URL(url);
    const socket = connect(Number(port), hostname);
    const headers =
      'POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 99\r\n\r\n{"a"';
    await new Promise<void>((resolve) => {
      socket.write(headers, () => resolve());
    });

    socket.destroy();

    expect(textIn((await read(client.stream(REQUEST, aContext()))).chunks)).toBe('well');
    expect(server.journal.asked).toBe(1);
  });
});
