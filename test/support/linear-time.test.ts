import { expect, it } from 'vitest';
import { expectLinearTime } from './linear-time.ts';

it('lets linear work pass, and fails what is quadratic', () => {
  expect(() =>
    expectLinearTime((length) => 'a'.repeat(length).replaceAll('a', 'b'), 'b'),
  ).not.toThrow();
  expect(() => expectLinearTime(looksBackEachTime, 'loop')).toThrow('loop');
});

/** A hundredth of all pairs: quadratic, and soon done. */
function looksBackEachTime(length: number): number {
  let sum = 0;
  for (let at = 0; at < length / 10; at += 1) for (let back = 0; back < at; back += 10) sum += back;
  return sum;
}
