import { expect, it } from 'vitest';
import core from '../../../packages/core/package.json' with { type: 'json' };
import { VERSION } from '../../../packages/core/src/sluice/version.ts';

it('tells the version of its package', () => {
  expect(VERSION).toBe(core.version);
});
