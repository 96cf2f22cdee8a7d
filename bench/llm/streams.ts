import { seededRandom } from '@sluice/core';
import { anthropicDialect } from '../../packages/adapters/src/mock/dialect/anthropic.ts';
import type { Dialect } from '../../packages/adapters/src/mock/dialect/dialect.ts';
import { geminiDialect } from '../../packages/adapters/src/mock/dialect/gemini.ts';
import { ollamaDialect } from '../../packages/adapters/src/mock/dialect/ollama.ts';
import { openaiDialect } from '../../packages/adapters/src/mock/dialect/openai.ts';
import { responsesDialect } from '../../packages/adapters/src/mock/dialect/responses.ts';
import type { Reply } from '../../packages/adapters/src/mock/script.ts';

/** The families that are measured. */
export const FAMILIES = ['openai', 'responses', 'anthropic', 'gemini', 'ollama'] as const;

/** One of the families. */
export type FamilyName = (typeof FAMILIES)[number];

const DIALECTS: Readonly<Record<FamilyName, Dialect>> = {
  openai: openaiDialect,
  responses: responsesDialect,
  anthropic: anthropicDialect,
  gemini: geminiDialect,
  ollama: ollamaDialect,
};

/** The pieces in which a body arrives, in bytes: as much as a socket gives at once. */
const PIECE_BYTES = 16_384;

/** A body in memory, and how it is served. */
export interface MemoryBody {
  readonly bytes: number;
  /** A `fetch` that answers every request with the body, in pieces, without a network. */
  readonly fetch: typeof fetch;
}

/** Writes a family's answer to a script once, to be read many times. */
export function inMemory(family: FamilyName, reply: Reply): MemoryBody {
  const plan = DIALECTS[family].planReply(
    {
      number: 1,
      attempt: 1,
      model: 'model-x',
      text: '',
      messages: [],
      tools: [],
      headers: {},
      isStreamed: true,
    },
    reply,
    { random: seededRandom(1), nowMs: 0 },
  );
  if (plan.kind !== 'answer') throw new Error('The reply was scripted to be answered');
  const body = Buffer.concat(plan.steps.map((step) => step.bytes));
  const type = plan.headers['content-type'] ?? '';
  const respond = (): Response =>
    new Response(piecewise(body), { headers: { 'content-type': type } });
  return { bytes: body.length, fetch: () => Promise.resolve(respond()) };
}

function piecewise(body: Uint8Array): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= body.length) {
        controller.close();
        return;
      }
      controller.enqueue(body.subarray(at, at + PIECE_BYTES));
      at += PIECE_BYTES;
    },
  });
}

/** A text in so many pieces, each of the length of a token. */
export function manyPieces(count: number): readonly string[] {
  return Array.from({ length: count }, (_, at) => `w${at % 1_000} `);
}
