import { anthropicDialect } from '../../packages/adapters/src/mock/dialect/anthropic.ts';
import type { Dialect } from '../../packages/adapters/src/mock/dialect/dialect.ts';
import { geminiDialect } from '../../packages/adapters/src/mock/dialect/gemini.ts';
import { ollamaDialect } from '../../packages/adapters/src/mock/dialect/ollama.ts';
import { openaiDialect } from '../../packages/adapters/src/mock/dialect/openai.ts';
import { responsesDialect } from '../../packages/adapters/src/mock/dialect/responses.ts';
import type { Reply } from '../../packages/adapters/src/mock/script.ts';
import * as anthropic from '../adapters/anthropic/support.ts';
import * as gemini from '../adapters/gemini/support.ts';
import * as ollama from '../adapters/ollama/support.ts';
import * as responses from '../adapters/openai/responses-support.ts';
import * as openai from '../adapters/openai/support.ts';
import type { FuzzOptions } from './mutated-stream.ts';
import { piecesOf } from './scripted-answer.ts';

/** A decoder, and the streams of its dialect that mutations are made of. */
export interface FuzzedFamily extends Pick<FuzzOptions, 'streams' | 'decodeBytes'> {
  readonly name: string;
}

/** What every dialect is made to say. */
const REPLIES: readonly Reply[] = [
  { text: 'Die Schleuse öffnet 🌊 langsam', framing: { pingEvery: 3 } },
  { thinking: 'Hm, let me see', text: ['a', 'b'], usage: null },
  { text: '', toolCalls: [{ name: 'add', input: { a: [1, { b: null }] }, pieceLength: 3 }] },
  { refusal: 'No', framing: { lineEnd: '\r\n', comment: 'ping' } },
  {
    areCallsInterleaved: true,
    toolCalls: [
      { name: 'a', input: { x: 'y' }, pieceLength: 2 },
      { name: 'b', input: 'not json', pieceLength: 1 },
    ],
  },
  { text: 'x', fault: { kind: 'error' } },
];

/** Every decoder that there is. */
export const FUZZED_FAMILIES: readonly FuzzedFamily[] = [
  familyOf(openaiDialect, openai.decodeBytes),
  familyOf(responsesDialect, responses.decodeBytes),
  familyOf(anthropicDialect, anthropic.decodeBytes),
  familyOf(geminiDialect, gemini.decodeBytes),
  familyOf(ollamaDialect, ollama.decodeBytes),
];

function familyOf(dialect: Dialect, decodeBytes: FuzzOptions['decodeBytes']): FuzzedFamily {
  const streams = REPLIES.map((reply) => Buffer.concat(piecesOf(dialect, reply)));
  return { name: dialect.name, streams, decodeBytes };
}
