import type { CorpusStream } from '../../support/stream-corpus.ts';
import { aChunk, aFinish } from './support.ts';

const usage = { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 };
const tool = (index: number | undefined, fields: object): object => ({
  tool_calls: [{ ...(index === undefined ? {} : { index }), ...fields }],
});

/** What was seen of Chat Completions at OpenAI and at the servers that speak them, written anew. */
export const CORPUS: readonly CorpusStream[] = [
  {
    name: 'OpenAI: a text, its usage in a chunk of its own',
    events: [
      { ...aChunk({ role: 'assistant', content: '', refusal: null }), obfuscation: 'x9' },
      aChunk({ content: 'Grüße, ' }),
      aChunk({ content: '世界 🌊' }),
      aFinish(),
      { ...aChunk({}), choices: [], usage },
      '[DONE]',
    ],
    expected: { text: 'Grüße, 世界 🌊', end: 'stop', inputTokens: 9, outputTokens: 2 },
  },
  {
    name: 'OpenAI: two calls in parallel, their pieces in turn',
    events: [
      aChunk(tool(0, { id: 'a', type: 'function', function: { name: 'weather', arguments: '' } })),
      aChunk(tool(1, { id: 'b', type: 'function', function: { name: 'time', arguments: '{' } })),
      aChunk(tool(0, { function: { arguments: '{"city":' } })),
      aChunk(tool(1, { function: { arguments: '}' } })),
      aChunk(tool(0, { function: { arguments: '"Oslo"}' } })),
      aFinish('tool_calls'),
      '[DONE]',
    ],
    expected: { calls: ['weather({"city":"Oslo"})', 'time({})'], end: 'tool-calls' },
  },
  {
    name: 'OpenAI: a refusal',
    events: [
      aChunk({ role: 'assistant', content: null, refusal: '' }),
      aChunk({ refusal: 'I can' }),
      aChunk({ refusal: 'not' }),
      aFinish(),
      '[DONE]',
    ],
    expected: { text: 'I cannot', end: 'content-filter' },
  },
  {
    name: 'OpenAI: a body that just ends',
    events: [aChunk({ content: 'Hi' })],
    expected: { text: 'Hi', end: 'truncated' },
  },
  {
    name: 'Azure: a first chunk without choices, and a router that names the model later',
    events: [
      { id: '', model: '', object: '', choices: [], prompt_filter_results: [{ prompt_index: 0 }] },
      { ...aChunk({ role: 'assistant', content: '' }), model: 'gpt-x-2026' },
      aChunk({ content: 'Hi' }, { content_filter_results: { hate: { filtered: false } } }),
      aFinish(),
      '[DONE]',
    ],
    expected: { text: 'Hi', end: 'stop' },
  },
  {
    name: 'Azure: an answer that was filtered',
    events: [aChunk({ content: 'Once' }), aFinish('content_filter'), '[DONE]'],
    expected: { text: 'Once', end: 'content-filter' },
  },
  {
    name: 'Groq: reasoning, a call that comes whole, usage under x_groq',
    events: [
      { ...aChunk({ role: 'assistant', content: null }), x_groq: { id: 'req_1' } },
      aChunk({ reasoning: 'Need the weather', channel: 'analysis' }),
      aChunk(tool(0, { id: 'a', type: 'function', function: { name: 'now', arguments: '{}' } })),
      { ...aFinish('tool_calls'), x_groq: { id: 'req_1', usage } },
      '[DONE]',
    ],
    expected: {
      thinking: 'Need the weather',
      calls: ['now({})'],
      end: 'tool-calls',
      inputTokens: 9,
    },
  },
  {
    name: 'Groq: a tool that could not be used, and then nothing',
    events: [
      aChunk({ content: 'Let me' }),
      [
        'error',
        {
          error: {
            message: 'Failed to call a function',
            type: 'invalid_request_error',
            code: 'tool_use_failed',
            failed_generation: '<function',
            status_code: 400,
          },
        },
      ],
    ],
    expected: { text: 'Let me', end: 'bad-request' },
  },
  {
    name: 'Mistral: content in a list, with the thinking in it',
    events: [
      aChunk({
        role: 'assistant',
        content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'Hm' }] }],
      }),
      aChunk({ content: [{ type: 'text', text: 'Hi' }] }),
      { ...aFinish('model_length'), usage: { ...usage, num_cached_tokens: 4 } },
      '[DONE]',
    ],
    expected: { thinking: 'Hm', text: 'Hi', end: 'length', inputTokens: 9 },
  },
  {
    name: 'DeepSeek: reasoning first, and what the cache gave',
    events: [
      aChunk({ role: 'assistant', content: null, reasoning_content: '' }),
      aChunk({ content: null, reasoning_content: 'Hm' }),
      aChunk({ content: 'Hi', reasoning_content: null }),
      {
        ...aFinish(),
        usage: { ...usage, prompt_cache_hit_tokens: 8, prompt_cache_miss_tokens: 1 },
      },
      '[DONE]',
    ],
    expected: { thinking: 'Hm', text: 'Hi', end: 'stop', inputTokens: 9 },
  },
  {
    name: 'xAI: completion tokens that leave the reasoning out',
    events: [
      aChunk({ reasoning_content: 'Hm' }),
      aChunk({ content: 'Hi' }),
      aFinish(),
      {
        ...aChunk({}),
        choices: [],
        usage: {
          ...usage,
          total_tokens: 41,
          completion_tokens_details: { reasoning_tokens: 30 },
          cost_in_usd_ticks: 5,
        },
      },
      '[DONE]',
    ],
    expected: { thinking: 'Hm', text: 'Hi', outputTokens: 32 },
  },
  {
    name: 'OpenRouter: reasoning with its details, and what the model itself called the end',
    events: [
      aChunk({ reasoning: 'Hm', reasoning_details: [{ type: 'reasoning.text', text: 'Hm' }] }),
      aChunk({ content: 'Hi' }),
      { ...aFinish('stop', { usage: { ...usage, cost: 0.01 } }), native_finish_reason: 'end_turn' },
      '[DONE]',
    ],
    expected: { thinking: 'Hm', text: 'Hi', end: 'stop', outputTokens: 2 },
  },
  {
    name: 'OpenRouter: an error after the chunk that finishes, with choices beside it, and [DONE]',
    events: [
      aChunk({ content: 'Hi' }),
      aFinish(),
      { ...aFinish('error'), error: { code: 502, message: 'Provider returned error' } },
      '[DONE]',
    ],
    expected: { text: 'Hi', end: 'server' },
  },
  {
    name: 'Perplexity: the whole message beside each delta, usage in each chunk, no [DONE]',
    events: [
      {
        ...aChunk({ content: 'Hi' }, { message: { role: 'assistant', content: 'Hi' } }),
        citations: ['https://a.example'],
        usage: { ...usage, completion_tokens: 1 },
      },
      {
        ...aChunk({ content: ' you' }, { message: { role: 'assistant', content: 'Hi you' } }),
        search_results: [],
        usage,
      },
      {
        ...aFinish('stop', { message: { role: 'assistant', content: 'Hi you' } }),
        usage,
      },
    ],
    expected: { text: 'Hi you', end: 'stop', inputTokens: 9, outputTokens: 2 },
  },
  {
    name: 'Together: usage with the last choice',
    events: [aChunk({ content: 'Hi' }), aFinish('stop', { usage }), '[DONE]'],
    expected: { text: 'Hi', inputTokens: 9, outputTokens: 2 },
  },
  {
    name: 'Moonshot, older: usage in the choice',
    events: [aChunk({ content: 'Hi' }), aChunk({}, { finish_reason: 'stop', usage }), '[DONE]'],
    expected: { text: 'Hi', end: 'stop', inputTokens: 9 },
  },
  {
    name: 'Alibaba: pieces of a call with empty ids after the first',
    events: [
      aChunk(tool(0, { id: 'a', function: { name: 'add', arguments: '{"a"' } })),
      aChunk(tool(0, { id: '', function: { name: '', arguments: ':1}' } })),
      aFinish('tool_calls'),
      '[DONE]',
    ],
    expected: { calls: ['add({"a":1})'] },
  },
  {
    name: 'vLLM: reasoning, and an error that is an object of its own',
    events: [
      aChunk({ reasoning_content: 'Hm' }),
      { object: 'error', message: 'out of memory', type: 'InternalServerError', code: 500 },
    ],
    expected: { thinking: 'Hm', end: 'server' },
  },
  {
    name: 'llama.cpp: calls without an index, and timings beside the usage',
    events: [
      aChunk(tool(undefined, { id: 'a', function: { name: 'add', arguments: '{"a"' } })),
      aChunk(tool(undefined, { function: { arguments: ':1}' } })),
      { ...aFinish('tool_calls'), usage, timings: { predicted_per_second: 40 } },
      '[DONE]',
    ],
    expected: { calls: ['add({"a":1})'], end: 'tool-calls', inputTokens: 9 },
  },
  {
    name: 'LM Studio: an error with a name of its own',
    events: [
      aChunk({ content: 'Hi' }),
      ['error', { error: { message: 'The model has crashed without additional information' } }],
    ],
    expected: { text: 'Hi', end: 'server' },
  },
  {
    name: 'GPUStack: no [DONE]',
    events: [aChunk({ content: 'Hi' }), aFinish('stop', { usage })],
    expected: { text: 'Hi', end: 'stop' },
  },
  {
    name: "Ollama's /v1 and Snowflake: no finish reason, and no id",
    events: [
      { ...aChunk({ content: 'Hi' }), id: '', created: 0 },
      { ...aChunk({}), id: '', created: 0, usage },
      '[DONE]',
    ],
    expected: { text: 'Hi', end: 'stop', inputTokens: 9 },
  },
  {
    name: 'Anthropic behind a proxy: calls that start at 1, and a prompt without the cache',
    events: [
      aChunk({ content: 'Looking.' }),
      aChunk(tool(1, { id: 'a', function: { name: 'add', arguments: '' } })),
      aChunk(tool(1, { function: { arguments: '{}' } })),
      {
        ...aFinish('tool_calls'),
        usage: { ...usage, prompt_tokens_details: { cached_tokens: 100 } },
      },
      '[DONE]',
    ],
    expected: { text: 'Looking.', calls: ['add({})'], inputTokens: 109 },
  },
];
