import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ClientPool, createSluice, type Engine, systemClock } from '@sluice/core';
import { ScriptedChannel, ScriptedProvider } from '@sluice/core/testing';
import { type DashboardServer, serveDashboard } from '@sluice/dashboard/server/node';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { requireBrowser } from '../support/browser.ts';

/** Names as a stranger would choose them. */
const HOSTILE = [
  '<img src=x onerror=alert(1)>',
  '</script><script>alert(2)</script>',
  '"><svg/onload=alert(3)>',
  'javascript:alert(4)',
  '{@html alert(5)}',
];

let browser: Browser;
const open: AsyncDisposable[] = [];

beforeAll(async () => {
  const { executablePath, args, env } = await requireBrowser();
  browser = await chromium.launch({ executablePath, args, env });
});
afterEach(async () => {
  for (const thing of open.splice(0).toReversed()) await thing[Symbol.asyncDispose]();
});
afterAll(() => browser.close());

describe('the page of a dashboard’s server', () => {
  it('shows the engine to whoever opens the link, and keeps the token to itself', async () => {
    const { link, server } = await aDashboard();
    const token = link.split('#t=')[1] ?? '';
    const { page, requests, complaints } = await aPage();

    await page.goto(link);
    await page.getByText('main', { exact: true }).first().waitFor();

    expect(page.url()).toBe(server.url);
    expect(requests.join('\n')).not.toContain(token);
    expect(
      await page.evaluate(() => JSON.stringify([localStorage, sessionStorage, document.cookie])),
    ).not.toContain(token);
    await page.goto('about:blank');
    await page.goBack();
    expect(page.url()).toBe(server.url); // nor does the history have it
    expect(complaints).toEqual([]);
  });

  it('is there again after a reload and in a second tab, without the link', async () => {
    const { link, server } = await aDashboard();
    const { page, context, complaints } = await aPage();
    await page.goto(link);
    await isShown(page);

    await page.reload();
    await isShown(page);
    const second = await context.newPage();
    await second.goto(server.url);
    await isShown(second);

    expect(complaints).toEqual([]);
  });

  it('leads back to what is open by its address, and names the process', async () => {
    const { link, server } = await aDashboard();
    const { page, complaints } = await aPage();
    await page.goto(link);
    await isShown(page);

    await page.locator('button.pool-name', { hasText: 'main' }).click();
    await page.getByText('Who holds a client').waitFor();
    await page.getByRole('button', { name: '1m', exact: true }).click();
    await page.waitForURL(`${server.url}#/overview/pools/main?w=1m`);
    await page.reload();

    await page.getByText('Who holds a client').waitFor();
    await page.getByRole('button', { name: '1m', exact: true, pressed: true }).waitFor();
    await page.getByText(`pid ${process.pid} · live`).waitFor();
    expect(complaints).toEqual([]);
  });

  it('shows nothing of the engine without the link, and all once the link is pasted', async () => {
    const { link, server } = await aDashboard();
    const { page } = await aPage();
    const refused = page.waitForResponse((answer) => answer.status() === 401);
    await page.goto(server.url);
    await refused;
    expect(await page.getByText('main', { exact: true }).count()).toBe(0);

    await page.evaluate((hash) => (location.hash = hash), new URL(link).hash); // as pasting does

    await isShown(page);
    expect(page.url()).toBe(server.url);
  });

  it('shows hostile names as text', async () => {
    const { link, engine } = await aDashboard(HOSTILE);
    const { page, complaints, dialogs } = await aPage();

    await page.goto(link);
    await engine.start();

    for (const name of HOSTILE) await page.getByText(name).first().waitFor();
    const made = await page.evaluate(() => {
      const root = document.querySelector('sluice-dashboard')?.shadowRoot;
      return root?.querySelectorAll('img, script, [onload], [onerror], a[href^="javascript"]')
        .length;
    });
    expect(made).toBe(0);
    expect(dialogs).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it('goes on when the process behind it was restarted, with the new link', async () => {
    const first = await aDashboard();
    const { port } = first.server;
    const { page } = await aPage();
    await page.goto(first.link);
    await isShown(page);
    await first[Symbol.asyncDispose]();

    const second = await aDashboard([], port);
    const fed = page.waitForResponse((answer) => answer.url().endsWith('/api/feed') && answer.ok());
    await page.evaluate((hash) => (location.hash = hash), new URL(second.link).hash);

    await fed;
    await isShown(page);
    expect(second.pictures()).toBeGreaterThan(1);
    const missing = page.getByRole('slider', { name: /no data from [\d:]+ to [\d:]+$/ });
    await missing.waitFor(); // between the processes nobody recorded
  });
});

describe('a page of another origin in the same browser', () => {
  it.each(['127.0.0.1', 'localhost'])('reads and does nothing, from %s', async (host) => {
    const { link, server, pictures } = await aDashboard();
    const { page, context } = await aPage();
    await page.goto(link);
    await isShown(page); // the cookie is there, and the browser sends it along with every request of this site
    const evil = await anotherOrigin();
    const before = pictures();
    const stranger = await context.newPage();
    await stranger.goto(`http://${host}:${evil}/`);

    const got = await stranger.evaluate(attack, server.url);

    expect(got).toEqual({
      read: 'TypeError',
      blind: 'opaque',
      posted: 'TypeError',
      image: 'error',
      script: 'error',
      framed: 'nothing',
      stream: 'error',
      socket: 'error',
    });
    expect(pictures()).toBe(before); // the engine was not even looked at
  });

  it('does nothing by a form either', async () => {
    const { link, server } = await aDashboard();
    const { page, context } = await aPage();
    await page.goto(link);
    await isShown(page);
    const stranger = await context.newPage();
    await stranger.goto(`http://127.0.0.1:${await anotherOrigin()}/`);
    const answered = stranger.waitForResponse(`${server.url}api/session`);

    await stranger.evaluate((url) => {
      const form = document.createElement('form');
      form.method = 'POST';
      form.action = `${url}api/session`;
      form.enctype = 'text/plain';
      document.body.append(form);
      form.submit();
    }, server.url);

    expect((await answered).status()).toBe(403);
  });
});

/** Runs in the other page: all the ways in which a page may try. */
async function attack(url: string): Promise<Record<string, string>> {
  const nameOf = (error: unknown): string => (error as Error).name;
  const loaded = (element: HTMLImageElement | HTMLScriptElement, src: string): Promise<string> =>
    new Promise((resolve) => {
      element.addEventListener('load', () => resolve('load'));
      element.addEventListener('error', () => resolve('error'));
      element.src = src;
      document.body.append(element);
    });
  const framed = (): Promise<string> =>
    new Promise((resolve) => {
      const frame = document.createElement('iframe');
      frame.addEventListener('load', () => {
        resolve(frame.contentDocument === null ? 'nothing' : 'document');
      });
      frame.src = url;
      document.body.append(frame);
    });
  const opened = (target: EventTarget): Promise<string> =>
    new Promise((resolve) => {
      target.addEventListener('open', () => resolve('open'));
      target.addEventListener('message', () => resolve('message'));
      target.addEventListener('error', () => resolve('error'));
    });
  const body = JSON.stringify({ token: 'x' });
  const headers = { 'content-type': 'application/json' };
  const include = 'include' as const;
  return {
    read: await fetch(`${url}api/snapshot`, { credentials: include }).then(
      (answer) => answer.text(),
      nameOf,
    ),
    blind: await fetch(`${url}api/snapshot`, { mode: 'no-cors', credentials: include }).then(
      async (answer) => (await answer.text()) || answer.type,
      () => 'opaque', // Cross-Origin-Resource-Policy may refuse it altogether
    ),
    posted: await fetch(`${url}api/session`, { method: 'POST', headers, body }).then(
      (answer) => answer.text(),
      nameOf,
    ),
    image: await loaded(new Image(), `${url}api/snapshot`),
    script: await loaded(document.createElement('script'), `${url}api/snapshot`),
    framed: await framed(),
    stream: await opened(new EventSource(`${url}api/feed`, { withCredentials: true })),
    socket: await opened(new WebSocket(`${url.replace('http', 'ws')}api/feed`)),
  };
}

async function isShown(page: Page): Promise<void> {
  await page.getByText('main', { exact: true }).first().waitFor();
}

interface OpenDashboard extends AsyncDisposable {
  readonly engine: Engine;
  readonly server: DashboardServer;
  readonly link: string;
  /** How often the engine was photographed. */
  pictures(): number;
}

/** An engine of fakes with a pool `main` and channels of these names, and its dashboard. */
async function aDashboard(channels: readonly string[] = [], port = 0): Promise<OpenDashboard> {
  const provider = new ScriptedProvider({ clock: systemClock });
  const engine = createSluice({
    clients: new ClientPool({ providers: { main: { provider, maxSize: 4 } } }),
    channels: channels.map((id) => ({ id, channel: new ScriptedChannel() })),
    agents: [{ name: 'atlas', instructions: '' }],
  });
  let pictures = 0;
  const watched = {
    events$: engine.events$,
    snapshot: () => {
      pictures += 1;
      return engine.snapshot();
    },
  };
  const server = await serveDashboard(watched, { port, print: () => undefined });
  const dashboard = {
    engine,
    server,
    link: server.link,
    pictures: () => pictures,
    async [Symbol.asyncDispose]() {
      await server.close();
      await engine.stop({ deadlineMs: 100 });
    },
  };
  open.push(dashboard);
  return dashboard;
}

interface OpenPage {
  readonly page: Page;
  readonly context: BrowserContext;
  /** The address and the `Referer` of every request. */
  readonly requests: string[];
  /** What the policy reported, what threw, what the console called an error. */
  readonly complaints: string[];
  readonly dialogs: string[];
}

/** A page in a profile of its own. */
async function aPage(): Promise<OpenPage> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  open.push({ [Symbol.asyncDispose]: () => context.close() });
  const page = await context.newPage();
  const requests: string[] = [];
  const complaints: string[] = [];
  const dialogs: string[] = [];
  page.on('request', (request) => {
    requests.push(`${request.url()} ${request.headers()['referer'] ?? ''}`);
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('dialog', (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss(); // the page is closed with its context if this fails
  });
  return { page, context, requests, complaints, dialogs };
}

/** A server of somebody else's, whose page may do what it likes. Returns its port. */
async function anotherOrigin(): Promise<number> {
  const server: Server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end('<!doctype html><title>Another</title><body></body>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push({
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
  return (server.address() as AddressInfo).port;
}
