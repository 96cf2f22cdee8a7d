import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitText } from '../../../packages/core/src/channel/split-text.ts';
import { runs } from '../../support/tier.ts';

describe('a text that is too long for one message', () => {
  it('stays whole when it fits, or when there is no limit', () => {
    expect(splitText('hello', 5)).toEqual(['hello']);
    expect(splitText('x'.repeat(10_000), undefined)).toHaveLength(1);
  });

  it('is cut at the end of a line, else of a word', () => {
    expect(splitText('one two\nthree four', 12)).toEqual(['one two\n', 'three four']);
    expect(splitText('one two three', 9)).toEqual(['one two ', 'three']);
  });

  it('never cuts a character in half', () => {
    const parts = splitText('🙂'.repeat(10), 5);

    expect(parts.join('')).toBe('🙂'.repeat(10));
    for (const part of parts) expect(() => encodeURIComponent(part)).not.toThrow();
  });

  it('closes a code block at a cut and opens it again with its language', () => {
    const code = Array.from({ length: 12 }, (_, i) => `const value${i} = ${i};`).join('\n');

    const parts = splitText(`Look:\n\`\`\`ts\n${code}\n\`\`\`\nDone.`, 120);

    expect(parts.length).toBeGreaterThan(2);
    for (const part of parts) {
      expect(part.length).toBeLessThanOrEqual(120);
      expect(part.match(/^```/gm)?.length ?? 0).toSatisfy((fences: number) => fences % 2 === 0);
    }
    for (const part of parts.slice(1, -1)) expect(part.startsWith('```ts\n')).toBe(true);
    const without = (text: string) => text.replaceAll(/^```(ts)?\n?/gm, '').replaceAll('\n', '');
    expect(without(parts.join('\n'))).toBe(without(`Look:\n${code}\nDone.`));
  });

  it('loses nothing without code blocks, and keeps to the limit with and without them', () => {
    const word = fc.constantFrom(
      'a',
      'bcd ',
      '\n',
      '```\n',
      '\n```js\n',
      '~~~\n',
      '🙂',
      'long'.repeat(9),
    );
    const texts = fc.array(word, { maxLength: 80 }).map((words) => words.join(''));
    fc.assert(
      fc.property(texts, fc.integer({ min: 40, max: 200 }), (text, maxLength) => {
        const parts = splitText(text, maxLength);

        for (const part of parts) expect(part.length).toBeLessThanOrEqual(maxLength);
        if (!/```|~~~/.test(text)) expect(parts.join('')).toBe(text);
      }),
      { numRuns: runs(1_000, 10_000) },
    );
  });

  it('ends, whatever the limit', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 60 }),
        fc.integer({ min: 1, max: 12 }),
        (text, maxLength) => {
          const parts = splitText(`\`\`\`typescript\n${text}`, maxLength);

          const longest = Math.max(...parts.map(({ length }) => length));
          expect(longest).toBeLessThanOrEqual(Math.max(2, maxLength));
          expect(parts.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: runs(1_000, 10_000) },
    );
  });
});
