import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { requireBrowser } from '../support/browser.ts';
import { bundle } from '../support/bundle.ts';

let server: Server;
let browser: Browser;
let context: BrowserContext;
let url: string;

beforeAll(async () => {
  const script = await bundle({ entry: 'test/support/broadcast-tab.ts', format: 'iife' });
  server = createServer((request, response) => {
    const isScript = request.url === '/tab.js';
    const type = isScript ? 'text/javascript' : 'text/html';
    response.writeHead(200, { 'content-type': `${type}; charset=utf-8` });
    response.end(
      isScript ? script : '<!doctype html><title>Tab</title><script src="/tab.js"></script>',
    );
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

beforeEach(async () => {
  context = await browser.newContext();
  return () => context.close();
});

it('lets two tabs ask a third, each in a conversation of its own', async () => {
  const [home, left, right] = [await aTab(), await aTab(), await aTab()];
  await home.evaluate(() => window.bundle.answer('first'));

  const replies = await Promise.all([
    left.evaluate(() => window.bundle.ask('from the left')),
    right.evaluate(() => window.bundle.ask('from the right')),
  ]);

  expect(replies.map(({ reply }) => reply)).toEqual([
    'first heard: from the left',
    'first heard: from the right',
  ]);
  expect(replies[0]?.grown).toBe('first heard: ');
  expect(await home.evaluate(() => window.bundle.conversations())).toBe(2);
});

it('answers what was asked before anybody was there, and after the tab that answered was closed', async () => {
  const [first, asking] = [await aTab(), await aTab()];
  const early = asking.evaluate(() => window.bundle.ask('early'));
  await first.evaluate(() => window.bundle.answer('first'));
  const answered = await early;
  await first.close();

  const late = asking.evaluate(() => window.bundle.ask('late'));
  const second = await aTab();
  await second.evaluate(() => window.bundle.answer('second'));

  expect(answered.reply).toBe('first heard: early');
  expect((await late).reply).toBe('second heard: late');
});

it('has one tab answer of several that could, and hands over to the next when that one is closed', async () => {
  const [first, second, third, asking] = [await aTab(), await aTab(), await aTab(), await aTab()];
  await first.evaluate(() => window.bundle.standBy('first'));
  const before = await asking.evaluate(() => window.bundle.ask('one'));
  await second.evaluate(() => window.bundle.standBy('second'));
  await third.evaluate(() => window.bundle.standBy('third'));

  await first.close();
  const next = await asking.evaluate(() => window.bundle.ask('two'));
  await second.close();
  const last = await asking.evaluate(() => window.bundle.ask('three'));

  expect([before, next, last].map(({ reply }) => reply)).toEqual([
    'first heard: one',
    'second heard: two',
    'third heard: three',
  ]);
});

async function aTab(): Promise<Page> {
  const page = await context.newPage();
  await page.goto(url);
  return page;
}
