import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { applyEvent, type EngineSnapshot, type SluiceEvent } from '@sluice/core/events';
import { VirtualClock } from '@sluice/core/testing';
import { createDashboardHandler } from '@sluice/dashboard/server';
import { serveDashboard } from '@sluice/dashboard/server/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PAGE_POLICY } from '../../packages/dashboard/src/server/answer.ts';
import { sendResponse, toRequest } from '../../packages/dashboard/src/server/node/web.ts';
import { WatchedTestEngine } from '../dashboard/server/a-watched-engine.ts';
import {
  anEngine,
  aRunningDashboard,
  asProgram,
  openFeed,
  raw,
  type RunningDashboard,
  TOKEN,
} from './a-dashboard.ts';

describe('a dashboard that is asked wrongly', () => {
  let running: RunningDashboard;
  let port: number;
  beforeAll(async () => {
    running = await aRunningDashboard();
    ({ port } = running.server);
  });
  afterAll(() => running[Symbol.asyncDispose]());

  it.each([
    ['another name', 'GET / HTTP/1.1\r\nHost: evil.example', '421'],
    ['a name that begins like ours', 'GET / HTTP/1.1\r\nHost: 127.0.0.1.evil.example', '421'],
    ['another port', 'GET / HTTP/1.1\r\nHost: localhost:1', '421'],
    ['no name', 'GET / HTTP/1.1\r\nX: y', '400'],
    ['two names', 'GET / HTTP/1.1\r\nHost: localhost:PORT\r\nHost: evil.example', '400'],
    ['a whole URL', 'GET http://localhost:PORT/ HTTP/1.1\r\nHost: localhost:PORT', '400'],
    [
      'a host in the path',
      'GET //evil.example/api/snapshot HTTP/1.1\r\nHost: localhost:PORT',
      '400',
    ],
    ['a method of proxies', 'TRACE / HTTP/1.1\r\nHost: localhost:PORT', '400'],
    ['credentials in the name', 'GET / HTTP/1.1\r\nHost: a@localhost:PORT', '421'],
  ])('refuses %s with an empty body', async (_what, head, status) => {
    const answer = await raw(
      port,
      `${head.replaceAll('PORT', String(port))}\r\nConnection: close\r\n\r\n`,
    );

    expect(answer.slice(9, 12)).toBe(status);
    expect(answer.split('\r\n\r\n')[1]?.replace(/^0$/, '') ?? '').toBe('');
  });

  it.each(['', 'Origin: null\r\n', 'Origin: http://evil.example\r\n'])(
    'hangs up on a WebSocket before it is one (%j)',
    async (origin) => {
      const answer = await raw(
        port,
        `GET /api/feed HTTP/1.1\r\nHost: localhost:${port}\r\nAuthorization: Bearer ${TOKEN}\r\n` +
          `Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n` +
          `Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n${origin}\r\n`,
      );

      expect(answer).toBe('');
    },
  );

  it.each(['/api/command', '/api/actions/drain', '/api/session/x', '/', '/index.html'])(
    'knows nothing that acts at %s, even with the token',
    async (path) => {
      const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };

      const statuses = await Promise.all(
        ['POST', 'PUT', 'DELETE', 'PATCH'].map(async (method) => {
          const answer = await fetch(new URL(path, running.server.url), { method, headers });
          return answer.status;
        }),
      );

      expect(statuses).toEqual([404, 404, 404, 404]);
    },
  );

  it.each(['/../../etc/passwd', '/%2e%2e/package.json', '/page.js', '/index.html%00', '/?raw??'])(
    'has no file but those of the page: %s',
    async (path) => {
      const answer = await raw(
        port,
        `GET ${path} HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: close\r\n\r\n`,
      );

      expect(answer).not.toContain('root:');
      expect(answer.slice(9, 12)).toBe(path.startsWith('/?') ? '200' : '404');
    },
  );

  it('refuses 9 KiB of headers', async () => {
    const answer = await fetch(running.server.url, { headers: { x: 'x'.repeat(9_216) } });

    expect(answer.status).toBe(431);
  });

  it('sends its safety with every answer, and never a permission for other origins', async () => {
    for (const path of ['/', '/api/feed', '/api/snapshot', '/nothing']) {
      const { headers } = await fetch(new URL(path, running.server.url));

      expect(Object.fromEntries(headers)).toMatchObject({
        'content-security-policy': PAGE_POLICY,
        'cross-origin-resource-policy': 'same-origin',
        'cross-origin-opener-policy': 'same-origin',
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
      });
      expect([...headers.keys()].filter((name) => name.includes('allow-origin'))).toEqual([]);
    }
  });

  it('hangs up on headers that take longer than 10 s', async () => {
    const began = performance.now();

    const answer = await raw(port, `GET / HTTP/1.1\r\nHost: localhost:${port}\r\n`);

    expect(answer.slice(9, 12)).toBe('408');
    expect(performance.now() - began).toBeGreaterThan(9_000);
  });
});

describe('the token of a dashboard', () => {
  it('refuses wrong, empty, cut, long and odd ones alike, and after ten of them hears none', async () => {
    await using running = await aRunningDashboard();
    const wrong = ['"x"', '""', JSON.stringify(TOKEN.slice(1)), `["${TOKEN}"]`, '{}', 'null', '1'];
    const bodies = wrong.map((token) => `{"token":${token}}`);
    bodies.push('', '{"token":"cut', `{"token":"${'x'.repeat(1_000_000)}"}`);

    const statuses: number[] = [];
    for (const body of bodies) statuses.push((await trade(running, body)).status);

    expect(statuses).toEqual(bodies.map(() => 401));
    expect((await trade(running, JSON.stringify({ token: TOKEN }))).status).toBe(429);
  });

  it('is traded for a cookie that scripts cannot read and other sites do not send', async () => {
    await using running = await aRunningDashboard();

    const answer = await trade(running, JSON.stringify({ token: TOKEN }));

    const cookie = answer.headers.get('set-cookie') ?? '';
    expect(answer.status).toBe(204);
    expect(cookie).toMatch(/^sluice_\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
    expect(cookie).toContain(`sluice_${running.server.port}=`);
    const snapshot = await fetch(new URL('/api/snapshot', running.server.url), {
      headers: { cookie: cookie.split(';')[0] ?? '' },
    });
    expect(snapshot.status).toBe(200);
  });

  it('is printed once, in the fragment of a link, and is in no answer', async () => {
    await using running = await aRunningDashboard();
    const { url } = running.server;

    const answers = await Promise.all([
      trade(running, JSON.stringify({ token: TOKEN })),
      fetch(url),
      fetch(new URL('/api/snapshot', url), asProgram()),
      fetch(new URL('/api/snapshot', url)),
      fetch(new URL(`/api/${TOKEN}`, url)),
    ]);

    const texts = await Promise.all(
      answers.map(async (answer) => JSON.stringify([...answer.headers]) + (await answer.text())),
    );
    expect(texts.join('')).not.toContain(TOKEN);
    expect(running.printed).toEqual([`Dashboard: ${url}#t=${TOKEN}`]);
  });

  it('is made of 256 bits of chance where none is given', async () => {
    await using one = await aRunningDashboard({ token: undefined });
    await using two = await aRunningDashboard({ token: undefined });

    expect(one.server.link).toMatch(/#t=[\w-]{43}$/);
    expect(one.server.link.split('#')[1]).not.toBe(two.server.link.split('#')[1]);
  });

  it.each([
    ['neither a token nor allowRemote', {}],
    ['a token alone', { token: TOKEN }],
    ['allowRemote alone', { allowRemote: true }],
  ])('is needed, with allowRemote, to let other machines in: not with %s', async (_what, given) => {
    const { engine } = anEngine();

    await expect(serveDashboard(engine, { host: '0.0.0.0', ...given })).rejects.toThrow(
      'Binding 0.0.0.0 lets other machines in: give a token and set allowRemote',
    );
  });

  it('is needed to mount the dashboard anywhere', () => {
    const { engine } = anEngine();
    const mount = (auth: unknown): unknown => createDashboardHandler(engine, { auth } as never);

    expect(() => createDashboardHandler(engine, undefined as never)).toThrow(TypeError);
    expect(() => mount(undefined)).toThrow(TypeError);
    expect(() => mount({ token: 'short' })).toThrow(TypeError);
    expect(() => mount({ token: 1e40 })).toThrow(TypeError);
    expect(() => mount({ token: [TOKEN] })).toThrow(TypeError);
  });
});

describe('the feed of a real engine', () => {
  it('adds up to the engine’s own snapshot', async () => {
    await using running = await aRunningDashboard();
    using feed = await openFeed(running.server.port);
    await feed.until(({ types }) => types.includes('snapshot'));

    await running.work(200);

    const end = running.engine.snapshot();
    await feed.until(({ lastId }) => lastId === `${end.epoch}.${end.seq}`);
    const { snapshot } = feed.frames[0]!.data as { snapshot: EngineSnapshot };
    const events = feed.frames.slice(1).flatMap(({ data }) => data as readonly SluiceEvent[]);
    const folded = events.reduce(applyEvent, snapshot);
    expect(events.map(({ seq }) => seq)).toEqual(
      Array.from({ length: end.seq - snapshot.seq }, (_, i) => snapshot.seq + 1 + i),
    );
    expect(folded.counters).toEqual(end.counters);
    expect(folded.pools[0]?.stats).toEqual(end.pools[0]?.stats);
  });

  it('goes on where it was cut, without a hole', async () => {
    await using running = await aRunningDashboard();
    const first = await openFeed(running.server.port);
    await running.work(20);
    await first.until(({ types }) => types.includes('events'));
    first[Symbol.dispose]();

    await running.work(50);
    using second = await openFeed(running.server.port, { 'last-event-id': first.lastId ?? '' });

    const end = running.engine.snapshot();
    await second.until(({ lastId }) => lastId === `${end.epoch}.${end.seq}`);
    const seqs = second.frames.flatMap(({ data }) => (data as SluiceEvent[]).map(({ seq }) => seq));
    const from = Number(first.lastId?.split('.')[1]) + 1;
    expect(seqs).toEqual(Array.from({ length: end.seq - from + 1 }, (_, i) => from + i));
  });

  it('shows a gap and a whole picture when another process answers', async () => {
    const before = await aRunningDashboard();
    const { port } = before.server;
    const first = await openFeed(port);
    await before.work(5);
    await first.until(({ types }) => types.includes('events'));
    await before[Symbol.asyncDispose]();

    await using after = await aRunningDashboard({ port });
    using second = await openFeed(port, { 'last-event-id': first.lastId ?? '' });

    await second.until(({ frames }) => frames.length >= 2);
    expect(second.types).toEqual(['gap', 'snapshot']);
    expect(second.lastId?.split('.')[0]).toBe(after.engine.snapshot().epoch);
    expect(second.lastId?.split('.')[0]).not.toBe(first.lastId?.split('.')[0]);
  });

  it('is open four times a session and 32 times in all, and again when one leaves', async () => {
    await using running = await aRunningDashboard();
    const { port } = running.server;
    const cookies = await Promise.all(Array.from({ length: 9 }, () => cookieOf(running)));
    const feeds = [];
    for (const cookie of cookies.slice(0, 8)) {
      for (let i = 0; i < 4; i += 1) feeds.push(await openFeed(port, { cookie }));
    }

    using fifth = await openFeed(port, { cookie: cookies[0] ?? '' });
    using thirtyThird = await openFeed(port, { cookie: cookies[8] ?? '' });
    feeds[0]?.[Symbol.dispose]();

    expect(feeds.map(({ response }) => response.statusCode)).toEqual(feeds.map(() => 200));
    expect([fifth, thirtyThird].map(({ response }) => response.statusCode)).toEqual([503, 503]);
    expect(await untilOpen(port, cookies[8] ?? '')).toBe(200);
    for (const feed of feeds) feed[Symbol.dispose]();
  });

  it('is still there after a page was reloaded a hundred times under load', async () => {
    await using running = await aRunningDashboard();
    const cookie = await cookieOf(running);
    const loading = new AbortController();
    const load = (async () => {
      while (!loading.signal.aborted) {
        await running.work(5);
        await setImmediate(); // fakes never give the network a turn
      }
    })();

    for (let i = 0; i < 100; i += 1) {
      using feed = await openFeed(running.server.port, { cookie });
      if (feed.response.statusCode === 200) await feed.until(({ types }) => types.length > 0);
    }
    loading.abort();
    await load;

    expect(await untilOpen(running.server.port, cookie)).toBe(200);
  });

  it('ends when the server closes, and nothing of it is left in the engine', async () => {
    const running = await aRunningDashboard();
    using feed = await openFeed(running.server.port);
    const { epoch } = running.engine.snapshot();

    await running[Symbol.asyncDispose]();

    await feed.until(() => false);
    expect(feed.isOver).toBe(true);
    running.engine.events$.subscribe(() => undefined).unsubscribe();
    expect(running.engine.snapshot().epoch).not.toBe(epoch); // a first observer begins an epoch
  });
});

describe('a reader that does not read', () => {
  it('loses its connection after 30 s, and the others nothing', async () => {
    const clock = new VirtualClock();
    const engine = new WatchedTestEngine();
    const handler = createDashboardHandler(engine, { auth: { token: TOKEN }, time: clock });
    const closings: Promise<unknown>[] = [];
    const server = await listening((message, response) => {
      closings.push(once(response, 'close'));
      const request = toRequest(message);
      if (request !== undefined) void answerWith(handler.handle(request), response);
    });
    const { port } = server.address() as AddressInfo;
    using stalled = await openFeed(port);
    using good = await openFeed(port);
    stalled.response.pause();
    await good.until(({ types }) => types.includes('snapshot'));

    for (let sent = 0; sent < 200; sent += 1) {
      engine.tell(400, 500); // 200 kB at once, 40 MB in all: more than any socket holds
      const seq = engine.snapshot().seq;
      await good.until(({ lastId }) => lastId === `e1.${seq}`);
    }
    await clock.advance(30_000);

    await closings[0]; // without the reader's doing
    stalled.response.resume();
    await stalled.until(() => false);
    expect(stalled.response.complete).toBe(false);
    expect(good.isOver).toBe(false);
    expect(good.types).not.toContain('gap');
    handler.close();
    server.closeAllConnections();
    server.close();
  });
});

function trade({ server }: RunningDashboard, body: string): Promise<Response> {
  return fetch(new URL('/api/session', server.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: server.url.slice(0, -1) },
    body,
  });
}

async function cookieOf(running: RunningDashboard): Promise<string> {
  const answer = await trade(running, JSON.stringify({ token: TOKEN }));
  return answer.headers.get('set-cookie')?.split(';')[0] ?? '';
}

/** The server learns that a reader left when its socket tells: the place is free soon after, not at once. */
async function untilOpen(port: number, cookie: string): Promise<number | undefined> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    using feed = await openFeed(port, { cookie });
    if (feed.response.statusCode === 200 || performance.now() > deadline) {
      return feed.response.statusCode;
    }
  }
}

async function answerWith(
  answering: Promise<Response>,
  to: Parameters<typeof sendResponse>[1],
): Promise<void> {
  await sendResponse(await answering, to).catch(() => to.destroy());
}

function listening(listener: Parameters<typeof createServer>[1]): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer({}, listener as never);
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}
