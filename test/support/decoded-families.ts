import { anthropicDialect } from '../../packages/adapters/src/mock/dialect/anthropic.ts';
import type { Dialect } from '../../packages/adapters/src/mock/dialect/dialect.ts';
import { geminiDialect } from '../../packages/adapters/src/mock/dialect/gemini.ts';
import { ollamaDialect } from '../../packages/adapters/src/mock/dialect/ollama.ts';
import { openaiDialect } from '../../packages/adapters/src/mock/dialect/openai.ts';
import { responsesDialect } from '../../packages/adapters/src/mock/dialect/responses.ts';
import type { Reply } from '../../packages/adapters/src/mock/script.ts';
import * as anthropic from '../adapters/anthropic/support.ts';
import { CORPUS as anthropicCorpus } from '../adapters/anthropic/corpus.ts';
import * as gemini from '../adapters/gemini/support.ts';
import { CORPUS as geminiCorpus } from '../adapters/gemini/corpus.ts';
import * as ollama from '../adapters/ollama/support.ts';
import { CORPUS as ollamaCorpus } from '../adapters/ollama/corpus.ts';
import { CORPUS as openaiCorpus } from '../adapters/openai/corpus.ts';
import { RESPONSES_CORPUS } from '../adapters/openai/responses-corpus.ts';
import * as responses from '../adapters/openai/responses-support.ts';
import * as openai from '../adapters/openai/support.ts';
import type { Decoding } from './decoding.ts';
import { piecesOf } from './scripted-answer.ts';
import { arrivalsOf, type CorpusStream } from './stream-corpus.ts';

/** A decoder, and what it is shown. */
export interface DecodedFamily extends Decoding {
  readonly name: string;
  /** How events are told apart. */
  readonly form: 'sse' | 'ndjson';
  /** Streams as servers send them, and what is to come of each. */
  readonly corpus: readonly CorpusStream[];
  /** What means something to this decoder, beside what means something to every parser. */
  readonly splices: readonly string[];
  /** The bytes of whole streams: those of the corpus, and a few that its dialect writes. */
  readonly streams: readonly Uint8Array[];
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
export const DECODED_FAMILIES: readonly DecodedFamily[] = [
  familyOf(openaiDialect, openai, {
    corpus: openaiCorpus,
    splices: [
      '"choices":null',
      '"delta":[]',
      '"tool_calls":[[],null,{"function":7}]',
      '"content":[{"type":"text"}]',
      '"usage":{"prompt_tokens":{}}',
    ],
  }),
  familyOf(responsesDialect, responses, {
    corpus: RESPONSES_CORPUS,
    splices: [
      '"output_index":-1',
      '"output_index":1e308',
      '"item":null',
      '"item":{"type":"reasoning","summary":[null,{"text":7}],"content":{}}',
      '"item":{"type":"message","content":[[],{"type":"output_text"}]}',
      '"response":null',
      '"response":{"status":"completed","output":[7,{"type":"function_call"}]}',
      '"type":"response.completed"',
      '"type":"error"',
      '"usage":{"input_tokens":{}}',
    ],
  }),
  familyOf(anthropicDialect, anthropic, {
    corpus: anthropicCorpus,
    splices: [
      '"type":"content_block_start"',
      '"type":"message"',
      '"content_block":null',
      '"content_block":{"type":"server_tool_use","input":7}',
      '"delta":[]',
      '"content":[[],null,{"type":"tool_use"}]',
      '"citation":{}',
      '"usage":{"input_tokens":{}}',
    ],
  }),
  familyOf(geminiDialect, gemini, {
    corpus: geminiCorpus,
    splices: [
      '"candidates":null',
      '"content":[]',
      '"parts":[[],null,{"functionCall":7}]',
      '"functionCall":{"name":"f","willContinue":true}',
      '"partialArgs":[{"jsonPath":"$.a[99999999]","numberValue":1}]',
      '"partialArgs":[{"jsonPath":"$.__proto__.x","stringValue":"y"}]',
      '"thoughtSignature":"S"',
      '"usageMetadata":{"promptTokenCount":{}}',
      '"promptFeedback":{"blockReason":"SAFETY"}',
    ],
  }),
  familyOf(ollamaDialect, ollama, {
    form: 'ndjson',
    corpus: ollamaCorpus,
    splices: [
      '"message":null',
      '"message":[]',
      '"done":true',
      '"done":"true"',
      '"tool_calls":[[],null,{"function":7}]',
      '"tool_calls":[{"function":{"name":"f","arguments":"{"}}]',
      '"eval_count":{}',
      '"created_at":7',
      '{"error":7}',
    ],
  }),
];

function familyOf(
  dialect: Dialect,
  { decode, decodeBytes }: Decoding,
  shown: Pick<DecodedFamily, 'corpus' | 'splices'> & Partial<Pick<DecodedFamily, 'form'>>,
): DecodedFamily {
  const { form = 'sse', corpus } = shown;
  const streams = [
    ...REPLIES.map((reply) => Buffer.concat(piecesOf(dialect, reply))),
    ...corpus.flatMap(({ events }) => {
      const [whole] = arrivalsOf(events, form);
      return whole === undefined ? [] : [Buffer.concat(whole.pieces)];
    }),
  ];
  return { name: dialect.name, decode, decodeBytes, ...shown, form, streams };
}
