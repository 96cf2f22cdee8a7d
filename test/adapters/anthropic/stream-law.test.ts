import type { CompletionChunk } from '@sluice/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anthropicDialect } from '../../../packages/adapters/src/mock/dialect/anthropic.ts';
import { THINKING_SIGNATURE } from '../../../packages/adapters/src/mock/dialect/anthropic-block.ts';
import type { Framing } from '../../../packages/adapters/src/mock/physics.ts';
import type { Reply } from '../../../packages/adapters/src/mock/script.ts';
import { doneOf, textIn } from '../../support/decoding.ts';
import { piecesOf } from '../../support/scripted-answer.ts';
import { runs } from '../../support/tier.ts';
import { decodeBytes } from './support.ts';

// Full Unicode, lone surrogates aside: they cannot travel as UTF-8.
const aText = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 });
const texts = fc.array(aText, { maxLength: 6 });
const aCall = fc.record({
  name: fc.string({ minLength: 1, maxLength: 8 }),
  input: fc.jsonValue({ depthSize: 'small' }).filter((input) => typeof input !== 'string'),
  pieceLength: fc.integer({ min: 1, max: 20 }),
});
const aUsage = fc.record({
  input: fc.record({ total: fc.constant(100), cacheRead: fc.nat(50), cacheWrite: fc.nat(50) }),
  output: fc.record({ total: fc.nat(), reasoning: fc.nat() }),
});
const aReply = fc.record({
  text: texts,
  thinking: texts,
  toolCalls: fc.array(aCall, { maxLength: 3 }),
  areCallsInterleaved: fc.boolean(),
  usage: aUsage,
}) as fc.Arbitrary<Reply>;
const aFraming: fc.Arbitrary<Framing> = fc.record({
  cut: fc.constantFrom('event' as const, 'whole' as const, 'random' as const, 1, 7),
  lineEnd: fc.constantFrom('\n', '\r\n', '\r'),
  hasFinalBlankLine: fc.boolean(),
  pingEvery: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
  comment: fc.option(fc.constant('keep-alive'), { nil: undefined }),
});

describe('a scripted answer', () => {
  it('decodes to what was scripted, however it is cut and framed', () => {
    fc.assert(
      fc.property(aReply, aFraming, fc.nat(), (reply, framing, seed) => {
        const chunks = decodeReply({ ...reply, framing }, seed);

        const done = doneOf({ chunks, thrown: undefined });
        const calls = chunks.flatMap((chunk) => (chunk.type === 'tool' ? [chunk.call] : []));
        expect(textIn(chunks)).toBe([reply.text].flat().join(''));
        expect(thinkingIn(chunks)).toBe([reply.thinking].flat().join(''));
        expect(calls.map(({ name, input }) => ({ name, input }))).toEqual(
          reply.toolCalls?.map(({ name, input }) => ({
            name,
            input: JSON.parse(JSON.stringify(input)) as unknown,
          })),
        );
        expect(done.usage).toEqual(reply.usage);
        expect(done.message.content).toEqual(foldOf(chunks));
      }),
      { numRuns: runs(300, 1_000) },
    );
  });

  it('decodes to the same chunks, whatever it is cut into', () => {
    fc.assert(
      fc.property(aReply, fc.nat(), (reply, seed) => {
        const whole = decodeReply({ ...reply, framing: { cut: 'whole' } }, seed);

        for (const cut of [1, 7, 'random'] as const) {
          for (const lineEnd of ['\n', '\r\n'] as const) {
            const framing = { cut, lineEnd };
            expect(decodeReply({ ...reply, framing }, seed)).toEqual(whole);
          }
        }
      }),
      { numRuns: runs(50, 200) },
    );
  });
});

function decodeReply(reply: Reply, seed: number): readonly CompletionChunk[] {
  const { chunks, thrown } = decodeBytes(piecesOf(anthropicDialect, reply, { seed }));
  expect(thrown).toBeUndefined();
  return chunks;
}

function thinkingIn(chunks: readonly CompletionChunk[]): string {
  return chunks.map((chunk) => (chunk.type === 'thinking' ? chunk.delta : '')).join('');
}

/** Adds the chunks up by their index alone, as a reader would who knows nothing of the wire. */
function foldOf(chunks: readonly CompletionChunk[]): unknown[] {
  const content: unknown[] = [];
  const signed = { extra: { anthropic: { signature: THINKING_SIGNATURE } } };
  const texts = new Map<number, string>();
  for (const chunk of chunks) {
    if (chunk.type === 'tool') content[chunk.index] = { type: 'tool-call', call: chunk.call };
    if (chunk.type !== 'text' && chunk.type !== 'thinking') continue;
    const text = (texts.get(chunk.index) ?? '') + chunk.delta;
    texts.set(chunk.index, text);
    const extra = chunk.type === 'thinking' ? signed : {};
    content[chunk.index] = { type: chunk.type, text, ...extra };
  }
  return content;
}
