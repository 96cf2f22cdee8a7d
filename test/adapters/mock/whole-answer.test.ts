import { describe, expect, it } from 'vitest';
import { anthropicDialect } from '../../../packages/adapters/src/mock/dialect/anthropic.ts';
import type { Dialect } from '../../../packages/adapters/src/mock/dialect/dialect.ts';
import { geminiDialect } from '../../../packages/adapters/src/mock/dialect/gemini.ts';
import { ollamaDialect } from '../../../packages/adapters/src/mock/dialect/ollama.ts';
import { openaiDialect } from '../../../packages/adapters/src/mock/dialect/openai.ts';
import { responsesDialect } from '../../../packages/adapters/src/mock/dialect/responses.ts';
import type { Reply } from '../../../packages/adapters/src/mock/script.ts';
import { type Decoding, doneOf, type Read } from '../../support/decoding.ts';
import { aPlay, aQuestion, answerOf, piecesOf } from '../../support/scripted-answer.ts';
import * as anthropic from '../anthropic/support.ts';
import * as gemini from '../gemini/support.ts';
import * as ollama from '../ollama/support.ts';
import * as responses from '../openai/responses-support.ts';
import * as openai from '../openai/support.ts';

const WHOLE = aQuestion({ isStreamed: false });

const FAMILIES: readonly (readonly [Dialect, Decoding])[] = [
  [openaiDialect, openai],
  [responsesDialect, responses],
  [anthropicDialect, anthropic],
  [geminiDialect, gemini],
  [ollamaDialect, ollama],
];

const REPLIES: readonly (readonly [string, Reply])[] = [
  ['a text', { text: ['Die Schleuse', ' öffnet 🌊'] }],
  ['thinking', { thinking: 'Let me see.', text: 'A gate.' }],
  ['a refusal', { text: '', refusal: 'I cannot say' }],
  [
    'tool calls',
    {
      text: 'Adding.',
      toolCalls: [
        { id: 'call_a', name: 'add', input: { a: 1, b: [2, null] } },
        { id: 'call_b', name: 'now', input: {} },
      ],
    },
  ],
  ['a usage', { usage: { input: { total: 9, cacheRead: 4 }, output: { total: 3, reasoning: 1 } } }],
  ['a text that is cut at its length', { text: 'Once upon', finish: 'length' }],
];

describe.each(FAMILIES)('in the dialect $name', (dialect, { decode, decodeBytes }) => {
  it.each(REPLIES)('%s says whole what it says piece by piece', (_, reply) => {
    const streamed = doneOf(decodeBytes(piecesOf(dialect, reply)));
    const whole = doneOf(decode([wholeText(dialect, reply)]));

    expect(whole).toEqual(streamed);
  });

  it('takes as long as its pieces would have', () => {
    const physics = { firstTokenMs: 100, tokensPerSecond: 10 };
    const reply = { text: ['a', 'b', 'c'], physics };

    const streamed = answerOf(dialect.planReply(aQuestion(), reply, aPlay()));
    const whole = answerOf(dialect.planReply(WHOLE, reply, aPlay()));

    const total = streamed.steps.reduce((sum, { delayMs }) => sum + delayMs, 0);
    expect(whole.steps.map(({ delayMs }) => delayMs)).toEqual([total]);
  });

  it.each([
    ['cut', 'close'],
    ['malformed', 'close'],
    ['reset', 'reset'],
    ['stall', 'stall'],
  ] as const)('breaks in its middle by %s', (kind, end) => {
    const plan = answerOf(dialect.planReply(WHOLE, { text: 'A gate.', fault: { kind } }, aPlay()));

    const text = Buffer.concat(plan.steps.map(({ bytes }) => bytes)).toString();
    expect(plan.end).toBe(end);
    expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError);
    expect(refusedBy(decode([text]))).toBe('malformed');
  });

  it('tells of an error by its status', () => {
    const fault = { kind: 'error', message: 'The gate is stuck' } as const;

    const plan = answerOf(dialect.planReply(WHOLE, { fault }, aPlay()));

    expect(plan.status).toBe(500);
  });
});

function wholeText(dialect: Dialect, reply: Reply): string {
  return Buffer.concat(piecesOf(dialect, reply, { question: WHOLE })).toString();
}

function refusedBy({ thrown }: Read): unknown {
  return (thrown as { readonly kind?: unknown } | undefined)?.kind;
}
