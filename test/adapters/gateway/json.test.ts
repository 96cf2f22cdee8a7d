import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  parseUntrustedJson,
  parseUntrustedText,
} from '../../../packages/adapters/src/gateway/json.ts';
import { runs } from '../../support/tier.ts';

const encoder = new TextEncoder();

describe('JSON of a stranger', () => {
  it('is read as JSON.parse reads it, whatever its blanks, while it keeps within the limits', () => {
    const value = fc.jsonValue({ maxDepth: 20, stringUnit: 'binary' });
    const blanks = fc.constantFrom(undefined, 1, '\t', '\n \r');

    fc.assert(
      fc.property(value, blanks, (given, indent) => {
        const text = JSON.stringify(given, null, indent);
        fc.pre(!/"(?:__proto__|constructor|prototype)"\s*:/.test(text));

        expect(parseUntrustedText(text)).toEqual({ ok: true, value: JSON.parse(text) as unknown });
        expect(parseUntrustedJson(encoder.encode(text))).toEqual(parseUntrustedText(text));
      }),
      { numRuns: runs(500, 20_000) },
    );
  });

  it('never makes the reader throw, and is refused wherever JSON.parse refuses it', () => {
    const pieces = fc.constantFrom('{', '}', '[', ']', ',', ':', '"', '\\', 'true', '1e', ' ', 'a');

    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
        const text = parts.join('');

        expect(parseUntrustedText(text).ok).toBe(isJson(text));
      }),
      { numRuns: runs(2_000, 20_000) },
    );
  });

  it.each([
    ['32 levels', 'too-deep', 32, (n: number) => `${'['.repeat(n)}${']'.repeat(n)}`],
    [
      '32 levels of objects',
      'too-deep',
      32,
      (n: number) => `${'{"a":'.repeat(n)}1${'}'.repeat(n)}`,
    ],
    ['10,000 values', 'too-many-values', 9_999, (n: number) => JSON.stringify(numbers(n))],
    [
      '10,000 values with blanks',
      'too-many-values',
      9_999,
      (n: number) => JSON.stringify(numbers(n), null, 1),
    ],
    [
      '10,000 empty lists',
      'too-many-values',
      9_999,
      (n: number) => JSON.stringify(numbers(n).map(() => [])),
    ],
    [
      '1,000 keys',
      'too-many-keys',
      1_000,
      (n: number) => JSON.stringify(Object.fromEntries(numbers(n).map((key) => [`k${key}`, 1]))),
    ],
    ['numbers of 32 characters', 'number-too-long', 32, (n: number) => `[${'9'.repeat(n)}]`],
  ] as const)('may have %s, and not one more', (_what, refusal, limit, make) => {
    expect(parseUntrustedText(make(limit - 1)).ok).toBe(true);
    expect(parseUntrustedText(make(limit)).ok).toBe(true);
    expect(parseUntrustedText(make(limit + 1))).toEqual({ ok: false, refusal });
  });

  it.each([
    '{"__proto__":1}',
    '{"\\u005f\\u005fproto__":1}',
    '[{"a":{"constructor":{}}}]',
    '{"prototype":null}',
  ])('is refused with a key that names a prototype: %s', (text) => {
    expect(parseUntrustedText(text)).toEqual({ ok: false, refusal: 'forbidden-key' });
  });

  it('may name a prototype in a text', () => {
    expect(parseUntrustedText('["__proto__","constructor"]').ok).toBe(true);
  });

  it('counts nothing inside texts', () => {
    const text = JSON.stringify({ message: `\\"${'[{,:9'.repeat(5_000)}` });

    expect(parseUntrustedText(text).ok).toBe(true);
  });

  it('is refused when it is not UTF-8, and mended when it holds half a character', () => {
    expect(parseUntrustedJson(Uint8Array.of(0x22, 0xff, 0x22))).toEqual({
      ok: false,
      refusal: 'not-utf8',
    });
    expect(parseUntrustedText('"a\\ud800b"')).toEqual({ ok: true, value: 'a\uFFFDb' });
  });
});

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, at) => at);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
