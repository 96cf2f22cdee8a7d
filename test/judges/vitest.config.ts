import { defineConfig } from 'vitest/config';
import { closingLine } from '../support/closing-line.ts';
import { sourceAlias } from '../support/source-alias.ts';

export default defineConfig({
  resolve: { alias: sourceAlias },
  test: {
    name: 'judges',
    include: ['test/judges/*.test.ts'],
    testTimeout: 15_000,
    reporters: ['default', closingLine()],
  },
});
