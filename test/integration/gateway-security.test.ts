import { createHash, timingSafeEqual } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { bearerToken, createGatewayClient, type Principal } from '@sluice/adapters/gateway';
import { createMockServer } from '@sluice/adapters/mock-server';
import { describe, expect, it } from 'vitest';
import {
  aRunningGateway,
  openSocket,
  post,
  raw,
  ROOMY,
  type RunningGateway,
  until,
  upgradeStatus,
} from './a-gateway.ts';

const TOKENS: Readonly<Record<string, string>> = {
  'ann-0123456789abcdef': 'ann',
  'bob-0123456789abcdef': 'bob',
};
const [ANN = '', BOB = ''] = Object.keys(TOKENS);

/** A login as a host should write it: by value, in constant time. */
function authenticate(request: Request): Principal | null {
  const given = digest(bearerToken(request) ?? '');
  const found = Object.entries(TOKENS).find(([token]) => timingSafeEqual(digest(token), given));
  return found === undefined ? null : { id: found[1] };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function bearer(token: string): { readonly authorization: string } {
  return { authorization: `Bearer ${token}` };
}

describe('an upgrade', () => {
  it.each([
    ['without an Origin', {}],
    ['with the Origin null', { origin: 'null' }],
    ['with a foreign Origin', { origin: 'https://evil.example' }],
    ['with an Origin that only begins like ours', { origin: 'http://127.0.0.1.evil.example' }],
  ])('%s is refused before 101', async (_what, options) => {
    await using running = await aRunningGateway();

    expect(await upgradeStatus(running.server.url, options)).toBe(403);
    expect(running.gateway.stats()).toMatchObject({ sockets: 0, refused: { origin_refused: 1 } });
  });
});

describe('a token', () => {
  it.each([
    ['that is wrong', bearer('eve-0123456789abcdef'), 401],
    ['that is empty', { authorization: 'Bearer ' }, 401],
    ['that is cut', bearer(ANN.slice(0, -1)), 401],
    ['that is only too long', bearer(`${ANN}x`), 401],
    ['of 1 MB', bearer('x'.repeat(1_000_000)), 431],
    ['given twice', { authorization: `Bearer ${ANN}, Bearer ${ANN}` }, 401],
    ['that is right', bearer(ANN), 101],
  ])('%s is answered so', async (_what, headers, status) => {
    await using running = await aRunningGateway({ gateway: { authenticate } });

    expect(await upgradeStatus(running.server.url, { headers })).toBe(status);
  });

  it('that is wrong more than ten times in a minute is not looked at: 429', async () => {
    await using running = await aRunningGateway({ gateway: { authenticate } });
    const { url } = running.server;
    const statuses: number[] = [];

    for (let at = 0; at < 11; at += 1) {
      const response = await post(url, { message: 'x' }, { headers: bearer(`guess-${at}`) });
      statuses.push(response.status);
    }

    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429]);
    expect(await upgradeStatus(url, { headers: bearer(ANN) })).toBe(429);
  });

  it('offered as a subprotocol is read and never said back', async () => {
    await using running = await aRunningGateway({ gateway: { authenticate } });
    const { url, port } = running.server;
    const offered = `sluice.bearer.${Buffer.from(ANN).toString('base64url')}, sluice.v1`;

    const socket = connect(port, '127.0.0.1');
    const head = await headOf(
      socket,
      upgradeHead(port, url, `Sec-WebSocket-Protocol: ${offered}\r\n`),
    );
    socket.destroy();

    expect(head).toContain('101 Switching Protocols');
    expect(head.toLowerCase()).toContain('sec-websocket-protocol: sluice.v1\r\n');
    expect(head).not.toContain('bearer');
  });
});

describe('a message that names a prototype', () => {
  it.each([
    '{"type":"chat","message":"x","__proto__":{"x":1}}',
    '{"type":"chat","message":"x","constructor":{"prototype":{"x":1}}}',
    '{"type":"chat","message":"x","a":[{"b":{"__proto__":{"x":1}}}]}',
    '{"type":"chat","message":"x","\\u005f\\u005fproto__":{"x":1}}',
  ])('%s changes nothing: the socket is closed', async (text) => {
    await using running = await aRunningGateway();
    const { socket, closed } = await openSocket(running.server);

    socket.send(text);

    expect(await closed).toBe(1008);
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });
});

describe('a frame', () => {
  it.each([
    ['of depth 33', `{"type":"chat","message":${'['.repeat(33)}${']'.repeat(33)}}`, 1008],
    ['of depth 10,000', '['.repeat(10_000), 1008],
    ['of depth 1,000,000', '['.repeat(1_000_000), 1009],
    ['of 3 MB of empty objects', `[${'{},'.repeat(1_000_000)}{}]`, 1009],
    ['of 60 kB of empty objects', `[${'{},'.repeat(20_000)}{}]`, 1008],
    ['of 100,000 keys', `{${'"a":1,'.repeat(100_000)}"b":1}`, 1009],
    ['of 5,000 keys', `{${Array.from({ length: 5_000 }, (_, at) => `"${at}":1`).join()}}`, 1008],
    ['with a number of a million digits', `{"type":${'1'.repeat(1_000_000)}}`, 1009],
    ['with a number of 60,000 digits', `{"type":${'1'.repeat(60_000)}}`, 1008],
  ])('%s is refused and hung up on', async (_what, text, code) => {
    await using running = await aRunningGateway();
    const good = await openSocket(running.server);
    const bad = await openSocket(running.server);

    bad.socket.send(text);

    expect(await bad.closed).toBe(code);
    good.say({ type: 'ping' });
    await good.until(({ type }) => type === 'pong');
    good.socket.close();
  });

  it('that never ends is hung up on, byte by byte or fragment by fragment, and pongs do not save it', async () => {
    await using running = await aRunningGateway({ serve: { messageTimeoutMs: 200 } });
    const { server, gateway } = running;
    const fragments = await openSocket(server);
    const trickle = await openSocket(server);
    const stream = (trickle.socket as unknown as { _socket: Socket })._socket;
    fragments.socket.send('{', { fin: false });
    stream.write(Buffer.from([0x81, 0xfe, 0x10, 0x00, 0, 0, 0, 0])); // the head of 4,096 bytes

    const feeding = setInterval(() => {
      if (fragments.socket.readyState === 1) fragments.socket.send(' ', { fin: false });
      if (fragments.socket.readyState === 1) fragments.socket.pong();
      if (!stream.destroyed) stream.write(Buffer.from([0x20]));
    }, 20);
    const codes = await Promise.all([fragments.closed, trickle.closed]);
    clearInterval(feeding);

    expect(codes).toEqual([1008, 1008]);
    await until(() => gateway.stats().sockets === 0);
  });

  it('that comes in more than 256 pieces is hung up on', async () => {
    await using running = await aRunningGateway();
    const { socket, closed } = await openSocket(running.server);
    const stream = (socket as unknown as { _socket: Socket })._socket;
    stream.setNoDelay(true);

    stream.write(Buffer.from([0x81, 0xfe, 0x10, 0x00, 0, 0, 0, 0]));
    for (let at = 0; at < 4_000 && socket.readyState === 1; at += 1) {
      stream.write(Buffer.from([0x20]));
      await new Promise((resolve) => setTimeout(resolve, 1));
    }

    expect(await closed).toBe(1008);
  });

  it('that is whole, however slowly others come, is not hurried', async () => {
    await using running = await aRunningGateway({ serve: { messageTimeoutMs: 100 } });
    const { say, until: heard, socket, frames } = await openSocket(running.server);

    for (let at = 0; at < 4; at += 1) {
      say({ type: 'ping' });
      socket.ping();
      await until(() => frames.length === at + 1);
      await new Promise((resolve) => setTimeout(resolve, 60));
    }

    await heard(({ type }) => type === 'pong');
    expect(socket.readyState).toBe(1);
    socket.close();
  });

  it('is never inflated: compression that is offered is not taken', async () => {
    await using running = await aRunningGateway();
    const { url, port } = running.server;

    const socket = connect(port, '127.0.0.1');
    const offer = 'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n';
    const head = await headOf(socket, upgradeHead(port, url, offer));
    socket.write(Buffer.from([0xc1, 0x80, 0, 0, 0, 0])); // as if it were: RSV1 is set
    const closeCode = await closeCodeOf(socket);

    expect(head.toLowerCase()).not.toContain('sec-websocket-extensions');
    expect(closeCode).toBe(1002);
  });
});

describe('slow peers', () => {
  it('500 of them, with heads, bodies and upgrades that do not come, are closed on time, and others are served', async () => {
    await using running = await aRunningGateway({
      gateway: { limits: { ...ROOMY.limits, bodyTimeoutMs: 1_000 } },
      serve: { headersTimeoutMs: 1_000 },
    });
    const { url, port } = running.server;
    const client = createGatewayClient({ url });
    const host = `Host: 127.0.0.1:${port}\r\n`;
    const openings = [
      'POST /api/chat HTTP/1.1\r\nHost: 12',
      `GET /ws HTTP/1.1\r\n${host}Connection: Upgrade\r\nUpgrade: webs`,
      `POST /api/chat HTTP/1.1\r\n${host}content-type: application/json\r\ncontent-length: 100\r\n\r\n{"mess`,
    ];

    const slow = Array.from({ length: 500 }, (_, at) => raw(port, openings[at % 3] ?? ''));
    const answers = await Promise.all(Array.from({ length: 10 }, () => client.ask('still there?')));
    const ends = await Promise.all(slow);

    expect(answers.every(({ message }) => message.startsWith('You said'))).toBe(true);
    expect(new Set(ends.map(({ status }) => status))).toEqual(new Set([408]));
    expect(running.gateway.stats().refused).toEqual({ body_timeout: 166 });
  });
});

describe('a client that wants too much', () => {
  it('is hung up on at the 41st message of a burst with 4429, and counted', async () => {
    await using running = await aRunningGateway();
    const { say, closed } = await openSocket(running.server);

    for (let at = 0; at < 400; at += 1) say({ type: 'ping' });

    expect(await closed).toBe(4429);
    expect(running.gateway.stats().refused).toEqual({ rate_limited: 1 });
  });

  it('is refused its 101st connection', async () => {
    await using running = await aRunningGateway();
    const { server, gateway } = running;
    await Promise.all(Array.from({ length: 100 }, () => openSocket(server)));

    const status = await upgradeStatus(server.url, { origin: server.url });

    expect(status).toBe(503);
    expect(gateway.stats()).toMatchObject({ sockets: 100, refused: { too_many_sockets: 1 } });
  });

  it('is refused the one that is too many in all', async () => {
    const limits = { maxSockets: 3 };
    await using running = await aRunningGateway({ gateway: { authenticate, limits } });
    const { server, gateway } = running;
    for (const token of [ANN, ANN, BOB]) await openSocket(server, { headers: bearer(token) });

    const status = await upgradeStatus(server.url, { headers: bearer(BOB) });

    expect(status).toBe(503);
    expect(gateway.stats().refused).toEqual({ too_many_sockets: 1 });
  });
});

describe('a client that claims to be more than it is', () => {
  it.each([
    ['a role', { role: 'system' }],
    ['a scope', { scope: 'admin' }],
    ['a principal', { owner: 'ann' }],
    ['a namespace', { namespace: 'gateway:of-ann' }],
    ['a model', { model: 'the-dear-one' }],
  ])('by %s is refused, over HTTP and over a WebSocket', async (_what, claim) => {
    await using running = await aRunningGateway();
    const { say, until: heard, socket } = await openSocket(running.server);

    const response = await post(running.server.url, { message: 'x', ...claim });
    say({ type: 'chat', message: 'x', ...claim });

    expect(response.status).toBe(400);
    expect(await heard(({ type }) => type === 'error')).toMatchObject({ code: 'bad_request' });
    expect(running.model.journal.asked).toBe(0);
    socket.close();
  });

  it('by the session of somebody else gets nothing of it, by no door', async () => {
    const history = { load: async () => ({ messages: ['secret'] }), delete: async () => true };
    await using running = await aRunningGateway({ gateway: { authenticate, history } });
    const { server, model } = running;
    const { url } = server;
    const ann = createGatewayClient({ url, getToken: () => ANN });
    const { session } = await ann.ask('hello');
    const headers = bearer(BOB);
    const path = `${url}/api/sessions/${session}`;
    const socket = await openSocket(server, { headers });

    socket.say({ type: 'chat', message: 'and I?', session });
    socket.say({ type: 'resume', session });
    const statuses = [
      (await post(url, { message: 'x', session }, { headers })).status,
      (await fetch(path, { headers })).status,
      (await fetch(`${path}/events`, { headers })).status,
      (await fetch(path, { method: 'DELETE', headers })).status,
    ];

    const resumed = await socket.until(({ type }) => type === 'resumed');
    expect(statuses).toEqual([404, 404, 404, 404]);
    expect(resumed['session']).not.toBe(session);
    expect(socket.frames.slice(0, 2)).toMatchObject([
      { type: 'error', code: 'session_unknown' },
      { type: 'gap', reason: 'session_unknown' },
    ]);
    expect(model.journal.asked).toBe(1);
    socket.socket.close();
  });
});

describe('a secret inside', () => {
  const CANARY = 'sk-canary-7f3a91c4e8d24b6fa0';

  it('that is planted in errors of the model, the login and the history reaches no client, by no way', async () => {
    const script = { fault: { kind: 'status', status: 400, message: CANARY } } as const;
    const model = createMockServer({ script });
    const fails = (): never => {
      throw new Error(`At ${CANARY}`, { cause: new AggregateError([new Error(CANARY)], CANARY) });
    };
    await using running = await aRunningGateway({
      model,
      gateway: { history: { load: fails, delete: fails } },
    });
    await using locked = await aRunningGateway({ gateway: { authenticate: fails } });

    const told = await everythingTold(running);
    const refused = await post(locked.server.url, { message: 'x' });
    const upgrade = await upgradeStatus(locked.server.url, { origin: locked.server.url });

    expect(told).toContain('reply_failed');
    expect(told).toContain('internal');
    expect(`${told}${await textOf(refused)}`).not.toMatch(/canary|AggregateError|at .*\.ts/);
    expect([refused.status, upgrade]).toEqual([500, 500]);
  });
});

/** All that a client is told of a failing message and of its session, headers included. */
async function everythingTold({ server }: RunningGateway): Promise<string> {
  const { url } = server;
  const socket = await openSocket(server);
  socket.say({ type: 'resume' });
  const { session } = await socket.until(({ type }) => type === 'resumed');
  socket.say({ type: 'chat', message: 'x' });
  await socket.until(({ type }) => type === 'error');
  const answers = [
    await post(url, { message: 'x' }),
    await post(url, { message: 'x' }, { headers: { accept: 'text/event-stream' } }),
    await fetch(`${url}/api/sessions/${String(session)}`),
    await fetch(`${url}/api/sessions/${String(session)}`, { method: 'DELETE' }),
  ];
  const texts = await Promise.all(answers.map(textOf));
  socket.socket.close();
  return `${texts.join('\n')}${JSON.stringify(socket.frames)}`;
}

async function textOf(response: Response): Promise<string> {
  return `${JSON.stringify([...response.headers])}${await response.text()}`;
}

function upgradeHead(port: number, origin: string, more: string): string {
  return (
    `GET /ws HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
    `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: ${origin}\r\n${more}\r\n`
  );
}

/** Sends the head of a request and reads that of the answer. */
function headOf(socket: Socket, head: string): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const read = (data: Buffer): void => {
      text += data.toString('latin1');
      if (!text.includes('\r\n\r\n')) return;
      socket.off('data', read);
      resolve(text);
    };
    socket.on('data', read);
    socket.write(head);
  });
}

/** The code of the close frame that comes next. */
function closeCodeOf(socket: Socket): Promise<number> {
  return new Promise((resolve) => {
    socket.on('data', (data: Buffer) => {
      if (data[0] === 0x88) resolve(data.readUInt16BE(2));
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(0));
  });
}
