import type { CorpusStream } from '../../support/stream-corpus.ts';
import { aDone, aLine, aText } from './support.ts';

const aCall = (name: string, args: unknown, more: object = {}): object => ({
  function: { name, arguments: args },
  ...more,
});

/** Streams as Ollama sends them, each for one thing that is easy to get wrong. */
export const CORPUS: readonly CorpusStream[] = [
  {
    name: 'text, and the usage in the last line',
    events: [aText('Hi'), aText(' there'), aDone()],
    expected: { text: 'Hi there', end: 'stop', inputTokens: 9, outputTokens: 2 },
  },
  {
    name: 'text of many bytes a character',
    events: [
      aText('Schleuse 🌊 öffnet \u{1F469}\u200D\u{1F680}'),
      aText('\u{2028}後\n\r\n'),
      aDone(),
    ],
    expected: { text: 'Schleuse 🌊 öffnet \u{1F469}\u200D\u{1F680}\u{2028}後\n\r\n', end: 'stop' },
  },
  {
    name: 'thinking, then text',
    events: [aLine({ thinking: 'Hm' }), aLine({ thinking: ', well' }), aText('Hi'), aDone()],
    expected: { thinking: 'Hm, well', text: 'Hi', end: 'stop' },
  },
  {
    name: 'a call whole, without an id, with stop',
    events: [aLine({ tool_calls: [aCall('weather', { city: 'Oslo' })] }), aDone()],
    expected: { calls: ['weather({"city":"Oslo"})'], end: 'tool-calls' },
  },
  {
    name: 'two calls in one line, and a third after it, with ids',
    events: [
      aText('Let me see.'),
      aLine({
        tool_calls: [aCall('a', { x: 1 }, { id: 'call_a' }), aCall('b', {}, { id: 'call_b' })],
      }),
      aLine({ tool_calls: [aCall('a', { x: 2 }, { id: 'call_c' })] }),
      aDone(),
    ],
    expected: { text: 'Let me see.', calls: ['a({"x":1})', 'b({})', 'a({"x":2})'] },
  },
  {
    name: 'a call whose arguments are text, as proxies send it',
    events: [aLine({ tool_calls: [aCall('a', '{"x":1}'), aCall('b', '')] }), aDone()],
    expected: { calls: ['a({"x":1})', 'b({})'] },
  },
  {
    name: 'a call whose arguments are no JSON',
    events: [aText('So:'), aLine({ tool_calls: [aCall('a', '{"x":')] }), aDone()],
    expected: { text: 'So:', calls: ['a("{\\"x\\":")'], end: 'tool-calls' },
  },
  {
    name: 'the end at the limit of tokens',
    events: [aText('Hi'), aDone({ done_reason: 'length' })],
    expected: { end: 'length' },
  },
  {
    name: 'an old server, which gives no reason',
    events: [aText('Hi'), aDone({ done_reason: undefined })],
    expected: { text: 'Hi', end: 'stop' },
  },
  {
    name: 'a model that was loaded and asked nothing',
    events: [aDone({ done_reason: 'load', prompt_eval_count: undefined, eval_count: undefined })],
    expected: { text: '', end: 'other' },
  },
  {
    name: 'a prompt that was cached, and is not counted',
    events: [aText('Hi'), aDone({ prompt_eval_count: undefined })],
    expected: { end: 'stop', outputTokens: 2 },
  },
  {
    name: 'an error first',
    events: [{ error: "model 'x' not found" }],
    expected: { end: 'server' },
  },
  {
    name: 'an error in the middle',
    events: [aText('Hi'), { error: 'model runner has unexpectedly stopped' }],
    expected: { text: 'Hi', end: 'server' },
  },
  {
    name: 'an end before the end',
    events: [aText('Hi'), aText(' the')],
    expected: { text: 'Hi the', end: 'truncated' },
  },
  {
    name: 'a line that is no JSON',
    events: [aText('Hi'), '{"model":"', aDone()],
    expected: { text: 'Hi', end: 'malformed' },
  },
  {
    name: 'everything in one line',
    events: [aDone({ message: { role: 'assistant', content: 'Hi there' } })],
    expected: { text: 'Hi there', end: 'stop' },
  },
  {
    name: 'fields that nobody knows yet',
    events: [aLine({ content: 'Hi', mood: 7 }, { logprobs: [] }), { model: 'llama-x' }, aDone()],
    expected: { text: 'Hi', end: 'stop' },
  },
];
