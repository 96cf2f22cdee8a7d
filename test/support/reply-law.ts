import type { CompletionChunk } from '@sluice/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Dialect } from '../../packages/adapters/src/mock/dialect/dialect.ts';
import type { Framing } from '../../packages/adapters/src/mock/physics.ts';
import type { Reply } from '../../packages/adapters/src/mock/script.ts';
import { type Decoding, doneOf, textIn } from './decoding.ts';
import { piecesOf } from './scripted-answer.ts';
import { runs } from './tier.ts';

/** A dialect and the decoder that has to be its inverse. */
export interface InverseFamily {
  readonly dialect: Dialect;
  readonly decoding: Decoding;
  /** Whether the arguments of a call may be any JSON, not objects alone. @defaultValue `false` */
  readonly takesAnyInput?: boolean | undefined;
}

// Full Unicode, lone surrogates aside: they cannot travel as UTF-8.
const aText = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 });
const texts = fc.array(aText, { maxLength: 6 });
const anObject = fc.dictionary(fc.string({ maxLength: 5 }), fc.jsonValue({ depthSize: 'small' }));
// A string is sent as it is, and would have to be JSON itself.
const anyInput = fc.jsonValue({ depthSize: 'small' }).filter((input) => typeof input !== 'string');
const aFraming: fc.Arbitrary<Framing> = fc.record({
  cut: fc.constantFrom('event' as const, 'whole' as const, 'random' as const, 1, 7),
  lineEnd: fc.constantFrom('\n', '\r\n', '\r'),
  hasFinalBlankLine: fc.boolean(),
  hasDone: fc.boolean(), // means nothing to wires without a [DONE]
  comment: fc.option(fc.constant('keep-alive'), { nil: undefined }),
});

/** Long, since some wires need five events for a word, and each arrives byte by byte. */
const DEADLINE_MS = runs(60_000, 300_000);

/** The laws of a dialect and its decoder. */
export function describeReplyLaw(family: InverseFamily): void {
  const { dialect, decoding, takesAnyInput = false } = family;
  const aReply = replyWith(takesAnyInput ? anyInput : anObject);
  const decodeReply = (reply: Reply, seed: number): readonly CompletionChunk[] => {
    const { chunks, thrown } = decoding.decodeBytes(piecesOf(dialect, reply, { seed }));
    expect(thrown).toBeUndefined();
    return chunks;
  };

  describe('a scripted answer', () => {
    it(
      'decodes to what was scripted, however it is cut and framed',
      () => {
        fc.assert(
          fc.property(aReply, aFraming, fc.nat(), (reply, framing, seed) => {
            const chunks = decodeReply({ ...reply, framing }, seed);

            const calls = chunks.flatMap((chunk) => (chunk.type === 'tool' ? [chunk.call] : []));
            expect(textIn(chunks)).toBe([reply.text].flat().join(''));
            expect(thinkingIn(chunks)).toBe([reply.thinking].flat().join(''));
            expect(calls.map(({ name, input }) => ({ name, input }))).toEqual(
              reply.toolCalls?.map(({ name, input }) => ({
                name,
                input: JSON.parse(JSON.stringify(input)) as unknown,
              })),
            );
            expect(contentIn(chunks)).toEqual(foldOf(chunks));
          }),
          { numRuns: runs(300, 1_000) },
        );
      },
      DEADLINE_MS,
    );

    it(
      'decodes to the same chunks, whatever it is cut into',
      () => {
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
      },
      DEADLINE_MS,
    );
  });
}

function replyWith(input: fc.Arbitrary<unknown>): fc.Arbitrary<Reply> {
  const aCall = fc.record({
    name: fc.string({ minLength: 1, maxLength: 8 }),
    input,
    pieceLength: fc.integer({ min: 1, max: 20 }),
  });
  return fc.record({
    text: texts,
    thinking: texts,
    toolCalls: fc.array(aCall, { maxLength: 3 }),
    areCallsInterleaved: fc.boolean(),
  }) as fc.Arbitrary<Reply>;
}

function thinkingIn(chunks: readonly CompletionChunk[]): string {
  return chunks.map((chunk) => (chunk.type === 'thinking' ? chunk.delta : '')).join('');
}

/** The content of the message, without what a provider wants back. */
function contentIn(chunks: readonly CompletionChunk[]): unknown[] {
  const { message } = doneOf({ chunks, thrown: undefined });
  return message.content.map((part) => ({ ...part, extra: undefined }));
}

/** Adds the chunks up by their index alone, as a reader would who knows nothing of the wire. */
function foldOf(chunks: readonly CompletionChunk[]): unknown[] {
  const content: unknown[] = [];
  const texts = new Map<number, string>();
  for (const chunk of chunks) {
    if (chunk.type === 'tool') content[chunk.index] = { type: 'tool-call', call: chunk.call };
    if (chunk.type !== 'text' && chunk.type !== 'thinking') continue;
    const text = (texts.get(chunk.index) ?? '') + chunk.delta;
    texts.set(chunk.index, text);
    content[chunk.index] = { type: chunk.type, text };
  }
  return content;
}
