import { describe, expect, it } from 'vitest';
import { bundle, gzippedBytes } from '../../support/bundle.ts';

/** Packages are left out: what they weigh is theirs. */
const isPackage = (specifier: string): boolean => /^(?:@?[a-z])/.test(specifier);

describe('a page that talks to a gateway', () => {
  it.each([
    ['stays connected', 'connect', 4_200],
    ['asks now and then', 'client', 2_000],
  ])(
    'and %s loads no more than its budget, and nothing of the server',
    async (_what, file, most) => {
      const entry = `packages/adapters/src/gateway/${file}.ts`;

      const code = await bundle({ entry, external: isPackage });

      process.stderr.write(`${file}: ${gzippedBytes(code)} of ${most} bytes after gzip\n`);
      expect(gzippedBytes(code)).toBeLessThanOrEqual(most);
      expect(code).not.toMatch(/node:|x-accel-buffering/);
    },
  );
});
