// Takes pictures of the dashboard at its reference sizes: node test/support/shoot-dashboard.ts FOLDER [theme-width]

import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { createServer } from 'vite';
import { SHOT_AT } from './dashboard-engine.ts';
import { requireBrowser } from './browser.ts';
import { sveltePlugin } from './svelte.ts';

const SIZES = [
  { name: 'wide', width: 1440, height: 900, opens: true },
  { name: 'middle', width: 900, height: 900, opens: false },
  { name: 'middle-drawer', width: 900, height: 900, opens: true },
  { name: 'narrow', width: 390, height: 844, opens: false },
  { name: 'narrow-drawer', width: 390, height: 844, opens: true },
  { name: 'docked', width: 1440, height: 360, opens: false },
] as const;

/** How long before its moment a picture's page is opened. */
const LEAD_MS = 4_000;

const folder = process.argv[2] ?? 'node_modules/.cache/pictures';
const only = process.argv[3];
const packages = fileURLToPath(new URL('../../packages', import.meta.url));
mkdirSync(folder, { recursive: true });

const server = await createServer({
  configFile: false,
  root: fileURLToPath(new URL('./dashboard-page', import.meta.url)),
  logLevel: 'error',
  plugins: [sveltePlugin()],
  server: { port: 0, host: '127.0.0.1', fs: { strict: false } },
  resolve: {
    alias: [
      { find: /^@sluice\/(core|dashboard)\/(.+)$/, replacement: `${packages}/$1/src/$2/index.ts` },
    ],
  },
});
await server.listen();
const { executablePath, args, env } = await requireBrowser();
const browser = await chromium.launch({ executablePath, args, env });
try {
  for (const theme of ['light', 'dark'] as const) {
    for (const size of SIZES) {
      const name = `${theme}-${size.name}`;
      if (only === undefined || only === name) await shoot(name, theme, size);
    }
  }
} finally {
  await browser.close();
  await server.close();
}

async function shoot(name: string, theme: string, size: (typeof SIZES)[number]): Promise<void> {
  const { width, height } = size;
  const page = await browser.newPage({ viewport: { width, height }, timezoneId: 'UTC' });
  page.on('pageerror', (error) => process.stderr.write(`${name}: ${error.stack}\n`));
  await page.clock.install({ time: SHOT_AT - LEAD_MS - 1_000 });
  await page.clock.pauseAt(SHOT_AT - LEAD_MS);
  await page.goto(`${server.resolvedUrls?.local[0]}?theme=${theme}`);
  await page.locator('sluice-dashboard').waitFor();
  await page.clock.runFor(500);
  if (size.opens) {
    await page.locator('button.pool-name', { hasText: 'anthropic' }).click();
    await page.getByText('Who holds a client').waitFor();
    await page.mouse.move(0, 0);
  }
  await page.clock.runFor(LEAD_MS - 500);
  await page.screenshot({ path: `${folder}/${name}.png` });
  await page.close();
}
