import {
  assistantMessage,
  type CompletionRequest,
  type ContentPart,
  type OutputSchema,
  systemMessage,
  type ToolChoice,
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

  it('asks for the same answer again by a seed, also when that is 0', () => {
    expect(encode({ seed: 0 })).toMatchObject({ seed: 0 });
  });

  it.each<[ToolChoice, unknown]>([
    ['auto', 'auto'],
    ['none', 'none'],
    ['required', 'required'],
    [{ name: 'add' }, { type: 'function', function: { name: 'add' } }],
  ])('carries the choice of tools %j', (toolChoice, wire) => {
    expect(encode({ toolChoice })).toMatchObject({ tool_choice: wire });
  });

  it.each<[CompletionRequest['thinking'], string]>([
    [{ effort: 'high' }, 'high'],
    [{ effort: 'low', budgetTokens: 50_000 }, 'low'],
    [{ budgetTokens: 2_048 }, 'low'],
    [{ budgetTokens: 2_049 }, 'medium'],
    [{ budgetTokens: 8_193 }, 'high'],
    ['off', 'none'],
  ])('says of thinking %j that it is %s', (thinking, effort) => {
    expect(encode({ thinking })).toMatchObject({ reasoning_effort: effort });
  });

  it('leaves it to the provider how to think, unless it says', () => {
    expect(encode({})).not.toHaveProperty('reasoning_effort');
    expect(encode({ thinking: {} })).not.toHaveProperty('reasoning_effort');
  });

  it('asks for an answer by a schema, strictly: no further properties, and all of them', () => {
    const schema = {
      type: 'object',
      properties: { city: { type: 'string' }, note: { type: 'string' } },
      required: ['city'],
    };

    expect(encode({ output: { schema } })['response_format']).toEqual({
      type: 'json_schema',
      json_schema: {
        name: 'output',
        strict: true,
        schema: { ...schema, required: ['city', 'note'], additionalProperties: false },
      },
    });
  });

  it('asks for an answer by a schema that cannot be strict, as it is', () => {
    const schema = { type: 'object', additionalProperties: { type: 'number' } };

    expect(encode({ output: { schema, name: 'counts' } })['response_format']).toEqual({
      type: 'json_schema',
      json_schema: { name: 'counts', strict: false, schema },
    });
  });

  it('asks for an answer by the schema of a library that can write it', () => {
    const written = { type: 'object', properties: { a: { type: 'string' } } };
    const jsonSchema = { input: () => written, output: () => ({}) };
    const schema: OutputSchema = {
      '~standard': {
        version: 1,
        vendor: 'a-library',
        validate: (value) => ({ value }),
        jsonSchema,
      },
    };

    expect(encode({ output: { schema } })['response_format']).toMatchObject({
      json_schema: { strict: true, schema: written },
    });
  });

  it('refuses the schema of a library that cannot write it', () => {
    const schema: OutputSchema = {
      '~standard': { version: 1, vendor: 'a-library', validate: (value) => ({ value }) },
    };

    expect(() => encode({ output: { schema } })).toThrow(TypeError);
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

  it('of another provider stays behind where one’s own goes back', () => {
    const foreign = {
      type: 'thinking',
      text: 'Hm',
      extra: { anthropic: { signature: 's' } },
    } as const;
    const extra = { openai: { field: 'reasoning_content' } };

    expect(assistantOf([foreign, { type: 'thinking', text: 'Ah', extra }, call])).toMatchObject({
      reasoning_content: 'Ah',
    });
  });
});
