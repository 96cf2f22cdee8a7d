import type { Page } from 'playwright-core';
import { it } from 'vitest';
import { openDemo, shownNumbers, trueNumbers } from '../support/demo-page.ts';
import { startDemo } from '../support/demo-process.ts';
import { relayTo } from '../support/relay.ts';

/** How long a page may take to show what is so. */
const SOON = { timeout: 60_000, interval: 50 };
/** A provider is broken for 20 s, and the gate waits up to 20 s more before its next trial. */
const WHOLE_TRIP = { timeout: 100_000, interval: 100 };

it.concurrent('shows a broken provider trip, be probed and pass again', async ({ expect }) => {
  await using demo = await startDemo({ load: 4 });
  await using opened = await openDemo(demo.link);
  const { page, complaints } = opened;
  const shaky = page.locator('li.pool', { hasText: 'shaky' });

  await page.getByRole('button', { name: 'Break a provider' }).click();

  await shaky.getByText('✕ Tripped').waitFor();
  await expect
    .poll(() => page.locator('h1').allTextContents(), SOON)
    .toContainEqual(expect.stringContaining('You added a fault'));
  await shaky.getByRole('button').click();
  const told = page.locator('.drawer-list').last();
  await expect.poll(() => told.textContent(), WHOLE_TRIP).toContain('gate probes with one trial');
  await expect.poll(() => told.textContent(), WHOLE_TRIP).toContain('gate is passing again');
  await expect.poll(() => shaky.textContent(), SOON).not.toContain('Tripped');
  expect(complaints).toEqual([]);
});

it.concurrent('says that the connection is lost, and catches up without a hole when it is back', async ({
  expect,
}) => {
  await using demo = await startDemo({ load: 4 });
  await using relay = await relayTo(demo.port);
  await using opened = await openDemo(demo.link, { relayPort: relay.port });
  const { page } = opened;

  relay.cut();
  const notice = page.locator('.notice');
  await notice.waitFor();
  expect(await notice.textContent()).toMatch(/^Connection lost \d+.s ago\. You are looking at/);
  await expect
    .poll(() => page.locator('.source-detail').textContent(), SOON)
    .toContain('connection lost');

  relay.mend();
  await notice.waitFor({ state: 'detached' });
  await setLoadTo0(page);
  const web = ['Connected', 0, expect.any(Number), expect.any(Number)];
  const quiet = { inUse: 0, waiting: 0, channels: { web } };
  await expect.poll(() => trueNumbers(page), SOON).toMatchObject(quiet);
  await expect.poll(() => shownNumbers(page), SOON).toEqual(await trueNumbers(page));
});

it.concurrent('shows a demo that was started again on the same port, by its new link in the same tab', async ({
  expect,
}) => {
  await using first = await startDemo({ load: 4 });
  await using opened = await openDemo(first.link);
  const { page } = opened;
  await page.getByRole('button', { name: 'Restart the channel' }).click();
  await page.locator('.ribbon-mark').waitFor();

  await first.kill();
  await page.locator('.notice').waitFor();
  await using second = await startDemo({ port: first.port });
  await page.getByText('This address needs a token').waitFor();
  await page.goto(second.link); // only the fragment differs: the page is not loaded again

  await page.locator('li.pool').first().waitFor();
  await expect.poll(() => shownNumbers(page), SOON).toEqual(await trueNumbers(page));
  expect(await page.locator('.ribbon-mark').count()).toBe(0); // that was another process
  expect(page.url()).not.toContain(second.token);
  await page.getByRole('button', { name: 'Send' }).click();
  await expect.poll(() => page.locator('[aria-busy=false]').count(), SOON).toBe(1);
  expect(await page.locator('#messages .failed').count()).toBe(0);
});

async function setLoadTo0(page: Page): Promise<void> {
  const slider = page.getByRole('slider', { name: 'Load' });
  await slider.fill('0');
  await slider.dispatchEvent('change');
}
