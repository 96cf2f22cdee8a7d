import { expect, it } from 'vitest';
import { mergePips, type Pip } from '../../../packages/dashboard/src/view/pips.ts';
import { pipLayout } from '../../../packages/dashboard/src/ui/painters/pips.ts';

it('draws one broad mark for each client while they fit, then narrow ones, then one for several', () => {
  expect(pipLayout(10, 174)).toEqual({ width: 11, gap: 3, each: 1 });
  expect(pipLayout(20, 174)).toEqual({ width: 6, gap: 2, each: 1 });
  expect(pipLayout(80, 174)).toEqual({ width: 6, gap: 2, each: 4 });
});

it('lets a mark for several look like the worst of them', () => {
  const pips: readonly Pip[] = [
    { kind: 'use', fill: 0.2 },
    { kind: 'leak', fill: 1 },
    { kind: 'idle', fill: 0 },
    { kind: 'free', fill: 0 },
  ];

  expect(mergePips(pips, 2).map(({ kind }) => kind)).toEqual(['leak', 'idle']);
});
