import { describe, expect, it } from 'vitest';
import { arrivalsOf, outcomeOf } from '../../support/stream-corpus.ts';
import { CORPUS } from './corpus.ts';
import { decode, decodeBytes } from './support.ts';

describe.each(CORPUS)('$name', ({ events, expected }) => {
  it('is decoded as it is meant', () => {
    expect(outcomeOf(decode(events))).toMatchObject(expected);
  });

  it('is decoded to the same chunks, however it arrives', () => {
    const { chunks, thrown } = decode(events);

    for (const { how, pieces } of arrivalsOf(events, 'ndjson')) {
      expect({ how, ...decodeBytes(pieces) }).toEqual({ how, chunks, thrown });
    }
  });
});
