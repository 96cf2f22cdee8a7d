import type { CorpusStream } from '../../support/stream-corpus.ts';
import { aFinish, anEvent, aText } from './support.ts';

const thought = (text: string): object => anEvent([{ text, thought: true }]);
const aCall = (functionCall: object, more: object = {}): object => ({ functionCall, ...more });
const partial = (piece: object, more: object = {}): object =>
  anEvent([aCall({ partialArgs: [piece], ...more })]);

/** Streams as Gemini sends them, each for one thing that is easy to get wrong. */
export const CORPUS: readonly CorpusStream[] = [
  {
    name: 'text, and the usage in every event',
    events: [
      { ...aText('Hi'), usageMetadata: { promptTokenCount: 9, totalTokenCount: 9 } },
      { ...aText(' there'), usageMetadata: { promptTokenCount: 9, candidatesTokenCount: 1 } },
      aFinish(),
    ],
    expected: { text: 'Hi there', end: 'stop', inputTokens: 9, outputTokens: 2 },
  },
  {
    name: 'text of many bytes a character',
    events: [
      aText('Schleuse 🌊 öffnet \u{1F469}\u200D\u{1F680}'),
      aText('\u{2028}後\n\n'),
      aFinish(),
    ],
    expected: { text: 'Schleuse 🌊 öffnet \u{1F469}\u200D\u{1F680}\u{2028}後\n\n', end: 'stop' },
  },
  {
    name: 'thinking, then text, with the thoughts counted beside the candidates',
    events: [
      thought('Weighing'),
      thought(' it.'),
      aText('Hi'),
      aFinish('STOP', {
        usageMetadata: { promptTokenCount: 9, candidatesTokenCount: 2, thoughtsTokenCount: 30 },
      }),
    ],
    expected: { thinking: 'Weighing it.', text: 'Hi', inputTokens: 9, outputTokens: 32 },
  },
  {
    name: 'two calls at once, whole, one of them signed, with STOP',
    events: [
      anEvent(
        [
          aCall({ name: 'weather', args: { city: 'Oslo' } }, { thoughtSignature: 'Eq' }),
          aCall({ name: 'time', args: {} }),
        ],
        { finishReason: 'STOP' },
      ),
    ],
    expected: { calls: ['weather({"city":"Oslo"})', 'time({})'], end: 'tool-calls' },
  },
  {
    name: 'a call without arguments',
    events: [anEvent([aCall({ name: 'now' })]), aFinish()],
    expected: { calls: ['now({})'], end: 'tool-calls' },
  },
  {
    name: 'a call whose arguments come field by field',
    events: [
      anEvent([aCall({ name: 'book', willContinue: true })]),
      partial(
        { jsonPath: '$.city', stringValue: 'Os', willContinue: true },
        { willContinue: true },
      ),
      partial({ jsonPath: '$.city', stringValue: 'lo' }, { willContinue: true }),
      partial({ jsonPath: '$.guests[0].name', stringValue: 'Ada' }, { willContinue: true }),
      partial({ jsonPath: '$.guests[0].age', numberValue: 36 }, { willContinue: true }),
      partial({ jsonPath: "$['late check-in']", boolValue: true }, { willContinue: true }),
      partial({ jsonPath: '$.notes', nullValue: 'NULL_VALUE' }, { willContinue: true }),
      anEvent([aCall({})]),
      aFinish(),
    ],
    expected: {
      calls: [
        'book({"city":"Oslo","guests":[{"name":"Ada","age":36}],"late check-in":true,"notes":null})',
      ],
      end: 'tool-calls',
    },
  },
  {
    name: 'a call field by field that is never closed',
    events: [
      anEvent([aCall({ name: 'book', willContinue: true })]),
      partial(
        { jsonPath: '$.city', stringValue: 'Oslo', willContinue: true },
        { willContinue: true },
      ),
      aFinish(),
    ],
    expected: { calls: ['book({"city":"Oslo"})'], end: 'tool-calls' },
  },
  {
    name: 'a prompt that was blocked, without candidates',
    events: [{ promptFeedback: { blockReason: 'SAFETY' }, usageMetadata: { promptTokenCount: 9 } }],
    expected: { end: 'content-filter' },
  },
  {
    name: 'an answer that was stopped for safety',
    events: [aText('Once'), aFinish('SAFETY')],
    expected: { text: 'Once', end: 'content-filter' },
  },
  {
    name: 'a finish reason in every event, as the first models sent it',
    events: [aText('a', { finishReason: 'STOP' }), aText('b', { finishReason: 'STOP' })],
    expected: { text: 'ab', end: 'stop' },
  },
  {
    name: 'an empty answer: content without parts',
    events: [{ candidates: [{ content: { role: 'model' }, finishReason: 'STOP', index: 0 }] }],
    expected: { text: '', end: 'stop' },
  },
  {
    name: 'no prompt count, but a total',
    events: [
      aText('Hi', { finishReason: 'STOP' }),
      { usageMetadata: { candidatesTokenCount: 2, thoughtsTokenCount: 3, totalTokenCount: 14 } },
    ],
    expected: { inputTokens: 9, outputTokens: 5 },
  },
  {
    name: 'an error in the middle',
    events: [aText('Hi'), { error: { code: 503, message: 'busy', status: 'UNAVAILABLE' } }],
    expected: { text: 'Hi', end: 'overloaded' },
  },
  {
    name: 'an error first, as a list',
    events: ['[{"error":{"code":429,"message":"slow down","status":"RESOURCE_EXHAUSTED"}}]'],
    expected: { end: 'rate-limit' },
  },
  {
    name: 'an end before the end',
    events: [aText('Hi'), aText(' the')],
    expected: { text: 'Hi the', end: 'truncated' },
  },
  {
    name: 'an event that is no JSON',
    events: [aText('Hi'), '{"candidates":[{"con', aFinish()],
    expected: { text: 'Hi', end: 'malformed' },
  },
  {
    name: 'fields, parts and events that nobody knows yet',
    events: [
      { promptFeedback: { safetyRatings: [] } },
      anEvent([{ hologram: 7 }, { text: 'Hi' }], { groundingMetadata: {}, avgLogprobs: -1 }),
      { createTime: 'now' },
      aFinish(),
    ],
    expected: { text: 'Hi', end: 'stop' },
  },
];
