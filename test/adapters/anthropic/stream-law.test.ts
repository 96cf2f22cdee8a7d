import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { anthropicDialect } from '../../../packages/adapters/src/mock/dialect/anthropic.ts';
import { THINKING_SIGNATURE } from '../../../packages/adapters/src/mock/dialect/anthropic-block.ts';
import { doneOf } from '../../support/decoding.ts';
import { describeReplyLaw } from '../../support/reply-law.ts';
import { piecesOf } from '../../support/scripted-answer.ts';
import { runs } from '../../support/tier.ts';
import { decodeBytes, decoding } from './support.ts';

describeReplyLaw({ dialect: anthropicDialect, decoding });

const someUsage = fc.record({
  input: fc.record({
    total: fc.integer({ min: 100, max: 1_000_000 }),
    cacheRead: fc.nat(50),
    cacheWrite: fc.nat(50),
  }),
  output: fc.record({ total: fc.nat(), reasoning: fc.nat() }),
});

it('a scripted usage decodes to what was scripted, the cache within the input', () => {
  fc.assert(
    fc.property(someUsage, fc.integer({ min: 1, max: 4 }), (usage, pingEvery) => {
      const reply = { usage, framing: { pingEvery } };

      const { usage: told } = doneOf(decodeBytes(piecesOf(anthropicDialect, reply)));

      expect(told).toEqual(usage);
    }),
    { numRuns: runs(200, 1_000) },
  );
});

it('scripted thinking decodes to a part that is signed', () => {
  const { message } = doneOf(decodeBytes(piecesOf(anthropicDialect, { thinking: 'Hm' })));

  expect(message.content[0]).toEqual({
    type: 'thinking',
    text: 'Hm',
    extra: { anthropic: { signature: THINKING_SIGNATURE } },
  });
});
