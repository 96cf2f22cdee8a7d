import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bundle, gzippedBytes } from '../support/bundle.ts';
import { entries, type Entry } from './entries.ts';

/**
 * The budgets in bytes after gzip. What runs in Node or in tests alone has none. Where they come from, and what they
 * once were: docs/decisions/0004-sizes.md. They go down, and up only for what was wrong without it.
 */
const budgets: Readonly<Record<string, number>> = {
  '@sluice/core': 51_800,
  '@sluice/core/pool': 14_600,
  '@sluice/adapters/anthropic': 12_800,
  '@sluice/adapters/openai': 15_900,
  '@sluice/adapters/gemini': 12_200,
  '@sluice/adapters/ollama': 9_700,
  '@sluice/adapters/gateway': 15_800,
  '@sluice/adapters/websocket': 4_000,
  '@sluice/adapters/broadcast': 4_000,
  '@sluice/adapters/message-port': 4_000,
};

/** What a page loads before it shows the dashboard, Svelte and styles included; the rest comes right after it, or later. */
const FIRST_VIEW_BYTES = 45_000;

describe('the size of an entry', () => {
  it.each(entries().filter(hasBudget))(
    'of $name keeps within its budget',
    async ({ name, path }) => {
      const bytes = gzippedBytes(await bundle({ entry: path, external: isPackage }));

      process.stderr.write(`${name}: ${bytes} of ${budgets[name]} bytes after gzip\n`);
      expect(bytes).toBeLessThanOrEqual(budgets[name] ?? 0);
    },
    30_000,
  );

  it("of the element's first view keeps within its budget", () => {
    const built = staticImports('sluice-dashboard.js', new Set());

    const bytes = [...built].reduce((sum, name) => sum + gzippedBytes(readBuilt(name)), 0);

    process.stderr.write(`first view: ${bytes} of ${FIRST_VIEW_BYTES} bytes after gzip\n`);
    expect(built.size).toBeGreaterThan(1); // the entry alone shows nothing: its imports were found
    expect(bytes).toBeLessThanOrEqual(FIRST_VIEW_BYTES);
  });

  it('counts what is bundled', async () => {
    const entry = 'test/support/tier.ts';

    expect(gzippedBytes(await bundle({ entry }))).toBeGreaterThan(50);
  });
});

function hasBudget({ name }: Entry): boolean {
  return name in budgets;
}

function isPackage(specifier: string): boolean {
  return /^(?:@?[a-z])/.test(specifier);
}

/** Minifiers write either quote, with or without a space. */
const STATIC_IMPORT = /(?:from|import)\s*["']\.\/([\w.-]+)["']/g;

/** The files of the built element that load before anything is shown. */
function staticImports(name: string, seen: Set<string>): ReadonlySet<string> {
  if (seen.has(name)) return seen;
  seen.add(name);
  for (const [, imported = ''] of readBuilt(name).matchAll(STATIC_IMPORT)) {
    staticImports(imported, seen);
  }
  return seen;
}

function readBuilt(name: string): string {
  const url = new URL(`../../packages/dashboard/dist/element/${name}`, import.meta.url);
  return readFileSync(url, 'utf8');
}
