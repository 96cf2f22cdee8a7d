import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  FrameError,
  parsePeerFrame,
  readPeerFrame,
} from '../../../packages/adapters/src/transport/frame.ts';
import { runs } from '../../support/tier.ts';

const KNOWN = ['type', 'id', 'text', 'conversation', 'metadata', 'session', 'key'];

/** Values that look like frames, and are wrong in one place or more. */
const almostFrame = fc.record(
  {
    type: fc.constantFrom('message', 'message', 'received', 'ping', 'bye', 'hello', '', 7),
    id: fc.oneof(fc.string({ maxLength: 140 }), fc.jsonValue()),
    text: fc.oneof(fc.string({ maxLength: 60 }), fc.jsonValue()),
    conversation: fc.oneof(fc.string(), fc.jsonValue()),
    metadata: fc.oneof(fc.dictionary(fc.string(), fc.string()), fc.jsonValue()),
    session: fc.oneof(fc.string(), fc.jsonValue()),
    key: fc.jsonValue(),
    other: fc.jsonValue(),
  },
  { requiredKeys: [] },
);

describe('a frame from outside', () => {
  it('is read, or refused by a typed error: nothing else, whatever it is', () => {
    fc.assert(
      fc.property(fc.oneof(almostFrame, fc.jsonValue(), fc.anything()), (value) => {
        const frame = errorOf(() => readPeerFrame(value, 50));

        if (FrameError.is(frame)) return;
        expect(frame).not.toBeInstanceOf(Error);
        expect(Object.keys(frame as object).filter((key) => !KNOWN.includes(key))).toEqual([]);
      }),
      { numRuns: runs(2_000, 20_000) },
    );
  });

  it('is the same as text and as a value', () => {
    fc.assert(
      fc.property(almostFrame, (value) => {
        const text = JSON.stringify(value);

        const asText = errorOf(() => parsePeerFrame(text, 10_000));
        const asValue = errorOf(() => readPeerFrame(JSON.parse(text), 10_000));

        if (FrameError.is(asValue)) expect(asText).toMatchObject({ reason: asValue.reason });
        else expect(asText).toEqual(asValue);
      }),
      { numRuns: runs(1_000, 20_000) },
    );
  });

  it('is refused without a word of what it said', () => {
    const secrets = [
      { type: 'message', id: 'secret'.repeat(40), text: 'hello' },
      { type: 'secret' },
      { type: 'message', id: '1', text: 'hello', metadata: { secret: 'secret'.repeat(100) } },
    ];

    for (const value of secrets) {
      const error = errorOf(() => readPeerFrame(value, 100));
      expect(FrameError.is(error) && error.message).not.toContain('secret');
    }
  });
});

function errorOf(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
