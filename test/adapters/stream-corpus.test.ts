import { describe, expect, it } from 'vitest';
import { DECODED_FAMILIES } from '../support/decoded-families.ts';
import { arrivalsOf, outcomeOf } from '../support/stream-corpus.ts';

describe.each(DECODED_FAMILIES)('$name', ({ corpus, form, decode, decodeBytes }) => {
  describe.each(corpus)('$name', ({ events, expected }) => {
    it('is decoded as it is meant', () => {
      expect(outcomeOf(decode(events))).toMatchObject(expected);
    });

    it('is decoded to the same chunks, however it arrives', () => {
      const { chunks, thrown } = decode(events);

      for (const { how, pieces } of arrivalsOf(events, form)) {
        expect({ how, ...decodeBytes(pieces) }).toEqual({ how, chunks, thrown });
      }
    });
  });
});
