import { expect, it } from 'vitest';
import {
  age,
  count,
  exactDuration,
  ordinal,
  plural,
  roughDuration,
  wholeAge,
} from '../../../packages/dashboard/src/view/format.ts';

const plain = (text: string): string => text.replace(/[\u00A0\u202F]/g, ' ');

it('writes durations with units, in at most two parts and three significant digits', () => {
  expect(plain(age(300))).toBe('0.3 s');
  expect(plain(age(12_840))).toBe('12.8 s');
  expect(plain(age(108_000))).toBe('1 m 48 s');
  expect(plain(wholeAge(187_200_000))).toBe('2 d 4 h');
  expect(plain(wholeAge(120_000))).toBe('2 m');
  expect(plain(exactDuration(377))).toBe('377 ms');
  expect(plain(exactDuration(6_210))).toBe('6.21 s');
  expect(plain(exactDuration(59_990))).toBe('1 m');
});

it('writes percentiles with the two digits that are known', () => {
  expect(plain(roughDuration(35.4))).toBe('35 ms');
  expect(plain(roughDuration(222))).toBe('220 ms');
  expect(plain(roughDuration(3_240))).toBe('3.2 s');
  expect(plain(roughDuration(31_200))).toBe('31 s');
  expect(plain(roughDuration(996))).toBe('1.0 s');
});

it('writes a dash for what is missing, never 0', () => {
  expect(age(Number.NaN)).toBe('—');
  expect(roughDuration(Number.NaN)).toBe('—');
  expect(count(Number.NaN)).toBe('—');
});

it('parts thousands by thin spaces and counts in words', () => {
  expect(count(48_213)).toBe('48\u202F213');
  expect(plural(1, 'restart')).toBe('1 restart');
  expect(plural(3, 'restart')).toBe('3 restarts');
  expect([1, 2, 3, 7, 11, 21].map(ordinal)).toEqual(['1st', '2nd', '3rd', '7th', '11th', '21st']);
});
