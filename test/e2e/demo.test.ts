import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { openDemo, shownNumbers, trueNumbers } from '../support/demo-page.ts';
import { startDemo } from '../support/demo-process.ts';

/** In the page `axe` is a global; here it is an import. */
const AXE_RUN = `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
  violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' | ')))`;

/** How long a page may take to show what is so. */
const SOON = { timeout: 60_000, interval: 50 };

it('streams an answer, shows the client that gives it, and the same numbers as the server in the end', async () => {
  await using demo = await startDemo();
  await using opened = await openDemo(demo.link);
  const { page, complaints } = opened;

  await say(page, 'What is a sluice?');
  const answer = page.locator('#messages .theirs');
  await expect.poll(async () => (await answer.textContent()) ?? '', SOON).not.toBe('');
  const beginning = (await answer.textContent()) ?? '';
  await expect.poll(async () => (await shownNumbers(page)).inUse, SOON).toBe(1);

  await expect.poll(() => answer.getAttribute('aria-busy'), SOON).toBe('false');
  const whole = (await answer.textContent()) ?? '';
  expect(whole.length).toBeGreaterThan(beginning.length);
  expect(whole.startsWith(beginning)).toBe(true);
  await expect.poll(async () => (await shownNumbers(page)).inUse, SOON).toBe(0);
  await expect
    .poll(async () => (await shownNumbers(page)).channels, SOON)
    .toEqual({
      web: ['Connected', 0, 1, 1],
    });
  expect(await shownNumbers(page)).toEqual(await trueNumbers(page));
  expect(complaints).toEqual([]);
});

it('keeps the token out of every address once the page is open', async () => {
  await using demo = await startDemo();
  await using opened = await openDemo(demo.link);
  const { page, addresses } = opened;

  await say(page, 'Who goes next?');
  await expect.poll(() => page.locator('[aria-busy=false]').count(), SOON).toBe(1);

  const visited = await page.evaluate(() => [
    location.href,
    ...navigation.entries().map(({ url }) => url ?? ''),
    ...performance.getEntriesByType('resource').map(({ name }) => name),
  ]);
  const asked = addresses.filter((address) => address !== demo.link);
  expect(asked.filter((address) => address.includes('/dashboard/api/'))).not.toEqual([]);
  expect([...visited, ...asked].filter((address) => address.includes(demo.token))).toEqual([]);
  expect(page.url()).toBe(`http://127.0.0.1:${demo.port}/`);
});

it('shows a line that grows with the load and is gone without it, and a restart that outlives a reload', async () => {
  await using demo = await startDemo();
  await using opened = await openDemo(demo.link);
  const { page, complaints } = opened;

  await setLoad(page, 16);
  await expect.poll(async () => (await shownNumbers(page)).waiting, SOON).toBeGreaterThan(2);
  await page.getByRole('button', { name: 'Restart the channel' }).click();
  const mark = page.locator('.ribbon-mark.is-hand');
  await mark.waitFor();
  expect(await mark.getAttribute('aria-label')).toMatch(
    /^Restarted \d\d:\d\d:\d\d, restart, generation 1 → 2, by hand(?:, \d+ messages? redelivered)?$/,
  );

  await page.reload();
  await mark.waitFor(); // it was before this page began: the server recorded it
  expect(await page.getByRole('slider', { name: 'Load' }).inputValue()).toBe('16');
  await page.locator('.events tr').first().waitFor();

  await setLoad(page, 0);
  const web = ['Connected', 1, expect.any(Number), expect.any(Number)];
  const quiet = { inUse: 0, waiting: 0, channels: { web } };
  await expect.poll(() => trueNumbers(page), SOON).toMatchObject(quiet);
  await expect.poll(() => shownNumbers(page), SOON).toEqual(await trueNumbers(page));
  expect(complaints).toEqual([]);
});

it.each(['light', 'dark'] as const)('has nothing for axe to find, %s', async (colorScheme) => {
  await using demo = await startDemo({ load: 8 });
  await using opened = await openDemo(demo.link, { colorScheme });
  const { page } = opened;
  await say(page, 'How long is the line?');
  await expect.poll(() => page.locator('[aria-busy=false]').count(), SOON).toBe(1);
  await page.locator('.tide-line').waitFor();
  await page.locator('.events tr').first().waitFor({ state: 'attached' });
  await page.evaluate(axe.source);

  const wide = await page.evaluate(AXE_RUN);
  await page.setViewportSize({ width: 390, height: 844 });
  await page.locator('.bottom-bar').waitFor();
  const narrow = await page.evaluate(AXE_RUN);

  expect({ wide, narrow }).toEqual({ wide: [], narrow: [] });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
});

async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel('Your message').fill(text);
  await page.getByRole('button', { name: 'Send' }).click();
}

/** Moves the slider as the arrow keys do: the value, then the event that ends a move. */
async function setLoad(page: Page, level: number): Promise<void> {
  const slider = page.getByRole('slider', { name: 'Load' });
  await slider.fill(String(level));
  await slider.dispatchEvent('change');
  await expect.poll(() => page.locator('#told').textContent(), SOON).not.toBe('');
}
