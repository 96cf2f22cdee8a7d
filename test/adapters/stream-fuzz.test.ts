import { describe, expect, it } from 'vitest';
import { DECODED_FAMILIES } from '../support/decoded-families.ts';
import { fuzz } from '../support/mutated-stream.ts';
import { runs } from '../support/tier.ts';

describe.each(DECODED_FAMILIES)('the decoder of $name', (family) => {
  it('decodes or refuses any mutated stream, and neither crashes nor hangs', () => {
    const count = runs(5_000, 20_000);

    const outcomes = fuzz({ ...family, count });

    expect([...outcomes.keys()].filter((key) => key.startsWith('neither'))).toEqual([]);
    // The mutations are neither all harmless nor all fatal, or they would show nothing.
    expect(outcomes.get('done')).toBeGreaterThan(count / 20);
    expect(outcomes.get('malformed')).toBeGreaterThan(count / 20);
    expect({}).not.toHaveProperty('x'); // which streams try to put on every object
  });
});
