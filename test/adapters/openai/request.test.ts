import {
  assistantMessage,
  type CompletionRequest,
  type ContentPart,
  systemMessage,
  toolMessage,
  userMessage,
} from '@sluice/core';
import { describe, expect, it } from 'vitest';
import { quirksOf, type ServerName } from '../../../packages/adapters/src/openai/quirks.ts';
import { encodeRequest } from '../../../packages/adapters/src/openai/request.ts';

function encode(
  request: Partial<CompletionRequest>,
  server: ServerName = 'openai',
): Readonly<Record<string, unknown>> {
  const body = encodeRequest(
    { messages: [userMessage('Hi')], ...request },
    { model: request.model ?? 'gpt-x', provider: 'openai', quirks: quirksOf(server) },
  );
  return JSON.parse(JSON.stringify(body)) as Readonly<Record<string, unknown>>; // as it travels
}

describe('a request', () => {
  it('of one question asks for a stream, and for its usage', () => {
    expect(encode({})).toEqual({
      model: 'gpt-x',
      messages: [{ role: 'user', content: 'Hi' }],
      stream: true,
      stream_options: { include_usage: true, include_obfuscation: false },
    });
  });

  it('carries what it sets, under the names of the wire', () => {
    const request = {
      model: 'gpt-y',
      maxTokens: 100,
      temperature: 0,
      topP: 0.5,
      stop: ['END'],
      tools: [{ name: 'add', description: 'Adds', inputSchema: { type: 'object' } }],
    };

    expect(encode(request)).toMatchObject({
      model: 'gpt-y',
      max_completion_tokens: 100,
      temperature: 0,
      top_p: 0.5,
      stop: ['END'],
      tools: [
        {
          type: 'function',
          function: { name: 'add', description: 'Adds', parameters: { type: 'object' } },
        },
      ],
    });
  });

  it('lets the provider options have the last word', () => {
    expect(
      encode({ temperature: 1, providerOptions: { temperature: 0.3, seed: 7 } }),
    ).toMatchObject({ temperature: 0.3, seed: 7 });
  });

  it('sends nothing for empty lists', () => {
    const body = encode({ stop: [], tools: [] });

    expect(body).not.toHaveProperty('stop');
    expect(body).not.toHaveProperty('tools');
  });

  it('carries text and images of a user', () => {
    const content: ContentPart[] = [
      { type: 'text', text: 'What is this?' },
      { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AAAA' } },
      { type: 'image', source: { kind: 'url', url: 'https://a.example/b.png' } },
    ];

    expect(encode({ messages: [userMessage(content)] })['messages']).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is this?' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
          { type: 'image_url', image_url: { url: 'https://a.example/b.png' } },
        ],
      },
    ]);
  });

  it('refuses parts that a user cannot write', () => {
    const content: ContentPart[] = [{ type: 'thinking', text: 'Hm' }];

    expect(() => encode({ messages: [userMessage(content)] })).toThrow(TypeError);
  });

  it('carries a turn of tools, one message a result', () => {
    const messages = [
      systemMessage('Be brief.'),
      userMessage('Weather?'),
      assistantMessage([
        { type: 'tool-call', call: { id: 'a', name: 'weather', input: { city: 'Oslo' } } },
        { type: 'tool-call', call: { id: 'b', name: 'time', input: {} } },
      ]),
      toolMessage([
        { type: 'tool-result', callId: 'a', name: 'weather', content: '7 C' },
        { type: 'tool-result', callId: 'b', name: 'time', content: 'noon' },
      ]),
    ];

    expect(encode({ messages })['messages']).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Weather?' },
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          {
            id: 'a',
            type: 'function',
            function: { name: 'weather', arguments: '{"city":"Oslo"}' },
          },
          { id: 'b', type: 'function', function: { name: 'time', arguments: '{}' } },
        ],
      },
      { role: 'tool', tool_call_id: 'a', content: '7 C' },
      { role: 'tool', tool_call_id: 'b', content: 'noon' },
    ]);
  });

  it('sends arguments that did not parse back as the model wrote them', () => {
    const call = { id: 'a', name: 'find', input: '{"q": Oslo', inputError: 'no JSON' };

    const [message] = encode({ messages: [assistantMessage([{ type: 'tool-call', call }])] })[
      'messages'
    ] as readonly unknown[];

    expect(message).toMatchObject({ tool_calls: [{ function: { arguments: '{"q": Oslo' } }] });
  });
});

describe('thinking', () => {
  const call = { type: 'tool-call', call: { id: 'a', name: 'x', input: {} } } as const;
  const details = [{ type: 'reasoning.encrypted', data: 'abc' }];

  function assistantOf(content: readonly ContentPart[]): unknown {
    const [message] = encode({ messages: [assistantMessage(content)] })[
      'messages'
    ] as readonly unknown[];
    return message;
  }

  it('goes back with tool calls, under the name by which it came', () => {
    const extra = { openai: { field: 'reasoning_content', details } };

    expect(assistantOf([{ type: 'thinking', text: 'Hm', extra }, call])).toMatchObject({
      reasoning_content: 'Hm',
      reasoning_details: details,
    });
  });

  it('does not go back without tool calls, where it only costs', () => {
    const extra = { openai: { field: 'reasoning_content' } };

    expect(
      assistantOf([
        { type: 'thinking', text: 'Hm', extra },
        { type: 'text', text: 'Hi' },
      ]),
    ).toEqual({ role: 'assistant', content: 'Hi' });
  });

  it('of another provider never goes', () => {
    const extra = { anthropic: { field: 'reasoning_content' } };

    expect(assistantOf([{ type: 'thinking', text: 'Hm', extra }, call])).not.toHaveProperty(
      'reasoning_content',
    );
  });
});
