import { describe, expect, it } from 'vitest';
import { bundle, gzippedBytes } from '../support/bundle.ts';
import { entries, type Entry } from './entries.ts';

const adapterBytes = 8_000;

/** The budgets in bytes after gzip. What runs in Node or in tests alone has none. */
const budgets: Readonly<Record<string, number>> = {
  '@sluice/core': 20_000,
  '@sluice/core/pool': 6_000,
  '@sluice/adapters/openai': adapterBytes,
  '@sluice/adapters/gateway': adapterBytes,
  '@sluice/dashboard/element': 45_000,
};

describe('the size of an entry', () => {
  it.each(entries().filter(hasBudget))(
    'of $name keeps within its budget',
    async ({ name, path }) => {
      // The element carries what it needs; everybody else's dependencies are counted with them.
      const external = name.startsWith('@sluice/dashboard') ? undefined : isPackage;
      const bytes = gzippedBytes(await bundle({ entry: path, external }));

      process.stderr.write(`${name}: ${bytes} of ${budgets[name]} bytes after gzip\n`);
      expect(bytes).toBeLessThanOrEqual(budgets[name] ?? 0);
    },
    30_000,
  );

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
