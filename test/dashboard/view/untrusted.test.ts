import { expect, it } from 'vitest';
import { shown, shownRun } from '../../../packages/dashboard/src/view/untrusted.ts';

it('writes what would turn a line around, or cannot be seen, as its code', () => {
  expect(shown('abc\u202Edef')).toBe('abc\\u202edef');
  expect(shown('a\u0000b\u200Bc\nd')).toBe('a\\u0000b\\u200bc\\u000ad');
});

it('leaves markup as the text that it is', () => {
  expect(shown('<img src=x onerror=alert(1)>')).toBe('<img src=x onerror=alert(1)>');
});

it('cuts a text of a megabyte and says how long it was', () => {
  const text = shown('x'.repeat(1_000_000));

  expect(text.length).toBeLessThan(2_100);
  expect(text).toContain('(1000000 characters)');
});

it('names short runs as they are and long ones by their end', () => {
  expect(shownRun('8c19')).toBe('run 8c19');
  expect(shownRun('01hq3k9x2vab')).toBe('run 9x2vab');
  expect(shownRun(undefined)).toBe('no label');
  expect(shownRun('a b\u202E')).toBe('a b\\u202e');
});
