import {
  assistantMessage,
  type CompletionRequest,
  type ContentPart,
  systemMessage,
  toolMessage,
  userMessage,
} from '@sluice/core';
import { describe, expect, it } from 'vitest';
import {
  type EncodeOptions,
  encodeRequest,
} from '../../../packages/adapters/src/ollama/request.ts';

type Body = Readonly<Record<string, unknown>>;

function encode(request: Partial<CompletionRequest>, options: Partial<EncodeOptions> = {}): Body {
  const wire = encodeRequest(
    { messages: [userMessage('Hi')], ...request },
    { model: 'llama-x', provider: 'ollama', ...options },
  );
  expect(wire.path).toBe('api/chat');
  return JSON.parse(JSON.stringify(wire.body)) as Body; // as it travels
}

describe('a request', () => {
  it('of one question asks for a stream, and sets nothing', () => {
    expect(encode({})).toEqual({
      model: 'llama-x',
      messages: [{ role: 'user', content: 'Hi' }],
      stream: true,
    });
  });

  it('carries what it sets, under the names of the wire', () => {
    const request = { maxTokens: 100, temperature: 0, topP: 0.5, stop: ['END'], seed: 7 };

    expect(encode(request)['options']).toEqual({
      num_predict: 100,
      temperature: 0,
      top_p: 0.5,
      stop: ['END'],
      seed: 7,
    });
  });

  it('says how much context the model is loaded with, and for how long', () => {
    expect(encode({}, { numCtx: 8_192, keepAlive: '10m' })).toMatchObject({
      options: { num_ctx: 8_192 },
      keep_alive: '10m',
    });
  });

  it('sends nothing for empty lists', () => {
    expect(encode({ stop: [], tools: [] })).toEqual(encode({}));
  });

  it('asks for JSON by a schema', () => {
    const schema = { type: 'object', properties: { city: { type: 'string' } } };

    expect(encode({ output: { schema } })['format']).toEqual(schema);
  });

  it.each([
    ['qwen3', 'off', false],
    ['qwen3', {}, true],
    ['qwen3', { effort: 'high' }, true],
    ['gpt-oss:20b', { effort: 'high' }, 'high'],
    ['gpt-oss:20b', { budgetTokens: 100 }, true],
  ] as const)('tells %s how much to think: %j', (model, thinking, think) => {
    expect(encode({ thinking }, { model })['think']).toBe(think);
  });

  it.each([
    ['auto', true],
    ['required', true],
    [{ name: 'add' }, true],
    ['none', false],
  ] as const)(
    'offers tools where %j are to be called: there is no other choice',
    (toolChoice, isOffered) => {
      const tools = [{ name: 'add', description: 'Adds', inputSchema: { type: 'object' } }];

      const parameters = { type: 'object' };
      const offered = {
        type: 'function',
        function: { name: 'add', description: 'Adds', parameters },
      };
      expect(encode({ tools, toolChoice })['tools']).toEqual(isOffered ? [offered] : undefined);
    },
  );

  it('lets the provider options have the last word, field by field in the options', () => {
    const providerOptions = { options: { top_k: 40, temperature: 0.3 }, keep_alive: -1 };

    expect(encode({ temperature: 1, maxTokens: 5, providerOptions })).toMatchObject({
      options: { num_predict: 5, temperature: 0.3, top_k: 40 },
      keep_alive: -1,
    });
  });

  it('carries every system message in its place', () => {
    const messages = [systemMessage('Be brief.'), userMessage('Hi'), systemMessage('And kind.')];

    expect(encode({ messages })['messages']).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hi' },
      { role: 'system', content: 'And kind.' },
    ]);
  });
});

describe('a message of the user', () => {
  it('carries its text in one, and images as bare base64', () => {
    const content: readonly ContentPart[] = [
      { type: 'text', text: 'What is ' },
      { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AAAA' } },
      { type: 'image', source: { kind: 'url', url: 'data:image/png;base64,BBBB' } },
      { type: 'text', text: 'this?' },
    ];

    expect(encode({ messages: [userMessage(content)] })['messages']).toEqual([
      { role: 'user', content: 'What is this?', images: ['AAAA', 'BBBB'] },
    ]);
  });

  it('cannot hold an image by its URL, which the server would not fetch', () => {
    const source = { kind: 'url', url: 'https://a.example/b.png' } as const;

    expect(() => encode({ messages: [userMessage([{ type: 'image', source }])] })).toThrow(
      'give its bytes as base64',
    );
  });

  it('cannot hold what only a model or a tool writes', () => {
    const content: readonly ContentPart[] = [{ type: 'thinking', text: 'Hm' }];

    expect(() => encode({ messages: [userMessage(content)] })).toThrow(TypeError);
  });
});

describe('a turn of tools', () => {
  const call = { id: 'a', name: 'weather', input: { city: 'Oslo' } };
  const result = { type: 'tool-result', callId: 'a', name: 'weather', content: '7 C' } as const;

  it('goes back with its arguments as an object, and its results by name and id', () => {
    const messages = [assistantMessage([{ type: 'tool-call', call }]), toolMessage([result])];

    expect(encode({ messages })['messages']).toEqual([
      {
        role: 'assistant',
        content: '',
        tool_calls: [
          { id: 'a', function: { index: 0, name: 'weather', arguments: { city: 'Oslo' } } },
        ],
      },
      { role: 'tool', content: '7 C', tool_name: 'weather', tool_call_id: 'a' },
    ]);
  });

  it('sends arguments back that were no JSON, as the model wrote them', () => {
    const broken = { ...call, input: '{"city":', inputError: 'no' };
    const messages = [assistantMessage([{ type: 'tool-call', call: broken }])];

    expect(encode({ messages })['messages']).toMatchObject([
      { tool_calls: [{ function: { arguments: { input: '{"city":' } } }] },
    ]);
  });

  it('has the model’s own thinking with it, and nobody else’s', () => {
    const thoughts: readonly ContentPart[] = [
      { type: 'thinking', text: 'mine', extra: { ollama: { thinking: true } } },
      { type: 'thinking', text: 'yours', extra: { other: { thinking: true } } },
    ];
    const withCall = assistantMessage([...thoughts, { type: 'tool-call', call }]);
    const withText = assistantMessage([...thoughts, { type: 'text', text: 'Hi' }]);

    const [first, second] = encode({ messages: [withCall, withText] })['messages'] as Body[];

    expect(first).toMatchObject({ thinking: 'mine' });
    expect(second).toEqual({ role: 'assistant', content: 'Hi' });
  });
});
