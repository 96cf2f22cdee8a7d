// Takes the pictures of the README from the running demo: pnpm run screenshots

import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { requireBrowser } from '../test/support/browser.ts';
import { startDemo } from '../test/support/demo-process.ts';
import { shrinkPng } from './shrink-png.ts';

const FOLDER = fileURLToPath(new URL('../docs/images', import.meta.url));
/** Enough for a line before the slow provider, and not so much that it is all that one sees. */
const LOAD = 14;
const DEADLINE_MS = 45_000;

const SIZES = {
  wide: { width: 1440, height: 900 },
  middle: { width: 900, height: 900 },
  narrow: { width: 390, height: 844 },
  docked: { width: 1440, height: 360 },
} as const;
const THEMES = ['light', 'dark'] as const;

await using demo = await startDemo({ load: LOAD });
const { executablePath, args, env } = await requireBrowser();
const browser = await chromium.launch({ executablePath, args, env });
try {
  await mkdir(FOLDER, { recursive: true });
  await takePictures(browser);
} finally {
  await browser.close();
}

async function takePictures(browser: Browser): Promise<void> {
  const page = await browser.newPage({ viewport: SIZES.wide, timezoneId: 'UTC' });
  page.setDefaultTimeout(DEADLINE_MS);
  await page.goto(demo.link);
  await tellStory(page);
  for (const theme of THEMES) {
    await page.emulateMedia({ colorScheme: theme });
    await page.setViewportSize(SIZES.wide);
    await take(page, `demo-${theme}`);
  }
  await fillWithDashboard(page);
  await page.locator('button.pool-name', { hasText: 'deep' }).click();
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    if (size === 'middle') await page.locator('.drawer').getByLabel('Close').click();
    for (const theme of THEMES) {
      await page.emulateMedia({ colorScheme: theme });
      await take(page, `overview-${size}-${theme}`);
    }
  }
}

/** A restart by hand, two answers, then a provider that breaks: each step waits for what the one before has done. */
async function tellStory(page: Page): Promise<void> {
  const shaky = page.locator('li.pool', { hasText: 'shaky' });
  const deep = page.locator('li.pool', { hasText: 'deep' });
  await page.locator('.segments').getByText('1m', { exact: true }).click();
  await page.locator('.events', { hasText: 'after waiting' }).waitFor();
  await page.getByRole('button', { name: 'Restart the channel' }).click();
  await page.locator('.ribbon-mark').waitFor();
  await page.locator('.channel-state', { hasText: 'Connected' }).waitFor();
  await say(page, 'What is a sluice?');
  await say(page, 'Who goes next?');
  await page.locator('.channel-state', { hasText: /Connected\s2\d\ss/ }).waitFor(); // so that there is a past to see
  await page.getByRole('button', { name: 'Break a provider' }).click();
  await shaky.getByText('Tripped').waitFor();
  await deep.locator('.reservoir.is-press').waitFor();
}

/** Asks, and waits for the whole answer. */
async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel('Your message').fill(text);
  await page.getByRole('button', { name: 'Send' }).click();
  await page.locator('.messages li:last-child[aria-busy=false]').waitFor();
}

/** Leaves the dashboard alone on the page, as its own server shows it. */
async function fillWithDashboard(page: Page): Promise<void> {
  await page.evaluate(() => {
    document.querySelector('.talk')?.remove();
    document.body.style.display = 'block';
    const place = document.querySelector<HTMLElement>('.dashboard');
    if (place !== null) place.style.height = '100vh';
  });
}

async function take(page: Page, name: string): Promise<void> {
  await page.mouse.move(0, 0);
  await page.evaluate(twoFrames);
  const png = shrinkPng(await page.screenshot());
  await writeFile(`${FOLDER}/${name}.png`, png);
  process.stdout.write(`${name}.png ${Math.round(png.length / 1024)} kB\n`);
}

/** Layout and canvases follow a new size or theme within two frames and one sample. */
async function twoFrames(): Promise<void> {
  await new Promise((resolve) => requestAnimationFrame(resolve));
  await new Promise((resolve) => setTimeout(resolve, 400));
}
