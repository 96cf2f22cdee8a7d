import {
  assistantMessage,
  type CompletionRequest,
  type ContentPart,
  systemMessage,
  toolMessage,
  userMessage,
} from '@sluice/core';
import { describe, expect, it } from 'vitest';
import { encodeResponsesRequest } from '../../../packages/adapters/src/openai/responses-request.ts';
import { doneOf } from '../../support/decoding.ts';
import { aCall, aMessage, anItem, aThought, completed, decode } from './responses-support.ts';

function encode(request: Partial<CompletionRequest>): Readonly<Record<string, unknown>> {
  const body = encodeResponsesRequest(
    { messages: [userMessage('Hi')], ...request },
    { model: request.model ?? 'gpt-x', provider: 'openai', canOmitObfuscation: true },
  );
  return JSON.parse(JSON.stringify(body)) as Readonly<Record<string, unknown>>; // as it travels
}

function inputOf(...content: readonly ContentPart[]): unknown {
  return encode({ messages: [assistantMessage(content)] })['input'];
}

describe('a request of Responses', () => {
  it('of one question asks for a stream, leaves nothing behind, and wants the thinking encrypted', () => {
    expect(encode({})).toEqual({
      model: 'gpt-x',
      input: [{ role: 'user', content: 'Hi' }],
      stream: true,
      stream_options: { include_obfuscation: false },
      store: false,
      include: ['reasoning.encrypted_content'],
    });
  });

  it.each(['gpt-4o', 'gpt-4.1-mini', 'chatgpt-4o-latest', 'gpt-5-chat-latest'])(
    'asks nothing of the thinking of %s, which has none and would refuse',
    (model) => {
      expect(encode({ model })).not.toHaveProperty('include');
    },
  );

  it('carries what it sets, under the names of the wire', () => {
    const request: Partial<CompletionRequest> = {
      maxTokens: 100,
      temperature: 0,
      topP: 0.5,
      tools: [{ name: 'add', description: 'Adds', inputSchema: { type: 'object' } }],
      toolChoice: { name: 'add' },
      thinking: { effort: 'low' },
    };

    expect(encode(request)).toMatchObject({
      max_output_tokens: 100,
      temperature: 0,
      top_p: 0.5,
      tools: [
        {
          type: 'function',
          name: 'add',
          description: 'Adds',
          parameters: { type: 'object' },
          strict: false,
        },
      ],
      tool_choice: { type: 'function', name: 'add' },
      reasoning: { effort: 'low', summary: 'auto' },
    });
  });

  it.each(['auto', 'none', 'required'] as const)('carries the choice of tools %s', (toolChoice) => {
    expect(encode({ toolChoice })).toMatchObject({ tool_choice: toolChoice });
  });

  it('carries the form of the answer, strictly', () => {
    const schema = { type: 'object', properties: { city: { type: 'string' } } };

    expect(encode({ output: { schema, name: 'place' } })).toMatchObject({
      text: {
        format: {
          type: 'json_schema',
          name: 'place',
          strict: true,
          schema: { ...schema, required: ['city'], additionalProperties: false },
        },
      },
    });
  });

  it('turns thinking off', () => {
    expect(encode({ thinking: 'off' })).toMatchObject({ reasoning: { effort: 'none' } });
  });

  it('refuses stop sequences, which the wire does not have', () => {
    expect(() => encode({ stop: ['END'] })).toThrow(TypeError);
    expect(() => encode({ stop: [] })).not.toThrow();
  });

  it('lets the provider options have the last word', () => {
    expect(encode({ providerOptions: { store: true, service_tier: 'flex' } })).toMatchObject({
      store: true,
      service_tier: 'flex',
    });
  });

  it('carries the first words of the system as instructions, and later ones in their place', () => {
    const messages = [
      systemMessage('Be brief.'),
      systemMessage('Be kind.'),
      userMessage('Hi'),
      systemMessage('It is late.'),
    ];

    expect(encode({ messages })).toMatchObject({
      instructions: 'Be brief.\n\nBe kind.',
      input: [
        { role: 'user', content: 'Hi' },
        { role: 'system', content: 'It is late.' },
      ],
    });
  });

  it('carries text and images of a user', () => {
    const content: ContentPart[] = [
      { type: 'text', text: 'What is this?' },
      { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AAAA' } },
      { type: 'image', source: { kind: 'url', url: 'https://a.example/b.png' } },
    ];

    expect(encode({ messages: [userMessage(content)] })['input']).toEqual([
      {
        role: 'user',
        content: [
          { type: 'input_text', text: 'What is this?' },
          { type: 'input_image', image_url: 'data:image/png;base64,AAAA' },
          { type: 'input_image', image_url: 'https://a.example/b.png' },
        ],
      },
    ]);
  });

  it('refuses parts that a user cannot write', () => {
    const content: ContentPart[] = [{ type: 'thinking', text: 'Hm' }];

    expect(() => encode({ messages: [userMessage(content)] })).toThrow(TypeError);
  });

  it('carries a turn of tools, one item a call and a result', () => {
    const messages = [
      userMessage('Weather?'),
      assistantMessage([
        { type: 'text', text: 'Looking.' },
        { type: 'tool-call', call: { id: 'a', name: 'weather', input: { city: 'Oslo' } } },
        { type: 'tool-call', call: { id: 'b', name: 'x', input: '{bad', inputError: 'no JSON' } },
      ]),
      toolMessage([
        { type: 'tool-result', callId: 'a', name: 'weather', content: '7 C' },
        { type: 'tool-result', callId: 'b', name: 'x', content: 'bad input', isError: true },
      ]),
    ];

    expect(encode({ messages })['input']).toEqual([
      { role: 'user', content: 'Weather?' },
      { role: 'assistant', content: [{ type: 'output_text', text: 'Looking.' }] },
      { type: 'function_call', call_id: 'a', name: 'weather', arguments: '{"city":"Oslo"}' },
      { type: 'function_call', call_id: 'b', name: 'x', arguments: '{bad' },
      { type: 'function_call_output', call_id: 'a', output: '7 C' },
      { type: 'function_call_output', call_id: 'b', output: 'bad input' },
    ]);
  });
});

describe('what an answer wants back', () => {
  it('goes back as it came, in its order: the thinking right before what it led to', () => {
    const search = { id: 'ws', type: 'web_search_call', status: 'completed' };
    const answer = doneOf(
      decode([
        ...aThought(0, 'Hm'),
        anItem('done', 1, search),
        ...aThought(2, 'Aha'),
        ...aMessage(3, ['Found']),
        ...aCall(4),
        completed(),
      ]),
    );

    const input = encode({ messages: [answer.message] })['input'];

    expect(input).toMatchObject([
      { type: 'reasoning', id: 'rs_0', encrypted_content: 'enc' },
      search,
      { type: 'reasoning', id: 'rs_2', summary: [{ text: 'Aha' }], encrypted_content: 'enc' },
      { role: 'assistant', content: [{ type: 'output_text', text: 'Found' }] },
      { type: 'function_call', call_id: 'call_4' },
    ]);
  });

  it('stays away when it is thinking without its encrypted content, which nobody has stored', () => {
    const { message } = doneOf(decode([...aThought(0, 'Hm', {}), ...aCall(1), completed()]));

    expect(encode({ messages: [message] })['input']).toMatchObject([{ type: 'function_call' }]);
  });

  it('stays away when it is thinking that led to nothing, which is refused with 400', () => {
    const { message } = doneOf(decode([...aMessage(0, ['Hi']), ...aThought(1, 'Hm'), completed()]));

    expect(encode({ messages: [message] })['input']).toMatchObject([{ role: 'assistant' }]);
  });

  it('of another provider never goes', () => {
    const extra = { anthropic: { item: { type: 'reasoning', encrypted_content: 'x' } } };

    expect(
      inputOf(
        { type: 'thinking', text: 'Hm', extra },
        { type: 'provider', kind: 'server_tool_use', extra },
        { type: 'text', text: 'Hi' },
      ),
    ).toEqual([{ role: 'assistant', content: [{ type: 'output_text', text: 'Hi' }] }]);
  });

  it('has the sources of a text with it', () => {
    const annotations = [{ type: 'url_citation', url: 'https://a.example' }];

    expect(inputOf({ type: 'text', text: 'Hi', extra: { openai: { annotations } } })).toEqual([
      { role: 'assistant', content: [{ type: 'output_text', text: 'Hi', annotations }] },
    ]);
  });

  it('is plain text for custom tools, calls and results alike', () => {
    const extra = { openai: { type: 'custom_tool_call' } };
    const call = { id: 'c', name: 'patch', input: '*** Begin' };
    const messages = [
      assistantMessage([{ type: 'tool-call', call, extra }]),
      toolMessage([{ type: 'tool-result', callId: 'c', name: 'patch', content: 'ok' }]),
    ];

    expect(encode({ messages })['input']).toEqual([
      { type: 'custom_tool_call', call_id: 'c', name: 'patch', input: '*** Begin' },
      { type: 'custom_tool_call_output', call_id: 'c', output: 'ok' },
    ]);
  });
});
