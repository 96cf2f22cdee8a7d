// What the open dashboard costs its page: main thread, frames and long tasks at rising event rates, beside an empty page
// and a page that only makes the events, in the same run.
import { chromium, type Browser, type CDPSession, type Page } from 'playwright-core';
import { requireBrowser } from '../test/support/browser.ts';
import { serveDashboardBench } from './dashboard/server.ts';
import type { Report } from './report.ts';

const RATES = [0, 1_000, 5_000, 50_000] as const;
const WARM_UP_MS = 3_000;
const MEASURED_MS = 5_000;

/** The bars of the open dashboard: 12% of a core, 60 frames a second, no task over 50 ms. */
const MOST_MS_A_SECOND = 120;
const FEWEST_FRAMES = 58;

/** What one page cost. */
interface Cost {
  readonly mode: 'empty' | 'events' | 'dashboard';
  readonly rate: number;
  /** Milliseconds of the main thread's own time a second: all of it, and what scripts, layout and style took of it. */
  readonly task: number;
  readonly script: number;
  readonly layout: number;
  readonly frames: number;
  readonly longTasks: number;
  /** Events that reached the page's dashboard a second. */
  readonly reached: number;
}

/** Runs the bench. With `check` the caller fails on a missed bar. */
export async function run(_options: { readonly check: boolean }): Promise<Report> {
  const server = await serveDashboardBench();
  const { executablePath, args, env } = await requireBrowser();
  const browser = await chromium.launch({ executablePath, args, env });
  try {
    return report(await measureAll(browser, server.url));
  } finally {
    await browser.close();
    await server.close();
  }
}

async function measureAll(browser: Browser, url: string): Promise<readonly Cost[]> {
  const costs = [await measure(browser, url, 'empty', 0)];
  for (const rate of RATES) {
    if (rate > 0) costs.push(await measure(browser, url, 'events', rate));
    costs.push(await measure(browser, url, 'dashboard', rate));
  }
  return costs;
}

async function measure(
  browser: Browser,
  url: string,
  mode: Cost['mode'],
  rate: number,
): Promise<Cost> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(`${url}?mode=${mode}&rate=${rate}`);
  if (mode === 'dashboard') await page.locator('.pool').first().waitFor();
  await page.waitForTimeout(WARM_UP_MS);
  const cdp = await page.context().newCDPSession(page);
  // The thread's own time: what other programs take of the machine meanwhile is not the page's cost.
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
  const before = await read(cdp, page);
  await page.waitForTimeout(MEASURED_MS);
  const after = await read(cdp, page);
  await page.close();
  const seconds = (after.readAt - before.readAt) / 1000;
  const aSecond = (name: keyof Reading): number => (after[name] - before[name]) / seconds;
  return {
    mode,
    rate,
    task: aSecond('TaskDuration') * 1000,
    script: aSecond('ScriptDuration') * 1000,
    layout: (aSecond('LayoutDuration') + aSecond('RecalcStyleDuration')) * 1000,
    frames: aSecond('frames'),
    longTasks: after.longTasks - before.longTasks,
    reached: aSecond('events'),
  };
}

type Reading = Readonly<
  Record<
    | 'readAt'
    | 'TaskDuration'
    | 'ScriptDuration'
    | 'LayoutDuration'
    | 'RecalcStyleDuration'
    | 'frames'
    | 'longTasks'
    | 'events',
    number
  >
>;

async function read(cdp: CDPSession, page: Page): Promise<Reading> {
  const counted = await page.evaluate(
    () => (globalThis as unknown as { counted: Record<string, number> }).counted,
  );
  const { metrics } = await cdp.send('Performance.getMetrics');
  const measured = Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
  return { ...measured, ...counted, readAt: performance.now() } as unknown as Reading;
}

function report(costs: readonly Cost[]): Report {
  const rows = costs.map((cost) => ({ ...cost, own: ownCost(cost, costs) }));
  const missed = rows.filter(({ mode }) => mode === 'dashboard').flatMap(missedBars);
  return { table: tableOf(rows), figures: { costs: rows.map(rounded) }, missed };
}

type Row = Cost & { readonly own: number };

/** What the dashboard adds to a page that makes the same events for nobody. */
function ownCost({ mode, rate, task }: Cost, costs: readonly Cost[]): number {
  if (mode !== 'dashboard') return 0;
  const base = costs.find((other) => other.mode !== 'dashboard' && other.rate === rate);
  return task - (base?.task ?? 0);
}

function missedBars({ rate, own, frames, longTasks }: Row): readonly string[] {
  const at = `at ${rate} events/s`;
  return [
    own > MOST_MS_A_SECOND ? `${at}: ${own.toFixed(0)} ms/s, not ${MOST_MS_A_SECOND}` : '',
    frames < FEWEST_FRAMES ? `${at}: ${frames.toFixed(1)} frames/s, not ${FEWEST_FRAMES}` : '',
    longTasks > 0 ? `${at}: ${longTasks} tasks over 50 ms` : '',
  ].filter((bar) => bar !== '');
}

function tableOf(rows: readonly Row[]): string {
  const head = 'page       events/s   reached   ms/s  script  layout  added   fps  long';
  const lines = rows.map(({ mode, rate, reached, task, script, layout, own, frames, longTasks }) =>
    [
      mode.padEnd(9),
      String(rate).padStart(8),
      reached.toFixed(0).padStart(9),
      task.toFixed(0).padStart(6),
      script.toFixed(0).padStart(7),
      layout.toFixed(0).padStart(7),
      (mode === 'dashboard' ? own.toFixed(0) : '').padStart(6),
      frames.toFixed(1).padStart(5),
      String(longTasks).padStart(5),
    ].join(' '),
  );
  return ['Overview, 50 pools and 20 channels, 1440 × 900', head, ...lines].join('\n');
}

function rounded(row: Row): Record<string, unknown> {
  const entries = Object.entries(row).map(([name, value]: [string, string | number]) => [
    name,
    typeof value === 'number' ? Math.round(value * 10) / 10 : value,
  ]);
  return Object.fromEntries(entries) as Record<string, unknown>;
}
