import { seededRandom } from '@sluice/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutBytes, delayOf, frameEvent } from '../../../packages/adapters/src/mock/physics.ts';

describe('a delay', () => {
  it('is the first token’s, then one of so many a second', () => {
    const physics = { firstTokenMs: 300, tokensPerSecond: 50 };

    const delays = [0, 1, 2].map((place) => delayOf(place, physics, seededRandom(1)));

    expect(delays).toEqual([300, 20, 20]);
  });

  it('is nothing without physics', () => {
    expect([0, 1].map((place) => delayOf(place, undefined, seededRandom(1)))).toEqual([0, 0]);
  });

  it('strays no further than its jitter, and the same for the same seed', () => {
    fc.assert(
      fc.property(fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }), (seed, jitter) => {
        const physics = { firstTokenMs: 100, jitter };

        const delay = delayOf(0, physics, seededRandom(seed));

        expect(delay).toBeGreaterThanOrEqual(100 * (1 - jitter));
        expect(delay).toBeLessThanOrEqual(100 * (1 + jitter));
        expect(delay).toBe(delayOf(0, physics, seededRandom(seed)));
      }),
    );
  });
});

describe('a cut', () => {
  it.each(['event', 'whole', 'random', 1, 7] as const)('of %s loses no byte', (cut) => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.nat(), (bytes, seed) => {
        const pieces = cutBytes(bytes, cut, seededRandom(seed));

        expect(Buffer.concat(pieces)).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it('of 7 bytes cuts through a character', () => {
    const bytes = new TextEncoder().encode('öffnet 🌊');

    expect(cutBytes(bytes, 7, seededRandom(1)).map(({ length }) => length)).toEqual([7, 5]);
  });
});

it('an event is framed with the line ends and comments that its server sends', () => {
  expect(frameEvent({ data: 'x' })).toBe('data: x\n\n');
  expect(frameEvent({ data: 'x' }, { lineEnd: '\r\n', comment: 'ping' })).toBe(
    ': ping\r\n\r\ndata: x\r\n\r\n',
  );
});
