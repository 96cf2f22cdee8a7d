import { bearerToken, createGateway, type GatewayOptions } from '@sluice/adapters/gateway';
import { type GatewayServer, serveGateway } from '@sluice/adapters/gateway/node';
import { ChannelManager } from '@sluice/core';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { requireBrowser } from '../support/browser.ts';
import { bundle } from '../support/bundle.ts';
import { relayTo } from '../support/relay.ts';

let script: string;
let browser: Browser;
let context: BrowserContext;

beforeAll(async () => {
  script = await bundle({ entry: 'test/support/gateway-tab.ts', format: 'iife' });
  browser = await launch();
});

afterAll(() => browser.close());

beforeEach(async () => {
  context = await browser.newContext();
  return () => context.close();
});

it('gives a page the reply as it grows', async () => {
  await using running = await aGateway();
  const page = await aPage(running.server.url);
  await page.evaluate(() => window.gatewayTab.connect({}));

  const replies = await page.evaluate(() =>
    Promise.all([window.gatewayTab.ask('one'), window.gatewayTab.ask('two')]),
  );

  expect(replies.map(({ message }) => message)).toEqual([whole('one'), whole('two')]);
  expect(replies.map(({ grown }) => grown)).toEqual([whole('one'), whole('two')]);
});

it('gives a page its whole reply, once, although the wire was cut in the middle', async () => {
  await using running = await aGateway();
  await using relay = await relayTo(running.server.port);
  await using wired = await launch(
    `--host-resolver-rules=MAP ${new URL(running.server.url).host} 127.0.0.1:${relay.port}`,
  );
  const page = await wired.newPage();
  await page.goto(running.server.url);
  await page.evaluate(() => window.gatewayTab.connect({}));
  const asking = page.evaluate(() => window.gatewayTab.ask('hello'));
  await page.waitForFunction(() => window.gatewayTab.frames().includes('text_delta'));

  relay.cut();
  const waiting = page.evaluate(() => window.gatewayTab.ask('said while offline'));
  await page.waitForFunction(() => window.gatewayTab.statuses().includes('backoff'));
  relay.mend();

  expect((await asking).message).toBe(whole('hello'));
  expect((await waiting).message).toBe(whole('said while offline'));
  expect(running.heard).toEqual(['hello', 'said while offline']);
  expect(await tellsOf(page, 'frames')).not.toContain('gap');
});

it('lets a page sleep and wake in the same session', async () => {
  await using running = await aGateway();
  const page = await aPage(running.server.url);
  await page.evaluate(() => window.gatewayTab.connect({}));
  await page.evaluate(() => window.gatewayTab.ask('before'));
  const session = await page.evaluate(() => window.gatewayTab.session());

  await page.evaluate(() =>
    window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true })),
  );
  await expect.poll(() => running.stats().sockets).toBe(0);
  await page.evaluate(() =>
    window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })),
  );
  const after = await page.evaluate(() => window.gatewayTab.ask('after'));

  expect(after.message).toBe(whole('after'));
  expect(await page.evaluate(() => window.gatewayTab.session())).toBe(session);
  expect(await tellsOf(page, 'statuses')).toEqual([
    'connecting',
    'open',
    'asleep',
    'connecting',
    'open',
  ]);
});

it('carries a token that no address and no answer holds', async () => {
  await using running = await aGateway({
    authenticate: (request) => (bearerToken(request) === 'a token: ünïcode' ? { id: 'ann' } : null),
  });
  const page = await aPage(running.server.url);
  const addresses: string[] = [];
  page.on('websocket', (socket) => addresses.push(socket.url()));

  await page.evaluate(() => window.gatewayTab.connect({ token: 'a token: ünïcode' }));
  const reply = await page.evaluate(() => window.gatewayTab.ask('hello'));

  expect(reply.message).toBe(whole('hello'));
  expect(addresses).toEqual([`${running.server.url.replace('http', 'ws')}/ws`]);
});

it('does nothing for a page of another origin: no socket, no event stream, no message', async () => {
  await using running = await aGateway();
  await using other = await aGateway();
  const page = await aPage(other.server.url);
  const { url } = running.server;

  await page.evaluate((target) => window.gatewayTab.connect({ url: target }), url);
  const told = await page.evaluate(async (target) => {
    const failed = (): string => 'failed';
    const source = new EventSource(`${target}/api/sessions/x/events`);
    const stream = new Promise((resolve) =>
      source.addEventListener('error', () => resolve('failed')),
    );
    const post = fetch(`${target}/api/chat`, {
      method: 'POST',
      mode: 'no-cors',
      body: '{"message":"x"}',
    });
    const read = fetch(`${target}/health`).then((response) => response.text(), failed);
    return [await stream, (await post.catch(() => undefined))?.type ?? 'failed', await read];
  }, url);
  await page.waitForFunction(() => window.gatewayTab.statuses().includes('backoff'));

  expect(told).toEqual(['failed', expect.stringMatching(/opaque|failed/) as unknown, 'failed']);
  expect(await tellsOf(page, 'statuses')).not.toContain('open');
  expect(running.heard).toEqual([]);
  expect(running.stats()).toMatchObject({ sessions: 0, sockets: 0 });
  expect(running.stats().refused['origin_refused']).toBeGreaterThanOrEqual(3);
});

it('is told by a page that it leaves: the reply is stopped at once', async () => {
  await using running = await aGateway();
  const page = await aPage(running.server.url);
  await page.evaluate(() => window.gatewayTab.connect({}));
  void page.evaluate(() => window.gatewayTab.ask('endless')).catch(() => undefined);
  await page.waitForFunction(() => window.gatewayTab.frames().includes('text_delta'));

  await page.close();

  await expect.poll(() => running.stats().pending).toBe(0);
  await expect.poll(() => running.stopped).toEqual(['endless']);
});

/** A gateway that serves its own page, and answers each message in pieces; `endless` until it is told to stop. */
interface RunningGateway extends AsyncDisposable {
  readonly server: GatewayServer;
  /** What its handler was given, and what it was told to stop. */
  readonly heard: string[];
  readonly stopped: string[];
  readonly stats: ReturnType<typeof createGateway>['stats'];
}

const PIECES = 30;

function whole(text: string): string {
  return `${text}: ${'.'.repeat(PIECES)}`;
}

async function aGateway(options: GatewayOptions = {}): Promise<RunningGateway> {
  const heard: string[] = [];
  const stopped: string[] = [];
  const gateway = createGateway(options);
  const manager = new ChannelManager({
    handler: async ({ text }, { reply, signal }) => {
      heard.push(text);
      signal.addEventListener('abort', () => stopped.push(text));
      reply.delta(`${text}: `);
      for (let at = 0; at < PIECES; at += 1) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        reply.delta('.');
      }
      if (text === 'endless') await aborted(signal); // a slow machine must not see it end by itself
      await reply.final(whole(text));
    },
  });
  manager.add({ id: 'web', channel: gateway.channel });
  await manager.start();
  const server = await serveGateway(gateway, { before: pageAt });
  return {
    server,
    heard,
    stopped,
    stats: () => gateway.stats(),
    async [Symbol.asyncDispose](): Promise<void> {
      await manager.stop(undefined, { deadlineMs: 100 });
      await server.close({ deadlineMs: 100 });
    },
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function pageAt(request: Request): Response | undefined {
  const { pathname } = new URL(request.url);
  if (pathname === '/tab.js') {
    return new Response(script, { headers: { 'content-type': 'text/javascript' } });
  }
  if (pathname !== '/') return undefined;
  const html = '<!doctype html><title>Tab</title><script src="/tab.js"></script>';
  return new Response(html, { headers: { 'content-type': 'text/html' } });
}

async function launch(...more: readonly string[]): Promise<Browser> {
  const { executablePath, args, env } = await requireBrowser();
  return chromium.launch({ executablePath, args: [...args, ...more], env });
}

async function aPage(url: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(url);
  return page;
}

function tellsOf(page: Page, what: 'frames' | 'statuses'): Promise<readonly string[]> {
  return page.evaluate((name) => window.gatewayTab[name](), what);
}
