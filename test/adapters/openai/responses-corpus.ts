import type { CorpusStream } from '../../support/stream-corpus.ts';
import {
  aCall,
  aMessage,
  anEvent,
  anItem,
  aThought,
  completed,
  created,
  ended,
} from './responses-support.ts';

/** What was seen of Responses and of the servers that speak them, written anew. */
export const RESPONSES_CORPUS: readonly CorpusStream[] = [
  {
    name: 'a text in pieces, with every event that tells of it',
    events: [
      created(),
      anEvent('in_progress', { response: { id: 'resp_1' } }),
      ...aMessage(0, ['Grüße, ', '世界 🌊']),
      completed(),
    ],
    expected: { text: 'Grüße, 世界 🌊', end: 'stop', inputTokens: 9, outputTokens: 5 },
  },
  {
    name: 'thinking before a text',
    events: [created(), ...aThought(0, 'Thinking about it'), ...aMessage(1, ['Hi']), completed()],
    expected: { thinking: 'Thinking about it', text: 'Hi', end: 'stop' },
  },
  {
    name: 'two calls, one after the other',
    events: [
      created(),
      ...aCall(0),
      ...aCall(1, { name: 'get_time', pieces: ['{}'] }),
      completed(),
    ],
    expected: { calls: ['get_weather({"city":"Oslo"})', 'get_time({})'], end: 'tool-calls' },
  },
  {
    name: 'two calls whose pieces come in turn',
    events: [
      created(),
      ...aCall(0).flatMap((event, at) => [
        event,
        aCall(1, { pieces: ['{"city":', '"Rome"}'] })[at]!,
      ]),
      completed(),
    ],
    expected: { calls: ['get_weather({"city":"Oslo"})', 'get_weather({"city":"Rome"})'] },
  },
  {
    name: 'a call that comes only when it is whole',
    events: [created(), aCall(0).at(-1)!, completed()],
    expected: { calls: ['get_weather({"city":"Oslo"})'], end: 'tool-calls' },
  },
  {
    name: 'a text whose item changes its id with each event, as a proxy does it',
    events: [
      created(),
      anEvent('output_text.delta', { item_id: 'a', output_index: 0, content_index: 0, delta: 'A' }),
      anEvent('output_text.delta', { item_id: 'b', output_index: 0, content_index: 0, delta: 'B' }),
      anEvent('output_text.done', { item_id: 'c', output_index: 0, content_index: 0, text: 'AB' }),
      completed(),
    ],
    expected: { text: 'AB', end: 'stop' },
  },
  {
    name: 'a text without deltas',
    events: [created(), aMessage(0, ['All at once']).at(-1)!, completed()],
    expected: { text: 'All at once' },
  },
  {
    name: 'an answer that is only in the last event',
    events: [
      completed({
        output: [
          { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Hi' }] },
          { type: 'function_call', call_id: 'c', name: 'now', arguments: '' },
        ],
      }),
    ],
    expected: { text: 'Hi', calls: ['now({})'], end: 'tool-calls' },
  },
  {
    name: 'a whole answer that came to a streaming request',
    events: [
      {
        id: 'resp_1',
        object: 'response',
        status: 'completed',
        error: null,
        model: 'gpt-x',
        output: [{ type: 'message', content: [{ type: 'output_text', text: 'Hi' }] }],
        usage: { input_tokens: 3, output_tokens: 1 },
      },
    ],
    expected: { text: 'Hi', end: 'stop', inputTokens: 3, outputTokens: 1 },
  },
  {
    name: 'thoughts themselves, as open models tell them',
    events: [
      created(),
      anItem('added', 0, { id: 'rs', type: 'reasoning', summary: [], content: [] }),
      anEvent('reasoning_text.delta', { output_index: 0, content_index: 0, delta: 'Hm, ' }),
      anEvent('reasoning_text.delta', { output_index: 0, content_index: 0, delta: 'well' }),
      anEvent('reasoning_text.done', { output_index: 0, content_index: 0, text: 'Hm, well' }),
      ...aMessage(1, ['Hi']),
      completed(),
    ],
    expected: { thinking: 'Hm, well', text: 'Hi' },
  },
  {
    name: 'a refusal',
    events: [
      created(),
      anEvent('refusal.delta', { output_index: 0, content_index: 0, delta: 'I can' }),
      anEvent('refusal.delta', { output_index: 0, content_index: 0, delta: 'not' }),
      anEvent('refusal.done', { output_index: 0, content_index: 0, refusal: 'I cannot' }),
      completed(),
    ],
    expected: { text: 'I cannot', end: 'content-filter' },
  },
  {
    name: 'an answer that reached its bound',
    events: [
      created(),
      ...aMessage(0, ['Once upon']),
      ended('incomplete', { incomplete_details: { reason: 'max_output_tokens' } }),
    ],
    expected: { text: 'Once upon', end: 'length' },
  },
  {
    name: 'an answer that was filtered',
    events: [
      created(),
      ...aMessage(0, ['Once']),
      ended('incomplete', { incomplete_details: { reason: 'content_filter' } }),
    ],
    expected: { end: 'content-filter' },
  },
  {
    name: 'an error, told twice',
    events: [
      created(),
      ['error', { type: 'error', error: { code: 'insufficient_quota', message: 'No money' } }],
      ended('failed', { error: { code: 'insufficient_quota', message: 'No money' } }),
    ],
    expected: { end: 'quota' },
  },
  {
    name: 'an error without a frame around it, after text',
    events: [
      created(),
      ...aMessage(0, ['Hi']),
      ['error', { type: 'error', code: 'server_error', message: 'No', param: null }],
    ],
    expected: { text: 'Hi', end: 'server' },
  },
  {
    name: 'an answer that failed',
    events: [created(), ended('failed', { error: { code: 'rate_limit_exceeded', message: 'x' } })],
    expected: { end: 'rate-limit' },
  },
  {
    name: 'a body that just ends',
    events: [created(), ...aMessage(0, ['Hi'])],
    expected: { text: 'Hi', end: 'truncated' },
  },
  {
    name: '[DONE] after the end, as OpenRouter sends it, and before it nothing',
    events: [created(), ...aMessage(0, ['Hi']), completed(), '[DONE]'],
    expected: { text: 'Hi', end: 'stop' },
  },
  {
    name: 'a search that the provider ran, and events that nobody knows',
    events: [
      created(),
      anItem('added', 0, { id: 'ws', type: 'web_search_call', status: 'in_progress' }),
      anEvent('web_search_call.searching', { output_index: 0, item_id: 'ws' }),
      anEvent('something.new', { output_index: 0, delta: 'no text of ours' }),
      anItem('done', 0, { id: 'ws', type: 'web_search_call', status: 'completed' }),
      ...aMessage(1, ['Found it']),
      completed(),
    ],
    expected: { text: 'Found it', end: 'stop' },
  },
];
