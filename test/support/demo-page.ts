import type { EngineSnapshot, PoolStats } from '@sluice/core/events';
import { type Browser, chromium, type Page } from 'playwright-core';
import { requireBrowser } from './browser.ts';

/** The demo's page in a Chromium of its own. */
export interface DemoPage extends AsyncDisposable {
  readonly page: Page;
  /** What went wrong in it: errors of the console, of scripts, of the content security policy. */
  readonly complaints: readonly string[];
  /** Every address that was asked for, and every `Referer` that went along. */
  readonly addresses: readonly string[];
}

/** How a page is opened. */
export interface DemoPageOptions {
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: 'light' | 'dark';
  /** Where connections go instead of the link's port. */
  readonly relayPort?: number | undefined;
}

/** Opens the demo's link, and waits until the dashboard shows its pools. */
export async function openDemo(
  link: string,
  { width = 1440, height = 900, colorScheme = 'light', relayPort }: DemoPageOptions = {},
): Promise<DemoPage> {
  const browser = await launch(link, relayPort);
  const page = await browser.newPage({ viewport: { width, height }, colorScheme });
  const complaints: string[] = [];
  const addresses: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('request', (request) => {
    addresses.push(request.url(), request.headers()['referer'] ?? '');
  });
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
      console.error(`CSP: ${violatedDirective} ${blockedURI}`),
    );
  });
  page.setDefaultTimeout(60_000);
  await page.goto(link);
  await page.locator('li.pool').first().waitFor();
  return { page, complaints, addresses, [Symbol.asyncDispose]: () => browser.close() };
}

async function launch(link: string, relayPort: number | undefined): Promise<Browser> {
  const { executablePath, args, env } = await requireBrowser();
  const detour =
    relayPort === undefined
      ? []
      : [`--host-resolver-rules=MAP ${new URL(link).host} 127.0.0.1:${relayPort}`];
  return chromium.launch({ executablePath, args: [...args, ...detour], env });
}

/** The numbers that the dashboard tells. */
export interface ShownNumbers {
  readonly inUse: number;
  readonly capacity: number;
  readonly waiting: number;
  /** By pool: in use, its size at most, waiting. */
  readonly pools: Readonly<Record<string, readonly [number, number, number]>>;
  /** By channel: its state, its restarts, what came in and what went out in the last minute. */
  readonly channels: Readonly<Record<string, readonly [string, number, number, number]>>;
}

/** Reads the numbers off the page, as a person would. */
export function shownNumbers(page: Page): Promise<ShownNumbers> {
  return page.locator('sluice-dashboard').evaluate((dashboard) => {
    const rows = (selector: string): readonly Element[] => [
      ...(dashboard.shadowRoot?.querySelectorAll(selector) ?? []),
    ];
    const text = (within: Element | undefined, selector: string): string =>
      within?.querySelector(selector)?.textContent?.trim() ?? '';
    const numbers = (said: string): number[] => (said.match(/\d+/g) ?? []).map(Number);
    const [figures] = rows('.figures');
    const [inUse = -1, capacity = -1] = numbers(text(figures, 'div:nth-child(1) dd'));
    const [waiting = -1] = numbers(text(figures, 'div:nth-child(2) dd'));
    const pools = rows('li.pool').map((row) => {
      const [held = -1, size = -1] = numbers(text(row, '.clients-text span'));
      const [inLine = -1] = numbers(text(row, '.reservoir-count'));
      return [text(row, 'strong'), [held, size, inLine] as const] as const;
    });
    const channels = rows('li.channel').map((row) => {
      const [restarts = 0] = numbers(text(row, '.channel-number'));
      const [received = -1, replied = -1] = numbers(text(row, '.channel-number:last-child'));
      const [state = ''] = text(row, '.channel-state').split(' ');
      return [text(row, '.channel-name'), [state, restarts, received, replied] as const] as const;
    });
    return {
      inUse,
      capacity,
      waiting,
      pools: Object.fromEntries(pools),
      channels: Object.fromEntries(channels),
    };
  });
}

/** Asks the server for its snapshot with the page's own cookie, and reads the same numbers off that. */
export async function trueNumbers(page: Page): Promise<ShownNumbers> {
  const { snapshot } = await page.evaluate(async () => {
    const response = await fetch('/dashboard/api/snapshot');
    return (await response.json()) as { readonly snapshot: EngineSnapshot };
  });
  const sum = (read: (stats: PoolStats) => number): number =>
    snapshot.pools.reduce((total, { stats }) => total + read(stats), 0);
  return {
    inUse: sum((stats) => stats.inUse),
    capacity: sum((stats) => stats.maxSize),
    waiting: sum((stats) => stats.waiting),
    pools: Object.fromEntries(
      snapshot.pools.map(({ name, stats: { inUse, maxSize, waiting } }) => [
        name,
        [inUse, maxSize, waiting],
      ]),
    ),
    channels: Object.fromEntries(
      snapshot.channels.map(({ channel, state, restarts, received, replied }) => [
        channel,
        [state === 'running' ? 'Connected' : state, restarts.length, received, replied],
      ]),
    ),
  };
}
