import { createGatewayClient } from '@sluice/adapters/gateway';
import { createMockServer } from '@sluice/adapters/mock-server';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import {
  aRunningGateway,
  openSocket,
  post,
  raw,
  ROOMY,
  type RunningGateway,
  upgradeStatus,
} from './a-gateway.ts';

const KIB_64 = 65_536;

/** Planted in errors; must never be seen outside. */
const CANARY = 'canary-7f3a91';

describe('a gateway that is sent what it does not take', () => {
  let running: RunningGateway;
  beforeAll(async () => {
    const { limits } = ROOMY;
    running = await aRunningGateway({
      gateway: { limits: { ...limits, bodyTimeoutMs: 200 } },
      serve: { headersTimeoutMs: 300 },
    });
  });
  afterAll(() => running[Symbol.asyncDispose]());

  // Whatever was sent: a good client beside it is answered.
  afterEach(async () => {
    const client = createGatewayClient({ url: running.server.url });
    expect(await client.ask('still there?')).toMatchObject({ message: 'You said still there?..' });
  });

  it.each([
    ['what is not JSON', '{"message": nonsense}', 400, 'bad_json'],
    ['JSON that is cut', '{"message": "hello', 400, 'bad_json'],
    ['a depth of 33', `{"message":${'['.repeat(32)}${']'.repeat(32)}}`, 400, 'bad_json'],
    ['a depth of 30,000', '['.repeat(30_000), 400, 'bad_json'],
    ['a key __proto__', '{"message":"x","__proto__":{"role":"admin"}}', 400, 'bad_json'],
    ['an escaped key __proto__', '{"message":"x","\\u005f_proto__":1}', 400, 'bad_json'],
    ['a key constructor', '{"message":"x","constructor":{"prototype":{}}}', 400, 'bad_json'],
    ['a number of 60,000 digits', `{"message":${'9'.repeat(60_000)}}`, 400, 'bad_json'],
    ['an unknown field', '{"message":"x","role":"system"}', 400, 'bad_request'],
    ['no message', '{}', 400, 'bad_request'],
    ['an empty message', '{"message":"  "}', 400, 'bad_request'],
    ['a list', '["hello"]', 400, 'bad_request'],
    ['a session that nobody may name', '{"message":"x","session":"../etc"}', 400, 'bad_request'],
    ['a session of somebody else', '{"message":"x","session":"aaaa"}', 404, 'session_unknown'],
  ])('refuses %s', async (_what, body, status, code) => {
    const response = await post(running.server.url, body);

    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({ code, error: expect.any(String) as unknown });
    expect(({} as { role?: string }).role).toBeUndefined();
  });

  it('takes 64 KiB, and not a byte more', async () => {
    const { url } = running.server;
    const ofLength = (bytes: number): string => {
      const frame = JSON.stringify({ message: '' }).length;
      return JSON.stringify({ message: 'a'.repeat(bytes - frame) });
    };

    const full = await post(url, ofLength(KIB_64));
    const tooLong = await post(url, ofLength(KIB_64 + 1));

    expect(full.status).toBe(200);
    expect(tooLong.status).toBe(413);
    expect(tooLong.headers.get('connection')).toBe('close');
    expect(await tooLong.json()).toMatchObject({ code: 'message_too_large' });
  });

  it('cuts a body that says nothing of its length at 64 KiB', async () => {
    const { port } = running.server;
    const piece = `8000\r\n${'a'.repeat(0x8000)}\r\n`;

    const { status, text } = await raw(
      port,
      head(port, 'transfer-encoding: chunked'),
      piece,
      piece,
      piece,
    );

    expect(status).toBe(413);
    expect(text).toContain('message_too_large');
  });

  it.each(['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('refuses %s', async (method) => {
    const response = await fetch(`${running.server.url}/api/chat`, { method });

    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('POST');
  });

  it.each(['TRACE', 'TRACK', 'CONNECT', 'NONSENSE'])('refuses the method %s', async (method) => {
    const { port } = running.server;

    const { status } = await raw(port, `${method} / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);

    expect([0, 400]).toContain(status); // a connection that is cut has no status
  });

  it('refuses what is not declared as JSON, as forms of other sites are', async () => {
    const { url } = running.server;

    const response = await post(url, '{"message":"x"}', {
      headers: { 'content-type': 'text/plain' },
    });

    expect(response.status).toBe(415);
  });

  it.each(['http://evil.example', 'null', 'http://127.0.0.1:1'])(
    'refuses the origin %s, and sends no CORS header',
    async (origin) => {
      const response = await post(running.server.url, { message: 'x' }, { headers: { origin } });

      expect(response.status).toBe(403);
      expect([...response.headers.keys()].filter((name) => /access-control/.test(name))).toEqual(
        [],
      );
    },
  );

  it.each([
    ['evil.example', 421],
    ['127.0.0.1.evil.example', 421],
    ['localhost:1', 421],
    ['127.0.0.1', 421],
  ])('refuses the host %s with an empty body', async (host, expected) => {
    const { port } = running.server;

    const { status, text } = await raw(
      port,
      `GET /health HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
    );

    expect(status).toBe(expected);
    expect(text.split('\r\n\r\n')[1]).toMatch(/^0?$/); // the end of a chunked body
  });

  it.each([
    [
      'two hosts',
      (port: number) => `GET /health HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nHost: evil\r\n\r\n`,
    ],
    ['no host', () => 'GET /health HTTP/1.1\r\n\r\n'],
    [
      'a target in absolute form',
      (port: number) =>
        `GET http://127.0.0.1:${port}/health HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`,
    ],
    [
      'a target of another host',
      (port: number) => `GET //evil/health HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`,
    ],
  ] as const)('refuses %s and closes the connection', async (_what, request) => {
    const { port } = running.server;

    const { status } = await raw(port, request(port));

    expect(status).toBe(400);
  });

  it('closes on a body that does not come, and says so', async () => {
    const { port } = running.server;

    const { status, text } = await raw(port, head(port, 'content-length: 100'), '{"mess');

    expect(status).toBe(408);
    expect(text).toContain('body_timeout');
  });

  it('closes on headers that do not come', async () => {
    const { port } = running.server;

    const slow = await Promise.all(
      Array.from({ length: 20 }, () => raw(port, 'POST /api/chat HTTP/1.1\r\nHost: 127')),
    );

    expect(new Set(slow.map(({ status }) => status))).toEqual(new Set([408]));
  });

  it('refuses headers of more than 8 KiB', async () => {
    const { port } = running.server;

    const { status } = await raw(port, head(port, `x-long: ${'a'.repeat(9_000)}`));

    expect(status).toBe(431);
  });
});

describe('a WebSocket that is not wanted', () => {
  let running: RunningGateway;
  beforeAll(async () => {
    running = await aRunningGateway({ gateway: ROOMY });
  });
  afterAll(() => running[Symbol.asyncDispose]());

  it.each([
    ['without an origin', {}],
    ['with the origin null', { origin: 'null' }],
    ['of a foreign origin', { origin: 'http://evil.example' }],
  ])('%s is refused before it is opened', async (_what, options) => {
    const { url } = running.server;

    expect(await upgradeStatus(url, options)).toBe(403);
    expect(await upgradeStatus(url, { origin: url })).toBe(101);
  });

  it('to another host is refused before it is opened', async () => {
    const { url } = running.server;

    expect(await upgradeStatus(url, { origin: url, headers: { host: 'evil.example' } })).toBe(421);
  });

  it.each([
    ['a binary frame', 1003, (socket: WebSocket) => socket.send(Buffer.from([1, 2, 3]))],
    ['a frame of 64 KiB and 1', 1009, (socket: WebSocket) => socket.send('a'.repeat(KIB_64 + 1))],
    ['what is not JSON', 1008, (socket: WebSocket) => socket.send('{nonsense')],
    ['a key __proto__', 1008, (socket: WebSocket) => socket.send('{"type":"ping","__proto__":1}')],
    ['65 fragments', 1008, (socket: WebSocket) => sendFragments(socket, 65)],
  ] as const)('that sends %s is closed with %s', async (_what, code, send) => {
    const good = await openSocket(running.server);
    const bad = await openSocket(running.server);

    send(bad.socket);

    expect(await bad.closed).toBe(code);
    good.say({ type: 'ping' });
    await good.until(({ type }) => type === 'pong');
    good.socket.close();
  });

  it('may send 64 fragments', async () => {
    const { socket, until } = await openSocket(running.server);

    sendFragments(socket, 64);

    await expect(until(({ type }) => type === 'error')).resolves.toMatchObject({
      code: 'bad_request',
    });
    socket.close();
  });

  it('that names a session it was not given is told so, and stays', async () => {
    const { socket, say, until } = await openSocket(running.server);

    say({ type: 'chat', id: '1', message: 'hello', session: 'not-mine' });

    await expect(until(({ type }) => type === 'error')).resolves.toEqual({
      type: 'error',
      id: '1',
      code: 'session_unknown',
      error: expect.any(String) as unknown,
    });
    say({ type: 'ping' });
    await until(({ type }) => type === 'pong');
    socket.close();
  });
});

describe('a client that wants too much', () => {
  it('is refused the 41st message of a burst, with the time to wait', async () => {
    await using running = await aRunningGateway({
      gateway: { limits: { messagesPerSecond: 0.001 } },
    });
    const { url } = running.server;

    const statuses: number[] = [];
    for (let at = 0; at < 41; at += 1) {
      const response = await post(url, { message: 'again' });
      statuses.push(response.status);
      await response.arrayBuffer();
    }
    const refused = await post(url, { message: 'again' });

    expect(statuses).toEqual([...Array.from({ length: 40 }, () => 200), 429]);
    expect(await refused.json()).toMatchObject({ code: 'rate_limited' });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(100);
  });

  it('is hung up on at the 41st frame of a burst over a WebSocket', async () => {
    await using running = await aRunningGateway({
      gateway: { limits: { messagesPerSecond: 0.001 } },
    });
    const { say, frames, closed } = await openSocket(running.server);

    for (let at = 0; at < 41; at += 1) say({ type: 'ping' });

    expect(await closed).toBe(4429);
    expect(frames.map(({ type }) => type)).toEqual([
      ...Array.from({ length: 40 }, () => 'pong'),
      'error',
    ]);
    expect(running.gateway.stats().sockets).toBe(0);
  });

  it('is refused one WebSocket too many, and let in when one has gone', async () => {
    await using running = await aRunningGateway({
      gateway: { limits: { maxSocketsPerClient: 2 } },
    });
    const { gateway, server } = running;
    const first = await openSocket(server);
    await openSocket(server);

    expect(await upgradeStatus(server.url, { origin: server.url })).toBe(503);
    first.socket.close();
    await first.closed;
    while (gateway.stats().sockets > 1) await new Promise((resolve) => setTimeout(resolve, 1));

    expect(await upgradeStatus(server.url, { origin: server.url })).toBe(101);
  });

  it('is refused the 11th unanswered message of a session', async () => {
    const model = createMockServer({ script: { fault: { kind: 'hang' } } });
    await using running = await aRunningGateway({ model });
    const { say, until, socket } = await openSocket(running.server);

    for (let at = 0; at < 11; at += 1) say({ type: 'chat', id: `m${at}`, message: 'well?' });

    await expect(until(({ type }) => type === 'error')).resolves.toMatchObject({
      id: 'm10',
      code: 'too_many_pending',
    });
    socket.terminate();
  });

  it('has its connection cut when its address has too many', async () => {
    await using running = await aRunningGateway({ serve: { maxConnectionsPerAddress: 1 } });
    const { server } = running;
    const good = await openSocket(server);

    const { text } = await raw(server.port, 'GET /health HTTP/1.1\r\n');

    expect(text).toBe('');
    good.say({ type: 'ping' });
    await good.until(({ type }) => type === 'pong');
    good.socket.close();
  });
});

describe('an error inside', () => {
  it.each([
    ['a provider', { fault: { kind: 'status', status: 400, message: CANARY } } as const, {}],
    ['a login', {}, { authenticate: () => Promise.reject(new Error(CANARY)) }],
  ])('of %s does not reach a client', async (_what, script, options) => {
    const model = createMockServer({ script });
    await using running = await aRunningGateway({ model, gateway: options });
    const { url } = running.server;

    const json = await post(url, { message: 'hello' });
    const sse = await post(url, { message: 'hello' }, { headers: { accept: 'text/event-stream' } });
    const told = `${await json.text()}${await sse.text()}${JSON.stringify([...json.headers])}`;

    expect(json.status).toBe(500);
    expect(told).not.toContain(CANARY);
    expect(told).toMatch(/"code":"(?:reply_failed|internal)"/);
  });

  it('is a 503 when a login takes too long', async () => {
    const authenticate = (): Promise<never> => new Promise(() => undefined);
    await using running = await aRunningGateway({
      gateway: { authenticate, limits: { authenticateTimeoutMs: 50 } },
    });
    const { url } = running.server;

    expect((await post(url, { message: 'hello' })).status).toBe(503);
    expect(await upgradeStatus(url, { origin: url })).toBe(503);
  });

  it('keeps strangers out, and principals out of the sessions of others', async () => {
    const authenticate = (request: Request): { id: string } | null => {
      const token = request.headers.get('authorization')?.replace('Bearer ', '');
      return token === 'ann' || token === 'bob' ? { id: token } : null;
    };
    await using running = await aRunningGateway({ gateway: { authenticate } });
    const { url } = running.server;
    const ann = createGatewayClient({ url, getToken: () => 'ann' });
    const { session } = await ann.ask('hello');
    const bob = createGatewayClient({ url, getToken: () => 'bob', session });

    await expect(bob.ask('and I?')).rejects.toMatchObject({
      wireCode: 'session_unknown',
      status: 404,
    });
    const stranger = await post(url, { message: 'hello' });
    expect(stranger.status).toBe(401);
    expect(await upgradeStatus(url, { headers: { authorization: 'Bearer eve' } })).toBe(401);
    expect(await upgradeStatus(url, { headers: { authorization: 'Bearer ann' } })).toBe(101);
  });
});

/** A text frame in so many fragments: `{  …  }`. */
function sendFragments(socket: WebSocket, count: number): void {
  socket.send('{', { fin: false });
  for (let at = 2; at < count; at += 1) socket.send(' ', { fin: false });
  socket.send('}', { fin: true });
}

function head(port: number, header: string): string {
  return `POST /api/chat HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\n${header}\r\n\r\n`;
}
