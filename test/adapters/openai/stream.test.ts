import { ProviderError } from '@sluice/core';
import { describe, expect, it } from 'vitest';
import { aChunk, aFinish, decode, doneOf, textIn } from './support.ts';

const call = (index: number | undefined, more: object): object =>
  aChunk({ tool_calls: [{ ...(index === undefined ? {} : { index }), ...more }] });

describe('the text of an answer', () => {
  it('comes in pieces, and whole at the end', () => {
    const read = decode([
      aChunk({ role: 'assistant', content: '', refusal: null }),
      aChunk({ content: 'Hi' }),
      aChunk({ content: ' there' }),
      aFinish('stop'),
      { choices: [], usage: { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 } },
      '[DONE]',
    ]);

    expect(read.chunks).toEqual([
      { type: 'start', model: 'gpt-x', responseId: 'c1' },
      { type: 'text', index: 0, delta: 'Hi' },
      { type: 'text', index: 0, delta: ' there' },
      { type: 'usage', usage: { input: { total: 9 }, output: { total: 2 } } },
      {
        type: 'done',
        finish: { reason: 'stop', raw: 'stop' },
        usage: { input: { total: 9 }, output: { total: 2 } },
        message: { role: 'assistant', content: [{ type: 'text', text: 'Hi there' }] },
        attempts: [],
      },
    ]);
  });

  it('is whole without [DONE], as GPUStack leaves it out', () => {
    const read = decode([aChunk({ content: 'Hi' }), aFinish('stop')]);

    expect(doneOf(read).finish).toEqual({ reason: 'stop', raw: 'stop' });
  });

  it('is whole without a finish reason, as Snowflake sends none', () => {
    const read = decode([aChunk({ content: 'Hi' }), '[DONE]']);

    expect(doneOf(read).finish).toEqual({ reason: 'stop' });
  });

  it('is truncated without either', () => {
    const { chunks, thrown } = decode([aChunk({ content: 'Hi' })]);

    expect(textIn(chunks)).toBe('Hi');
    expect(thrown).toMatchObject({ kind: 'truncated', code: 'PROVIDER_TRUNCATED' });
    expect(thrown).toMatchObject({ retryable: true });
  });

  it('is truncated when nothing came at all', () => {
    expect(decode([]).thrown).toMatchObject({ kind: 'truncated' });
  });

  it('keeps nothing that comes after [DONE]', () => {
    const read = decode([aChunk({ content: 'Hi' }), '[DONE]', aChunk({ content: ' again' })]);

    expect(textIn(read.chunks)).toBe('Hi');
  });

  it('is that of the first choice alone', () => {
    const other = { index: 1, delta: { content: 'no' }, finish_reason: null };
    const mixed = { ...aChunk({}), choices: [other, { index: 0, delta: { content: 'yes' } }] };

    expect(textIn(decode([mixed, aFinish()]).chunks)).toBe('yes');
  });

  it('may be a list of parts, with the thinking in it, as Mistral sends it', () => {
    const content = [
      { type: 'thinking', thinking: [{ type: 'text', text: 'Hm' }] },
      { type: 'text', text: 'Hi' },
    ];

    const { message } = doneOf(decode([aChunk({ content }), aFinish('model_length'), '[DONE]']));

    expect(message.content).toEqual([
      { type: 'thinking', text: 'Hm' },
      { type: 'text', text: 'Hi' },
    ]);
  });

  it('may be a refusal, which is a filtered answer', () => {
    const read = decode([aChunk({ refusal: 'I can' }), aChunk({ refusal: 'not' }), aFinish()]);

    expect(textIn(read.chunks)).toBe('I cannot');
    expect(doneOf(read).finish.reason).toBe('content-filter');
  });

  it('starts with the first event that has a choice, as Azure sends one without before it', () => {
    const filter = { id: '', model: '', choices: [], prompt_filter_results: [{}] };

    const { chunks } = decode([filter, aChunk({ content: 'Hi' }), aFinish()]);

    expect(chunks[0]).toEqual({ type: 'start', model: 'gpt-x', responseId: 'c1' });
  });

  it('is found in a whole answer that came to a streaming request', () => {
    const read = decode([
      {
        id: 'c9',
        model: 'gpt-x',
        choices: [
          { index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'length' },
        ],
        usage: { prompt_tokens: 3, completion_tokens: 1 },
      },
    ]);

    expect(doneOf(read)).toMatchObject({
      finish: { reason: 'length' },
      usage: { input: { total: 3 } },
    });
  });
});

describe('thinking', () => {
  it.each(['reasoning_content', 'reasoning'])('comes as %s, and remembers so', (field) => {
    const read = decode([
      aChunk({ [field]: 'Let me', content: null }),
      aChunk({ [field]: ' see' }),
      aChunk({ content: 'Hi' }),
      aFinish(),
    ]);

    expect(read.chunks[1]).toEqual({ type: 'thinking', index: 0, delta: 'Let me' });
    expect(doneOf(read).message.content).toEqual([
      { type: 'thinking', text: 'Let me see', extra: { openai: { field } } },
      { type: 'text', text: 'Hi' },
    ]);
  });

  it('keeps the details that OpenRouter wants back', () => {
    const details = [{ type: 'reasoning.encrypted', data: 'abc', index: 0 }];

    const read = decode([aChunk({ reasoning: 'Hm', reasoning_details: details }), aFinish()]);

    expect(doneOf(read).message.content[0]).toMatchObject({
      extra: { openai: { field: 'reasoning', details } },
    });
  });
});

describe('encrypted thinking', () => {
  it('has no text, and its details are kept all the same', () => {
    const details = [{ type: 'reasoning.encrypted', data: 'abc' }];

    const read = decode([aChunk({ reasoning_details: details, content: 'Hi' }), aFinish()]);

    expect(doneOf(read).message.content).toEqual([
      { type: 'thinking', text: '', extra: { openai: { details } } },
      { type: 'text', text: 'Hi' },
    ]);
  });
});

describe('tool calls', () => {
  it('are put together from interleaved pieces', () => {
    const read = decode([
      call(0, { id: 'a', type: 'function', function: { name: 'weather', arguments: '' } }),
      call(1, { id: 'b', type: 'function', function: { name: 'time', arguments: '{"at"' } }),
      call(0, { function: { arguments: '{"city":' } }),
      call(1, { function: { arguments: ':1}' } }),
      call(0, { function: { arguments: '"Oslo"}' } }),
      aFinish('tool_calls'),
      '[DONE]',
    ]);

    const tools = read.chunks.filter(({ type }) => type === 'tool');
    expect(tools).toEqual([
      { type: 'tool', index: 0, call: { id: 'a', name: 'weather', input: { city: 'Oslo' } } },
      { type: 'tool', index: 1, call: { id: 'b', name: 'time', input: { at: 1 } } },
    ]);
    expect(doneOf(read).finish).toEqual({ reason: 'tool-calls', raw: 'tool_calls' });
  });

  it('are handed out only at the end, since a part of their arguments can be valid already', () => {
    const { chunks } = decode([
      call(0, { id: 'a', function: { name: 'add', arguments: '1' } }),
      call(0, { function: { arguments: '2' } }),
    ]);

    expect(chunks.map(({ type }) => type)).toEqual([
      'start',
      'tool-start',
      'tool-delta',
      'tool-delta',
    ]);
  });

  it('without arguments have an empty input', () => {
    const read = decode([call(0, { id: 'a', function: { name: 'now' } }), aFinish('tool_calls')]);

    expect(doneOf(read).message.content).toEqual([
      { type: 'tool-call', call: { id: 'a', name: 'now', input: {} } },
    ]);
  });

  it('with arguments that are no JSON say so, and keep the text beside them', () => {
    const read = decode([
      aChunk({ content: 'Looking.' }),
      call(0, { id: 'a', function: { name: 'find', arguments: '{"q": Oslo' } }),
      aFinish('tool_calls'),
    ]);

    expect(textIn(read.chunks)).toBe('Looking.');
    expect(doneOf(read).message.content[1]).toEqual({
      type: 'tool-call',
      call: {
        id: 'a',
        name: 'find',
        input: '{"q": Oslo',
        inputError: 'The arguments are no valid JSON',
      },
    });
  });

  it.each([
    ['an index that starts at 1', [1, 1] as const, ['a', undefined] as const],
    ['no index at all', [undefined, undefined] as const, ['a', undefined] as const],
    ['an empty id after the first piece', [0, 0] as const, ['a', ''] as const],
    ['the id in each piece', [0, 0] as const, ['a', 'a'] as const],
    ['the id in each piece and no index', [undefined, undefined] as const, ['a', 'a'] as const],
  ])('hold together with %s', (_, [first, second], [id, nextId]) => {
    const read = decode([
      call(first, { id, function: { name: 'add', arguments: '{"a"' } }),
      call(second, { id: nextId, function: { arguments: ':1}' } }),
      aFinish('tool_calls'),
    ]);

    expect(doneOf(read).message.content).toEqual([
      { type: 'tool-call', call: { id: 'a', name: 'add', input: { a: 1 } } },
    ]);
  });

  it('that come whole under one index are still two', () => {
    const read = decode([
      call(0, { id: 'a', function: { name: 'add', arguments: '{}' } }),
      call(0, { id: 'b', function: { name: 'sub', arguments: '{}' } }),
      aFinish('stop'),
    ]);

    const { message, finish } = doneOf(read);
    expect(message.content).toMatchObject([{ call: { id: 'a' } }, { call: { id: 'b' } }]);
    expect(finish.reason).toBe('tool-calls');
  });

  it('are told apart by their ids where there is no index', () => {
    const read = decode([
      call(undefined, { id: 'a', function: { name: 'add', arguments: '{"a"' } }),
      call(undefined, { id: 'b', function: { name: 'sub', arguments: '{"b"' } }),
      call(undefined, { id: 'a', function: { arguments: ':1}' } }),
      call(undefined, { id: 'b', function: { arguments: ':2}' } }),
      aFinish('tool_calls'),
    ]);

    expect(doneOf(read).message.content).toMatchObject([
      { call: { id: 'a', input: { a: 1 } } },
      { call: { id: 'b', input: { b: 2 } } },
    ]);
  });

  it('without ids get one that is unique in its conversation', () => {
    const read = decode([
      call(undefined, { function: { name: 'add', arguments: '{}' } }),
      call(undefined, { function: { name: 'sub', arguments: '{}' } }),
      aFinish('tool_calls'),
    ]);

    expect(doneOf(read).message.content).toMatchObject([
      { call: { id: 'call_c1_0', name: 'add' } },
      { call: { id: 'call_c1_1', name: 'sub' } },
    ]);
  });

  it('may have arguments that the server parsed already', () => {
    const read = decode([
      call(0, { id: 'a', function: { name: 'add', arguments: { a: 1 } } }),
      aFinish('tool_calls'),
    ]);

    expect(doneOf(read).message.content).toMatchObject([{ call: { input: { a: 1 } } }]);
  });

  it('without a name are malformed, and none is handed out', () => {
    const { chunks, thrown } = decode([
      call(0, { id: 'a', function: { name: 'add', arguments: '{}' } }),
      call(1, { id: 'b', function: { arguments: '{}' } }),
      aFinish('tool_calls'),
    ]);

    expect(thrown).toMatchObject({ kind: 'malformed' });
    expect(chunks.some(({ type }) => type === 'tool')).toBe(false);
  });

  it('with a __proto__ in their input change no prototype', () => {
    const args = '{"__proto__":{"polluted":true}}';

    decode([call(0, { id: 'a', function: { name: 'x', arguments: args } }), aFinish('tool_calls')]);

    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('nested without end are not parsed', () => {
    const args = '['.repeat(10_000) + ']'.repeat(10_000);

    const read = decode([
      call(0, { id: 'a', function: { name: 'x', arguments: args } }),
      aFinish('tool_calls'),
    ]);

    expect(doneOf(read).message.content).toMatchObject([
      { call: { inputError: expect.any(String) as unknown } },
    ]);
  });
});

describe('usage', () => {
  const usage = { prompt_tokens: 10, completion_tokens: 4, total_tokens: 14 };
  const told = { input: { total: 10 }, output: { total: 4 } };

  it.each([
    ['beside the finish reason', aFinish('stop', { usage })],
    ['under x_groq', aFinish('stop', { x_groq: { usage } })],
    ['in the choice', aChunk({}, { finish_reason: 'stop', usage })],
  ])('is found %s', (_, finish) => {
    expect(doneOf(decode([aChunk({ content: 'Hi' }), finish])).usage).toEqual(told);
  });

  it('is the last one where every event has it', () => {
    const first = { ...aChunk({ content: 'Hi' }), usage: { ...usage, completion_tokens: 1 } };

    const read = decode([first, aFinish('stop', { usage })]);

    expect(doneOf(read).usage).toEqual(told);
  });

  it('is handed on when it changes, and only then', () => {
    const first = { ...aChunk({ content: 'Hi' }), usage: { ...usage, completion_tokens: 1 } };

    const { chunks } = decode([first, first, aFinish('stop', { usage }), { choices: [], usage }]);

    expect(chunks.filter(({ type }) => type === 'usage')).toHaveLength(2);
  });

  it('tells what was cached and what was reasoning', () => {
    const details = {
      ...usage,
      prompt_tokens_details: { cached_tokens: 6 },
      completion_tokens_details: { reasoning_tokens: 3 },
    };

    expect(doneOf(decode([aFinish('stop', { usage: details })])).usage).toEqual({
      input: { total: 10, cacheRead: 6 },
      output: { total: 4, reasoning: 3 },
    });
  });

  it.each([
    ['OpenAI', { prompt_tokens_details: { cached_tokens: 6 } }],
    ['DeepSeek', { prompt_cache_hit_tokens: 6, prompt_cache_miss_tokens: 4 }],
    ['Mistral', { num_cached_tokens: 6 }],
  ])('tells what was cached, as %s names it', (_, cached) => {
    const read = decode([aFinish('stop', { usage: { ...usage, ...cached } })]);

    expect(doneOf(read).usage.input).toEqual({ total: 10, cacheRead: 6 });
  });

  it('adds the reasoning that xAI leaves out, when the sum says so', () => {
    const xai = {
      ...usage,
      total_tokens: 44,
      completion_tokens_details: { reasoning_tokens: 30 },
    };

    expect(doneOf(decode([aFinish('stop', { usage: xai })])).usage.output).toEqual({
      total: 34,
      reasoning: 30,
    });
  });

  it('adds the cache that a proxy leaves out of the prompt', () => {
    const proxy = { ...usage, prompt_tokens_details: { cached_tokens: 100 } };

    expect(doneOf(decode([aFinish('stop', { usage: proxy })])).usage.input.total).toBe(110);
  });

  it('is estimated, and says so, when the server does not tell', () => {
    const read = decode([aChunk({ content: 'eight ch' }), aFinish()], { estimateInput: () => 7 });

    expect(doneOf(read).usage).toEqual({
      input: { total: 7 },
      output: { total: 2 },
      estimated: true,
    });
  });

  it('believes no number that cannot be one', () => {
    const wrong = { prompt_tokens: -1, completion_tokens: 'many', total_tokens: null };

    expect(doneOf(decode([aFinish('stop', { usage: wrong })])).usage).toEqual({
      input: { total: 0 },
      output: { total: 0 },
    });
  });
});

describe('an error in the stream', () => {
  const error = { message: 'The server had an error', type: 'server_error', code: null };

  it.each([
    ['first', [{ error }], 'server'],
    ['after text', [aChunk({ content: 'Hi' }), { error }], 'server'],
    ['in a chunk with choices', [{ ...aChunk({ content: 'Hi' }), error }], 'server'],
    ['after the finish reason', [aFinish(), { error: { ...error, code: 400 } }], 'bad-request'],
    ['as vLLM writes it', [{ object: 'error', message: 'no', code: 429 }], 'rate-limit'],
    ['as a bare text', [{ error: 'overloaded' }], 'server'],
    ['about money', [{ error: { ...error, code: 'insufficient_quota' } }], 'quota'],
    ['about too much', [{ error: { ...error, code: 'rate_limit_exceeded' } }], 'rate-limit'],
    [
      'as Groq writes it',
      [{ error: { message: 'x', code: 'tool_use_failed', status_code: 400 } }],
      'bad-request',
    ],
    [
      'about the length',
      [{ error: { message: "This model's maximum context length is 8192 tokens" } }],
      'context-length',
    ],
  ])('is thrown when it comes %s', (_, events, kind) => {
    const { thrown } = decode(events);

    expect(ProviderError.is(thrown)).toBe(true);
    expect(thrown).toMatchObject({ kind });
  });

  it.each([
    ['no JSON', '{"id":'],
    ['no object', '[1]'],
    ['a number', '42'],
    ['nested without end', `{"a":${'['.repeat(1_000)}${']'.repeat(1_000)}}`],
  ])('that is %s is malformed', (_, data) => {
    expect(decode([data]).thrown).toMatchObject({ kind: 'malformed' });
  });

  it('of an unknown kind is left alone when it says nothing', () => {
    const read = decode([{ type: 'keepalive' }, aChunk({ content: 'Hi' }), aFinish()]);

    expect(textIn(read.chunks)).toBe('Hi');
  });
});
