import { describe, expect, it } from 'vitest';
import { parseJson } from '../../../packages/adapters/src/transport/json.ts';

function nested(depth: number, open = '[', close = ']'): string {
  return open.repeat(depth) + close.repeat(depth);
}

describe('JSON from outside', () => {
  it('may nest 128 levels, and no more', () => {
    expect(() => parseJson(`{"a":${nested(127)}}`)).not.toThrow();
    expect(() => parseJson(`{"a":${nested(128)}}`)).toThrow(SyntaxError);
    expect(() => parseJson(nested(1_000_000))).toThrow('deeper than 128');
  });

  it('may be as wide as it likes', () => {
    const wide = `[${Array.from({ length: 10_000 }, () => '{"a":[]}').join(',')}]`;

    expect(parseJson(wide)).toHaveLength(10_000);
  });

  it('may hold any number of brackets in its texts', () => {
    const text = `\\"${'[{'.repeat(500)}`;

    expect(parseJson(JSON.stringify([text]))).toEqual([text]);
  });
});
