import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AHub } from '../support/a-hub.ts';
import { requireBrowser } from '../support/browser.ts';
import { bundle } from '../support/bundle.ts';
import type { WebSocketPage } from '../support/websocket-page.ts';

let browser: Browser;
let script: string;

beforeAll(async () => {
  script = await bundle({ entry: 'test/support/websocket-page.ts', format: 'iife' });
  const { executablePath, args, env } = await requireBrowser();
  browser = await chromium.launch({ executablePath, args, env });
});

afterAll(() => browser.close());

it("answers a hub from a page, over the browser's own socket, also after the wire was cut", async () => {
  await using hub = await AHub.listen();
  const page = await browser.newPage();
  await page.addScriptTag({ content: script });
  await page.evaluate(
    (url) => (window as unknown as { bundle: WebSocketPage }).bundle.serve(url),
    hub.url,
  );

  for (let i = 0; i < 20; i += 1) {
    hub.ask({ id: `m${i}`, text: `question ${i}`, conversation: `c${i % 2}` });
    if (i === 10) hub.crash();
  }
  await hub.until(() => hub.answers.length === 20);

  expect(hub.answers.every(({ keys }) => keys.size === 1)).toBe(true);
  for (const conversation of ['c0', 'c1']) {
    const texts = hub.answers.filter((each) => each.conversation === conversation);
    expect(texts.map(({ text }) => text)).toEqual(
      Array.from(
        { length: 10 },
        (_, i) => `The page heard: question ${i * 2 + Number(conversation[1])}`,
      ),
    );
  }
  // The hub has the last answer a moment before the page knows that it has.
  const told = () =>
    page.evaluate(() => (window as unknown as { bundle: WebSocketPage }).bundle.told());
  await expect.poll(told).toEqual({ generation: 2, replied: 20 });
  await page.close();
});
