import { describe, expect, it } from 'vitest';
import { doneOf, textIn, type WrittenEvent } from '../../support/decoding.ts';
import {
  aCall,
  aMessage,
  anEvent,
  anItem,
  aThought,
  completed,
  created,
  decode,
  ended,
} from './responses-support.ts';

const textDelta = (fields: object): WrittenEvent => anEvent('output_text.delta', fields);
const argumentsDelta = (fields: object): WrittenEvent =>
  anEvent('function_call_arguments.delta', fields);

describe('the text of a response', () => {
  it('comes in pieces, and whole at the end', () => {
    const { chunks } = decode([created(), ...aMessage(0, ['Hi', ' there']), completed()], {
      requestId: 'req_1',
    });

    const usage = { input: { total: 9, cacheRead: 4 }, output: { total: 5, reasoning: 3 } };
    expect(chunks).toEqual([
      { type: 'start', model: 'gpt-x', responseId: 'resp_1', requestId: 'req_1' },
      { type: 'text', index: 0, delta: 'Hi' },
      { type: 'text', index: 0, delta: ' there' },
      { type: 'usage', usage },
      {
        type: 'done',
        finish: { reason: 'stop', raw: 'completed' },
        usage,
        message: { role: 'assistant', content: [{ type: 'text', text: 'Hi there' }] },
        attempts: [],
      },
    ]);
  });

  it('has a part for each text of each message', () => {
    const read = decode([
      textDelta({ output_index: 0, content_index: 0, delta: 'a' }),
      textDelta({ output_index: 0, content_index: 1, delta: 'b' }),
      textDelta({ output_index: 1, content_index: 0, delta: 'c' }),
      textDelta({ output_index: 0, content_index: 0, delta: 'A' }),
      completed(),
    ]);

    expect(doneOf(read).message.content).toEqual([
      { type: 'text', text: 'aA' },
      { type: 'text', text: 'b' },
      { type: 'text', text: 'c' },
    ]);
  });

  it('is what its deltas leave out, too', () => {
    const at = { output_index: 0, content_index: 0 };

    const read = decode([
      created(),
      textDelta({ ...at, delta: 'Hi' }),
      anEvent('output_text.done', { ...at, text: 'Hi there' }),
      completed(),
    ]);

    expect(textIn(read.chunks)).toBe('Hi there');
  });

  it('stays what was handed out, when its end tells another story', () => {
    const at = { output_index: 0, content_index: 0 };

    const read = decode([
      textDelta({ ...at, delta: 'Hi' }),
      anEvent('output_text.done', { ...at, text: 'Hello there' }),
      completed(),
    ]);

    expect(textIn(read.chunks)).toBe('Hi');
    expect(doneOf(read).message.content).toEqual([{ type: 'text', text: 'Hi' }]);
  });

  it('keeps where it is from', () => {
    const annotations = [{ type: 'url_citation', url: 'https://a.example', start_index: 0 }];
    const at = { output_index: 0, content_index: 0 };

    const read = decode([
      textDelta({ ...at, delta: 'Hi' }),
      anEvent('content_part.done', {
        ...at,
        part: { type: 'output_text', text: 'Hi', annotations },
      }),
      completed(),
    ]);

    expect(doneOf(read).message.content).toEqual([
      { type: 'text', text: 'Hi', extra: { openai: { annotations } } },
    ]);
  });

  it('is truncated without an end, also after [DONE]', () => {
    const { chunks, thrown } = decode([created(), ...aMessage(0, ['Hi']), '[DONE]']);

    expect(textIn(chunks)).toBe('Hi');
    expect(thrown).toMatchObject({ kind: 'truncated', retryable: true });
  });

  it('keeps nothing that comes after the end', () => {
    const read = decode([completed(), ...aMessage(0, ['late'])]);

    expect(textIn(read.chunks)).toBe('');
  });

  it('is estimated, and says so, when the server tells no usage', () => {
    const events = [created(), ...aMessage(0, ['eight ch']), completed({ usage: null })];

    expect(doneOf(decode(events, { estimateInput: () => 7 })).usage).toEqual({
      input: { total: 7 },
      output: { total: 2 },
      estimated: true,
    });
  });
});

describe('the thinking of a response', () => {
  it('keeps the item that has to go back, encrypted content and all', () => {
    const { message } = doneOf(decode([created(), ...aThought(0, 'Hm'), completed()]));

    const item = {
      id: 'rs_0',
      type: 'reasoning',
      summary: [{ type: 'summary_text', text: 'Hm' }],
      encrypted_content: 'enc',
    };
    expect(message.content).toEqual([
      { type: 'thinking', text: 'Hm', extra: { openai: { item } } },
    ]);
  });

  it('is kept under the name of the provider that it came from', () => {
    const events = [created(), ...aThought(0, 'Hm'), completed()];

    const { message } = doneOf(decode(events, { provider: 'mine' }));

    expect(message.content[0]).toMatchObject({ extra: { mine: { item: { id: 'rs_0' } } } });
  });

  it('has a paragraph for each of its summaries', () => {
    const summary = (summary_index: number, delta: string): WrittenEvent =>
      anEvent('reasoning_summary_text.delta', { output_index: 0, summary_index, delta });

    const read = decode([summary(0, 'One'), summary(0, '.'), summary(1, 'Two.'), completed()]);

    expect(read.chunks.filter(({ type }) => type === 'thinking')).toEqual([
      { type: 'thinking', index: 0, delta: 'One' },
      { type: 'thinking', index: 0, delta: '.' },
      { type: 'thinking', index: 0, delta: '\n\nTwo.' },
    ]);
    expect(doneOf(read).message.content).toEqual([{ type: 'thinking', text: 'One.\n\nTwo.' }]);
  });

  it('comes whole from servers that send no deltas of it', () => {
    const item = {
      type: 'reasoning',
      summary: [{ type: 'summary_text', text: 'In short.' }],
      content: [{ type: 'reasoning_text', text: 'At length.' }],
    };

    const read = decode([anItem('done', 0, item), completed()]);

    expect(doneOf(read).message.content).toEqual([
      {
        type: 'thinking',
        text: 'In short.\n\nAt length.',
        extra: { openai: { item } },
      },
    ]);
  });

  it('has its place before what it led to, even when it says nothing', () => {
    const item = { id: 'rs', type: 'reasoning', summary: [], encrypted_content: 'enc' };

    const read = decode([
      anItem('added', 0, { ...item, encrypted_content: '' }),
      anItem('done', 0, { ...item, status: 'completed' }),
      ...aCall(1),
      completed(),
    ]);

    expect(doneOf(read).message.content).toMatchObject([
      { type: 'thinking', text: '', extra: { openai: { item } } },
      { type: 'tool-call' },
    ]);
  });
});

describe('the calls of a response', () => {
  it('are handed out at the end, whole, under the id that their output refers to', () => {
    const { chunks } = decode([created(), ...aCall(0), completed()]);

    const call = { id: 'call_0', name: 'get_weather', input: { city: 'Oslo' } };
    expect(chunks.slice(1, 4)).toEqual([
      { type: 'tool-start', index: 0, id: 'call_0', name: 'get_weather' },
      { type: 'tool-delta', index: 0, delta: '{"city":' },
      { type: 'tool-delta', index: 0, delta: '"Oslo"}' },
    ]);
    expect(chunks.at(-2)).toEqual({ type: 'tool', index: 0, call });
  });

  it('are what the end of their arguments says, whatever came before', () => {
    const read = decode([
      aCall(0)[0]!,
      argumentsDelta({ output_index: 0, delta: '{"city":"O' }),
      anEvent('function_call_arguments.done', { output_index: 0, arguments: '{"city":"Rome"}' }),
      completed(),
    ]);

    expect(doneOf(read).message.content).toMatchObject([{ call: { input: { city: 'Rome' } } }]);
  });

  it('begin for the reader with their name, when their pieces come first', () => {
    const { chunks } = decode([
      argumentsDelta({ output_index: 0, delta: '{"city":' }),
      ...aCall(0, { pieces: ['"Oslo"}'] }).slice(0, 2),
      completed(),
    ]);

    expect(chunks.slice(1, 4)).toEqual([
      { type: 'tool-start', index: 0, id: 'call_0', name: 'get_weather' },
      { type: 'tool-delta', index: 0, delta: '{"city":' },
      { type: 'tool-delta', index: 0, delta: '"Oslo"}' },
    ]);
  });

  it('in one place are still two when their ids are', () => {
    const read = decode([
      ...aCall(0, { callId: 'a' }),
      ...aCall(0, { callId: 'b', pieces: ['{}'] }),
      completed(),
    ]);

    expect(doneOf(read).message.content).toMatchObject([
      { call: { id: 'a', input: { city: 'Oslo' } } },
      { call: { id: 'b', input: {} } },
    ]);
  });

  it('without an id of a call have that of their item, or one of their own', () => {
    const item = { type: 'function_call', name: 'now', arguments: '' };

    const read = decode([
      created(),
      anItem('done', 0, { ...item, id: 'fc_1' }),
      anItem('done', 1, item),
      completed(),
    ]);

    expect(doneOf(read).message.content).toMatchObject([
      { call: { id: 'fc_1' } },
      { call: { id: 'call_resp_1_1' } },
    ]);
  });

  it('with arguments that are no JSON say so', () => {
    const read = decode([...aCall(0, { pieces: ['{"city": Oslo'] }), completed()]);

    expect(doneOf(read).message.content).toMatchObject([
      { call: { input: '{"city": Oslo', inputError: 'The arguments are no valid JSON' } },
    ]);
  });

  it('that were cut off say so, even where what came is JSON', () => {
    const [begun] = aCall(0);

    const read = decode([
      begun!,
      argumentsDelta({ output_index: 0, delta: '1' }),
      ended('incomplete', { incomplete_details: { reason: 'max_output_tokens' } }),
    ]);

    expect(doneOf(read).finish.reason).toBe('length');
    expect(doneOf(read).message.content).toMatchObject([
      { call: { input: '1', inputError: 'The answer ended before the input was complete' } },
    ]);
  });

  it('of custom tools have plain text for their input, and remember what they are', () => {
    const item = { type: 'custom_tool_call', call_id: 'c', name: 'patch' };

    const read = decode([
      anItem('added', 0, { ...item, input: '' }),
      anEvent('custom_tool_call_input.delta', { output_index: 0, delta: '{not ' }),
      anEvent('custom_tool_call_input.done', { output_index: 0, input: '{not json' }),
      anItem('done', 0, { ...item, input: '{not json' }),
      completed(),
    ]);

    expect(doneOf(read).message.content).toEqual([
      {
        type: 'tool-call',
        call: { id: 'c', name: 'patch', input: '{not json' },
        extra: { openai: { type: 'custom_tool_call' } },
      },
    ]);
  });

  it('without a name are malformed, and none is handed out', () => {
    const { chunks, thrown } = decode([
      ...aCall(0),
      argumentsDelta({ output_index: 1, delta: '{}' }),
      completed(),
    ]);

    expect(thrown).toMatchObject({ kind: 'malformed' });
    expect(chunks.some(({ type }) => type === 'tool')).toBe(false);
  });

  it('of a megabyte take linear time', () => {
    const pieces = Array.from({ length: 65_536 }, () => 'sixteen letters.');
    const events = aCall(0, { pieces: ['"', ...pieces, '"'] });

    const startedAt = performance.now();
    const read = decode([...events, completed()]);

    expect(doneOf(read).message.content).toMatchObject([{ call: { input: pieces.join('') } }]);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });
});

describe('what the provider ran by itself', () => {
  it('is a part, as it came, in its place', () => {
    const item = { id: 'ws', type: 'web_search_call', status: 'completed', action: { query: 'x' } };

    const read = decode([
      anItem('added', 0, { id: 'ws', type: 'web_search_call', status: 'in_progress' }),
      anItem('done', 0, item),
      ...aMessage(1, ['Hi']),
      completed(),
    ]);

    const part = { type: 'provider', kind: 'web_search_call', extra: { openai: { item } } };
    expect(read.chunks).toContainEqual({ type: 'part', index: 0, part });
    expect(doneOf(read).message.content).toEqual([part, { type: 'text', text: 'Hi' }]);
  });
});

describe('an error of a response', () => {
  it('tells the code and the words of the provider, once', () => {
    const error = { type: 'insufficient_quota', code: 'insufficient_quota', message: 'No money' };

    const { thrown } = decode([created(), ['error', { type: 'error', error }]]);

    expect(thrown).toMatchObject({ kind: 'quota', providerCode: 'insufficient_quota' });
    expect(String(thrown)).toContain('No money');
  });

  it.each([
    ['server_error', 'server'],
    ['rate_limit_exceeded', 'rate-limit'],
    ['invalid_prompt', 'bad-request'],
    ['context_length_exceeded', 'context-length'],
    ['server_is_overloaded', 'overloaded'],
    ['slow_down', 'overloaded'],
    ['invalid_image_format', 'bad-request'],
    ['image_too_large', 'bad-request'],
    ['vector_store_timeout', 'server'],
  ])('of the code %s is %s', (code, kind) => {
    const failed = ended('failed', { error: { code, message: 'x' } });

    expect(decode([created(), failed]).thrown).toMatchObject({ kind, providerCode: code });
  });

  it('keeps what it cost', () => {
    const failed = ended('failed', { error: { code: 'server_error', message: 'x' } });

    const { chunks } = decode([created(), failed]);

    expect(chunks.at(-1)).toMatchObject({ type: 'usage', usage: { input: { total: 9 } } });
  });

  it('without a word is one all the same', () => {
    expect(decode([ended('failed', { error: null })]).thrown).toMatchObject({ kind: 'server' });
    expect(decode([['error', {}]]).thrown).toMatchObject({ kind: 'server' });
  });

  it.each(['{"type":', '[1]', '42'])('that is %s is malformed', (data) => {
    expect(decode([data]).thrown).toMatchObject({ kind: 'malformed' });
  });

  it.each(['cancelled', 'queued', 'in_progress'])('is truncated for one that is %s', (status) => {
    const whole = { id: 'r', object: 'response', status, output: [] };

    expect(decode([whole]).thrown).toMatchObject({ kind: 'truncated' });
  });
});
