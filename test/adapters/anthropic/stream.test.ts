import { describe, expect, it } from 'vitest';
import { doneOf, textIn } from '../../support/decoding.ts';
import { aBlock, aCall, aStart, aText, anEnd, decode } from './support.ts';

describe('the text of an answer', () => {
  it('comes in pieces, and whole at the end', () => {
    const read = decode([
      aStart({ input_tokens: 9, output_tokens: 1 }),
      ...aText(0, 'Hi', ' there'),
      ...anEnd('end_turn', { output_tokens: 2 }),
    ]);

    expect(read.chunks).toEqual([
      { type: 'start', model: 'claude-x', responseId: 'msg_1' },
      { type: 'usage', usage: { input: { total: 9 }, output: { total: 1 } } },
      { type: 'text', index: 0, delta: 'Hi' },
      { type: 'text', index: 0, delta: ' there' },
      { type: 'usage', usage: { input: { total: 9 }, output: { total: 2 } } },
      {
        type: 'done',
        finish: { reason: 'stop', raw: 'end_turn' },
        usage: { input: { total: 9 }, output: { total: 2 } },
        message: { role: 'assistant', content: [{ type: 'text', text: 'Hi there' }] },
        attempts: [],
      },
    ]);
  });

  it('is truncated without message_stop, with what had come handed out', () => {
    const { chunks, thrown } = decode([aStart(), ...aText(0, 'Hi'), anEnd()[0] as object]);

    expect(textIn(chunks)).toBe('Hi');
    expect(thrown).toMatchObject({ kind: 'truncated', retryable: true });
  });

  it('is truncated when nothing came at all', () => {
    expect(decode([]).thrown).toMatchObject({ kind: 'truncated' });
  });

  it('keeps nothing that comes after message_stop', () => {
    const read = decode([aStart(), ...aText(0, 'Hi'), ...anEnd(), ...aText(1, ' again')]);

    expect(textIn(read.chunks)).toBe('Hi');
  });

  it('may come in several blocks, each a part of its own', () => {
    const read = decode([aStart(), ...aText(0, 'One'), ...aText(1, 'Two'), ...anEnd()]);

    expect(doneOf(read).message.content).toEqual([
      { type: 'text', text: 'One' },
      { type: 'text', text: 'Two' },
    ]);
  });

  it('that is empty takes no place in the message', () => {
    const read = decode([aStart(), ...aText(0), ...aText(1, 'Hi'), ...anEnd()]);

    expect(read.chunks).toContainEqual({ type: 'text', index: 0, delta: 'Hi' });
    expect(doneOf(read).message.content).toEqual([{ type: 'text', text: 'Hi' }]);
  });

  it('may begin with its block, as some proxies send it whole', () => {
    const read = decode([aStart(), ...aBlock(0, { type: 'text', text: 'Hi' }), ...anEnd()]);

    expect(textIn(read.chunks)).toBe('Hi');
  });

  it('needs no beginning of its block, as some proxies leave it out', () => {
    const delta = { type: 'text_delta', text: 'Hi' };

    const read = decode([{ type: 'content_block_delta', index: 0, delta }, ...anEnd()]);

    expect(read.chunks[0]).toEqual({ type: 'start' });
    expect(textIn(read.chunks)).toBe('Hi');
  });

  it('keeps its citations, which go back with it', () => {
    const citation = { type: 'page_location', cited_text: 'x', document_index: 0 };
    const events = aBlock(
      0,
      { type: 'text', text: '' },
      { type: 'text_delta', text: 'Hi' },
      { type: 'citations_delta', citation },
    );

    const { message } = doneOf(decode([aStart(), ...events, ...anEnd()]));

    expect(message.content).toEqual([
      { type: 'text', text: 'Hi', extra: { anthropic: { citations: [citation] } } },
    ]);
  });

  it('is found in a whole answer that came to a streaming request', () => {
    const whole = {
      id: 'msg_9',
      type: 'message',
      model: 'claude-x',
      content: [
        { type: 'text', text: 'Hi' },
        { type: 'tool_use', id: 'a', name: 'add', input: { x: 1 } },
      ],
      stop_reason: 'max_tokens',
      usage: { input_tokens: 3, output_tokens: 1 },
    };

    const read = decode([whole]);

    expect(textIn(read.chunks)).toBe('Hi');
    expect(doneOf(read)).toMatchObject({
      finish: { reason: 'length' },
      usage: { input: { total: 3 } },
      message: { content: [{ text: 'Hi' }, { call: { id: 'a', name: 'add', input: { x: 1 } } }] },
    });
  });

  it('survives pings, comments of the wire and events of a later version', () => {
    const read = decode([
      ['ping', { type: 'ping' }],
      aStart(),
      { type: 'ping' },
      { type: 'something_new', index: 0, delta: { text: 'no' } },
      {},
      '   ',
      ...aText(0, 'Hi'),
      ...anEnd(),
    ]);

    expect(textIn(read.chunks)).toBe('Hi');
  });

  it('may have spaces before the end of its data', () => {
    const padded = JSON.stringify(aStart()).replace(/}}$/, '}}   ');

    expect(textIn(decode([`${padded}  `, ...aText(0, 'Hi'), ...anEnd()]).chunks)).toBe('Hi');
  });
});

describe('thinking', () => {
  const thought = aBlock(
    0,
    { type: 'thinking', thinking: '', signature: '' },
    { type: 'thinking_delta', thinking: 'Let me' },
    { type: 'thinking_delta', thinking: ' see' },
    { type: 'signature_delta', signature: 'EqQB' },
  );

  it('comes before the text, with the signature that goes back unchanged', () => {
    const read = decode([aStart(), ...thought, ...aText(1, 'Hi'), ...anEnd()]);

    expect(read.chunks[2]).toEqual({ type: 'thinking', index: 0, delta: 'Let me' });
    expect(doneOf(read).message.content).toEqual([
      { type: 'thinking', text: 'Let me see', extra: { anthropic: { signature: 'EqQB' } } },
      { type: 'text', text: 'Hi' },
    ]);
  });

  it('keeps its signature under the name of the provider it came from', () => {
    const read = decode([aStart(), ...thought, ...anEnd()], { provider: 'claude-eu' });

    expect(doneOf(read).message.content[0]).toMatchObject({
      extra: { 'claude-eu': { signature: 'EqQB' } },
    });
  });

  it('that is not shown has a signature all the same', () => {
    const hidden = aBlock(
      0,
      { type: 'thinking', thinking: '' },
      { type: 'signature_delta', signature: 'S' },
    );

    const { message } = doneOf(decode([aStart(), ...hidden, ...aText(1, 'Hi'), ...anEnd()]));

    expect(message.content[0]).toEqual({
      type: 'thinking',
      text: '',
      extra: { anthropic: { signature: 'S' } },
    });
  });

  it('that only the provider can read is a part, kept as it came', () => {
    const redacted = { type: 'redacted_thinking', data: 'EmwK' };

    const read = decode([aStart(), ...aBlock(0, redacted), ...aText(1, 'Hi'), ...anEnd()]);

    const part = { type: 'thinking', text: '', extra: { anthropic: redacted } };
    expect(read.chunks).toContainEqual({ type: 'part', index: 0, part });
    expect(doneOf(read).message.content[0]).toEqual(part);
  });
});

describe('tool calls', () => {
  const weather = { id: 'toolu_1', name: 'weather' };

  it('are put together from their pieces, one after the other', () => {
    const read = decode([
      aStart(),
      ...aText(0, 'Checking.'),
      ...aCall(1, weather, '', '{"city": "Os', 'lo"}'),
      ...aCall(2, { id: 'toolu_2', name: 'time' }, '{"at":1}'),
      ...anEnd('tool_use'),
    ]);

    expect(read.chunks.filter(({ type }) => type === 'tool')).toEqual([
      { type: 'tool', index: 1, call: { ...weather, input: { city: 'Oslo' } } },
      { type: 'tool', index: 2, call: { id: 'toolu_2', name: 'time', input: { at: 1 } } },
    ]);
    expect(doneOf(read).finish).toEqual({ reason: 'tool-calls', raw: 'tool_use' });
  });

  it('of a megabyte in pieces of 16 characters take linear time', () => {
    const [begin = {}, open = {}, piece = {}, close = {}, end = {}] = aCall(
      0,
      weather,
      '{"city":"',
      'x'.repeat(16),
      '"}',
    );
    const pieces = Array.from({ length: 65_536 }, () => piece);

    const read = decode([aStart(), begin, open, ...pieces, close, end, ...anEnd('tool_use')]);

    const [part] = doneOf(read).message.content;
    const call = { ...weather, input: { city: 'x'.repeat(1_048_576) } };
    expect(part).toEqual({ type: 'tool-call', call });
  });

  it('are put together where their pieces interleave, as in no answer seen', () => {
    const piece = (index: number, partial_json: string): object => ({
      type: 'content_block_delta',
      index,
      delta: { type: 'input_json_delta', partial_json },
    });
    const [first, , ...firstEnd] = aCall(0, weather, '');
    const [second, , ...secondEnd] = aCall(1, { id: 'b', name: 'time' }, '');

    const read = decode([
      aStart(),
      first as object,
      second as object,
      piece(0, '{"a"'),
      piece(1, '{"b"'),
      piece(0, ':1}'),
      piece(1, ':2}'),
      ...firstEnd,
      ...secondEnd,
      ...anEnd('tool_use'),
    ]);

    expect(doneOf(read).message.content).toMatchObject([
      { call: { id: 'toolu_1', input: { a: 1 } } },
      { call: { id: 'b', input: { b: 2 } } },
    ]);
  });

  it('are handed out only at the end, when nothing can go wrong with the answer any more', () => {
    const { chunks } = decode([aStart(), ...aCall(0, weather, '{}')]);

    expect(chunks.map(({ type }) => type)).toEqual(['start', 'usage', 'tool-start', 'tool-delta']);
  });

  it('without arguments have the empty input that they began with', () => {
    const read = decode([aStart(), ...aCall(0, weather, ''), ...anEnd('tool_use')]);

    expect(doneOf(read).message.content).toEqual([
      { type: 'tool-call', call: { ...weather, input: {} } },
    ]);
  });

  it('may begin with their whole input, as some proxies send it', () => {
    const whole = { type: 'tool_use', ...weather, input: { city: 'Oslo' } };

    const read = decode([aStart(), ...aBlock(0, whole), ...anEnd('tool_use')]);

    expect(read.chunks).toContainEqual({ type: 'tool-delta', index: 0, delta: '{"city":"Oslo"}' });
    expect(doneOf(read).message.content).toMatchObject([{ call: { input: { city: 'Oslo' } } }]);
  });

  it('have the input that comes in pieces, if they began with one as well', () => {
    const whole = { type: 'tool_use', ...weather, input: { city: 'Oslo' } };
    const delta = { type: 'input_json_delta', partial_json: '{"city":"Bergen"}' };

    const read = decode([aStart(), ...aBlock(0, whole, delta), ...anEnd('tool_use')]);

    expect(doneOf(read).message.content).toMatchObject([{ call: { input: { city: 'Bergen' } } }]);
  });

  it('under one index, without an end between them, are still two', () => {
    const events = ['a', 'b'].map((id) => ({
      type: 'content_block_start',
      index: 0,
      content_block: { type: 'tool_use', id, name: 'add', input: { id } },
    }));

    const read = decode([aStart(), ...events, ...anEnd('tool_use')]);

    expect(doneOf(read).message.content).toMatchObject([
      { call: { id: 'a', input: { id: 'a' } } },
      { call: { id: 'b', input: { id: 'b' } } },
    ]);
  });

  it('with arguments that are no JSON say so, and keep the text', () => {
    const read = decode([aStart(), ...aCall(0, weather, '{"city": Os'), ...anEnd('max_tokens')]);

    expect(doneOf(read).message.content).toEqual([
      {
        type: 'tool-call',
        call: {
          ...weather,
          input: '{"city": Os',
          inputError: 'The arguments are no valid JSON',
        },
      },
    ]);
  });

  it('without ids get one that is unique in its conversation', () => {
    const events = [
      ...aBlock(0, { type: 'tool_use', name: 'a', input: {} }),
      ...aBlock(1, { type: 'tool_use', name: 'b', input: {} }),
    ];

    const { message } = doneOf(decode([aStart(), ...events, ...anEnd('tool_use')]));

    expect(message.content).toMatchObject([
      { call: { id: 'call_msg_1_0' } },
      { call: { id: 'call_msg_1_1' } },
    ]);
  });

  it('without a name are malformed, and no other is handed out', () => {
    const nameless = aBlock(1, { type: 'tool_use', id: 'b', input: {} });

    const read = decode([aStart(), ...aCall(0, weather, '{}'), ...nameless, ...anEnd('tool_use')]);

    expect(read.thrown).toMatchObject({ kind: 'malformed' });
    expect(read.chunks.some(({ type }) => type === 'tool')).toBe(false);
  });

  it('that never began are malformed', () => {
    const delta = { type: 'input_json_delta', partial_json: '{}' };

    const { thrown } = decode([aStart(), { type: 'content_block_delta', index: 4, delta }]);

    expect(thrown).toMatchObject({ kind: 'malformed' });
  });

  it('are what an answer ends with that says end_turn', () => {
    const read = decode([aStart(), ...aCall(0, weather, '{}'), ...anEnd('end_turn')]);

    expect(doneOf(read).finish).toEqual({ reason: 'tool-calls', raw: 'end_turn' });
  });
});

describe('what the provider does by itself', () => {
  it('is a part of its own: the search, with its input, and what it found', () => {
    const search = { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: {} };
    const found = { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: [{}] };
    const pieces = ['{"query"', ':"sluice"}'].map((partial_json) => ({
      type: 'input_json_delta',
      partial_json,
    }));

    const read = decode([
      aStart(),
      ...aBlock(0, search, ...pieces),
      ...aBlock(1, found),
      ...aText(2, 'Hi'),
      ...anEnd(),
    ]);

    const own = { ...search, input: { query: 'sluice' } };
    expect(doneOf(read).message.content).toEqual([
      { type: 'provider', kind: 'server_tool_use', extra: { anthropic: own } },
      { type: 'provider', kind: 'web_search_tool_result', extra: { anthropic: found } },
      { type: 'text', text: 'Hi' },
    ]);
    expect(read.chunks.filter(({ type }) => type === 'part')).toHaveLength(2);
    expect(doneOf(read).finish.reason).toBe('stop');
  });

  it('is a part too when it is a summary, which is no answer', () => {
    const events = aBlock(
      0,
      { type: 'compaction', content: '' },
      { type: 'compaction_delta', content: 'So far: ' },
      { type: 'compaction_delta', content: 'greetings.' },
    );

    const read = decode([aStart(), ...events, ...anEnd('compaction')]);

    expect(textIn(read.chunks)).toBe('');
    expect(doneOf(read).message.content).toEqual([
      {
        type: 'provider',
        kind: 'compaction',
        extra: { anthropic: { type: 'compaction', content: 'So far: greetings.' } },
      },
    ]);
  });
});

describe('usage', () => {
  it('counts what the cache holds with the input, which the wire counts beside it', () => {
    const usage = {
      input_tokens: 25,
      cache_creation_input_tokens: 50,
      cache_read_input_tokens: 100,
      output_tokens: 1,
    };

    const read = decode([
      aStart(usage),
      ...aText(0, 'Hi'),
      ...anEnd('end_turn', { output_tokens: 42 }),
    ]);

    expect(doneOf(read).usage).toEqual({
      input: { total: 175, cacheRead: 100, cacheWrite: 50 },
      output: { total: 42 },
    });
  });

  it('is cumulative: the last number of each field counts, and null is none', () => {
    const read = decode([
      aStart({ input_tokens: 25, output_tokens: 1, cache_read_input_tokens: 3 }),
      ...aText(0, 'Hi'),
      { type: 'message_delta', delta: {}, usage: { output_tokens: 5, input_tokens: null } },
      ...anEnd('end_turn', { output_tokens: 7 }),
    ]);

    expect(doneOf(read).usage).toMatchObject({ input: { total: 28 }, output: { total: 7 } });
  });

  it('may come all at the end, as servers behind a proxy tell it', () => {
    const read = decode([
      aStart({ input_tokens: 0, output_tokens: 0 }),
      ...aText(0, 'Hi'),
      ...anEnd('end_turn', { input_tokens: 9, output_tokens: 2, cache_read_input_tokens: 4 }),
    ]);

    expect(doneOf(read).usage).toMatchObject({ input: { total: 13 }, output: { total: 2 } });
  });

  it('tells the tokens of thinking where the server does', () => {
    const usage = { output_tokens: 42, output_tokens_details: { thinking_tokens: 30 } };

    const read = decode([aStart(), ...anEnd('end_turn', usage)]);

    expect(doneOf(read).usage.output).toEqual({ total: 42, reasoning: 30 });
  });

  it('is estimated, and marked so, when the server does not tell', () => {
    const start = { type: 'message_start', message: { id: 'msg_1', model: 'claude-x' } };

    const read = decode([start, ...aText(0, 'Hi there!'), ...anEnd()], { estimateInput: () => 7 });

    expect(doneOf(read).usage).toEqual({
      input: { total: 7 },
      output: { total: 3 },
      estimated: true,
    });
  });
});

describe('the stop reason', () => {
  it.each([
    ['end_turn', 'stop'],
    ['stop_sequence', 'stop'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['tool_use', 'tool-calls'],
    ['refusal', 'content-filter'],
    ['pause_turn', 'other'],
    ['compaction', 'other'],
    ['what_comes_next', 'other'],
  ])('%s is %s', (raw, reason) => {
    const read = decode([aStart(), ...aText(0, 'Hi'), ...anEnd(raw)]);

    expect(doneOf(read).finish).toEqual({ reason, raw });
  });

  it('is the last that was told, since events of usage may come after it', () => {
    const [stop = {}, end = {}] = anEnd('max_tokens');
    const [usage = {}] = anEnd(null, { output_tokens: 7 });

    expect(doneOf(decode([aStart(), ...aText(0, 'Hi'), stop, usage, end])).finish).toEqual({
      reason: 'length',
      raw: 'max_tokens',
    });
  });

  it('may be missing, which is a stop', () => {
    expect(doneOf(decode([aStart(), ...aText(0, 'Hi'), ...anEnd(null)])).finish).toEqual({
      reason: 'stop',
    });
  });
});

describe('an error in the stream', () => {
  const error = (type: string, message = 'x'): object => ({
    type: 'error',
    error: { type, message },
    request_id: 'req_1',
  });

  it.each([
    ['overloaded_error', 'overloaded', true],
    ['rate_limit_error', 'rate-limit', true],
    ['api_error', 'server', true],
    ['timeout_error', 'server', true],
    ['invalid_request_error', 'bad-request', false],
    ['authentication_error', 'auth', false],
    ['permission_error', 'permission', false],
    ['not_found_error', 'not-found', false],
    ['billing_error', 'quota', false],
    ['request_too_large', 'context-length', false],
  ])('of type %s is %s', (type, kind, retryable) => {
    const { chunks, thrown } = decode([error(type)]);

    expect(chunks).toEqual([]);
    expect(thrown).toMatchObject({ kind, retryable, providerCode: type });
  });

  it('may come after text, which was handed out', () => {
    const { chunks, thrown } = decode([
      aStart(),
      ...aText(0, 'Hi'),
      error('overloaded_error', 'Overloaded'),
    ]);

    expect(textIn(chunks)).toBe('Hi');
    expect((thrown as Error).message).toBe('anthropic broke off its answer: Overloaded');
  });

  it('is one by its name alone, and by its field alone', () => {
    expect(decode([['error', { message: 'x' }]]).thrown).toMatchObject({ kind: 'server' });
    expect(decode([{ error: { type: 'overloaded_error' } }]).thrown).toMatchObject({
      kind: 'overloaded',
    });
  });

  it('that says the prompt is too long is told so', () => {
    const { thrown } = decode([
      error('invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum'),
    ]);

    expect(thrown).toMatchObject({ kind: 'context-length', retryable: false });
  });

  it('that says the credit is used up is about money', () => {
    const { thrown } = decode([
      error('invalid_request_error', 'Your credit balance is too low to access the API'),
    ]);

    expect(thrown).toMatchObject({ kind: 'quota', retryable: false });
  });
});

describe('an event that makes no sense', () => {
  it.each(['{"type":', 'null', '[]', '"text"', '7'])('(%s) is malformed', (data) => {
    expect(decode([aStart(), data]).thrown).toMatchObject({ kind: 'malformed' });
  });

  it('does not show its content in the error', () => {
    const { thrown } = decode(['{"text":"a secret of the user']);

    expect(JSON.stringify(thrown) + (thrown as Error).message).not.toContain('secret');
  });
});
