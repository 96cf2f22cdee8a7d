import { expect, it } from 'vitest';
import { gripAt, nearestWindow } from '../../../packages/dashboard/src/view/tide-grip.ts';

const window = { to: 1_000_000, windowMs: 300_000, nearMs: 6_000 };

it('takes the window by its beginning, by itself, or the line beside it', () => {
  expect(gripAt(704_000, window)).toEqual({ kind: 'edge' });
  expect(gripAt(696_000, window)).toEqual({ kind: 'edge' });
  expect(gripAt(900_000, window)).toEqual({ kind: 'window', aheadMs: 100_000 });
  expect(gripAt(1_004_000, window)).toEqual({ kind: 'window', aheadMs: -4_000 });
  expect(gripAt(500_000, window)).toEqual({ kind: 'line' });
  expect(gripAt(1_100_000, window)).toEqual({ kind: 'line' });
});

it('makes a window of the length that is nearest', () => {
  expect(nearestWindow(-5)).toBe(60_000);
  expect(nearestWindow(120_000)).toBe(60_000);
  expect(nearestWindow(200_000)).toBe(300_000);
  expect(nearestWindow(1_100_000)).toBe(900_000);
});
