import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { requireBrowser } from '../support/browser.ts';

const folder = fileURLToPath(new URL('../../packages/dashboard/dist/element/', import.meta.url));

/** As strict as a page may be: own files alone, and no text becomes markup but by Svelte's named policy. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
  "require-trusted-types-for 'script'; trusted-types svelte-trusted-html";

const PAGE =
  '<!doctype html><html lang="en"><meta charset="utf-8"><title>Strict</title>' +
  '<body><script type="module" src="/start.js"></script>';

const START = `
import { mountDashboard } from '/sluice-dashboard.js';
const place = document.createElement('div');
place.style.height = '900px';
document.body.append(place);
const snapshot = { epoch: 'e', seq: 0, at: Date.now(), codec: '1.0', name: 'strict', environment: '',
  startedAt: 1, pools: [], targets: [], channels: [], runs: [], routes: [], faults: [], counters: {},
  capabilities: [] };
mountDashboard(place, { source: { subscribe(next) {
  next({ type: 'snapshot', snapshot });
  next({ type: 'status', status: { status: 'live' } });
  return { unsubscribe() {} };
} } });`;

let server: Server;
let browser: Browser;
let url: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    const path = request.url ?? '/';
    const isPage = path === '/';
    response.writeHead(200, {
      'content-type': isPage ? 'text/html; charset=utf-8' : 'text/javascript; charset=utf-8',
      'content-security-policy': POLICY,
    });
    response.end(textOf(path));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const { executablePath, args, env } = await requireBrowser();
  browser = await chromium.launch({ executablePath, args, env });
});

afterAll(async () => {
  await browser.close();
  server.close();
});

it('works under a strict content security policy with trusted types, the sample and the drawer too', async () => {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    const isAboutIcon = message.location().url.endsWith('/favicon.ico');
    if (message.type() === 'error' && !isAboutIcon) complaints.push(message.text());
  });
  await page.goto(url);

  await page.getByRole('button', { name: 'Play a sample recording' }).click();
  await page.locator('button.pool-name', { hasText: 'anthropic' }).click();

  await page.getByText('Who holds a client').waitFor();
  expect(await page.locator('.drawer').evaluate((drawer) => getComputedStyle(drawer).width)).toBe(
    '384px',
  );
  expect(complaints).toEqual([]);
  await page.close();
});

it('does nothing and throws nothing where there is no DOM', async () => {
  const element = await import('@sluice/dashboard/element');

  expect(Object.keys(element)).toEqual(['mountDashboard']);
});

it('prints how large its first view and all its parts are', () => {
  const sizes = readdirSync(folder)
    .filter((name) => name.endsWith('.js'))
    .map((name) => [name, gzipSync(readFileSync(folder + name), { level: 9 }).length] as const);
  const total = sizes.reduce((sum, [, size]) => sum + size, 0);
  const firstView = sizes.find(([name]) => name === 'sluice-first-view.js')?.[1] ?? 0;

  process.stdout.write(`element, gzip: first view ${firstView} B, all parts ${total} B\n`);

  expect(firstView).toBeGreaterThan(0);
});

function textOf(path: string): string {
  if (path === '/') return PAGE;
  if (path === '/start.js') return START;
  const name = /^\/([\w-]+\.js)$/.exec(path)?.[1];
  return name === undefined ? '' : readFileSync(folder + name, 'utf8');
}
