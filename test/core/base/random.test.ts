import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base32, newId } from '../../../packages/core/src/base/id.ts';
import { seededRandom, systemRandom } from '../../../packages/core/src/base/random.ts';

describe('chance', () => {
  it('repeats from the same seed, and differs from another', () => {
    const draw = (seed: number): readonly number[] => {
      const random = seededRandom(seed);
      return Array.from({ length: 5 }, () => random.next());
    };

    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
  });

  it('stays at least 0 and below 1, whatever the seed', () => {
    fc.assert(
      fc.property(fc.oneof(fc.integer(), fc.double()), (seed) => {
        const random = seededRandom(seed);
        for (let i = 0; i < 20; i += 1) {
          const drawn = random.next();
          expect(drawn >= 0 && drawn < 1).toBe(true);
        }
      }),
    );
  });

  it('is spread evenly', () => {
    const random = seededRandom(42);
    const tenths = Array.from({ length: 10 }, () => 0);
    for (let i = 0; i < 100_000; i += 1) {
      const tenth = Math.floor(random.next() * 10);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }

    // Six standard deviations of a binomial (100,000 draws, p = 0.1) are 570.
    for (const count of tenths) expect(Math.abs(count - 10_000)).toBeLessThan(570);
  });

  it('comes from the runtime too', () => {
    const drawn = systemRandom.next();

    expect(drawn >= 0 && drawn < 1).toBe(true);
  });
});

describe('ids', () => {
  it('are 12 characters that are not mistaken for one another, and do not repeat', () => {
    const random = seededRandom(1);

    const ids = Array.from({ length: 100_000 }, () => newId(random));

    expect(new Set(ids).size).toBe(100_000);
    expect(ids.every((id) => /^[0-9a-hjkmnp-tv-z]{12}$/.test(id))).toBe(true);
  });

  it('write 60 bits of two numbers', () => {
    expect(base32(0, 0)).toBe('000000000000');
    expect(base32(0xffff_ffff, 1)).toBe('zzzzzz000001');
  });
});
