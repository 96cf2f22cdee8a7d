import {
  assistantMessage,
  type CompletionRequest,
  type ContentPart,
  type Message,
  systemMessage,
  toolMessage,
  userMessage,
} from '@sluice/core';
import { describe, expect, it } from 'vitest';
import { encodeRequest } from '../../../packages/adapters/src/anthropic/request.ts';
import { aBlock, aStart, aText, anEnd, decode } from './support.ts';
import { doneOf } from '../../support/decoding.ts';

const OPTIONS = { model: 'claude-x', provider: 'anthropic', maxTokens: 4_096 };

function encode(request: Partial<CompletionRequest>): Readonly<Record<string, unknown>> {
  const body = encodeRequest({ messages: [userMessage('Hi')], ...request }, OPTIONS);
  return JSON.parse(JSON.stringify(body)) as Readonly<Record<string, unknown>>; // as it travels
}

function turnsOf(...messages: readonly Message[]): unknown {
  return encode({ messages })['messages'];
}

const text = (words: string): object => ({ type: 'text', text: words });

describe('a request', () => {
  it('of one question asks for a stream, and says how long the answer may be', () => {
    expect(encode({})).toEqual({
      model: 'claude-x',
      max_tokens: 4_096,
      messages: [{ role: 'user', content: [text('Hi')] }],
      stream: true,
    });
  });

  it('carries what it sets, under the names of the wire', () => {
    const request = {
      model: 'claude-y',
      maxTokens: 100,
      temperature: 0,
      topP: 0.5,
      stop: ['END'],
      tools: [{ name: 'add', description: 'Adds', inputSchema: { type: 'object' } }],
    };

    expect(encode(request)).toMatchObject({
      model: 'claude-y',
      max_tokens: 100,
      temperature: 0,
      top_p: 0.5,
      stop_sequences: ['END'],
      tools: [{ name: 'add', description: 'Adds', input_schema: { type: 'object' } }],
    });
  });

  it('sends nothing for empty lists, and no seed, which the wire does not know', () => {
    expect(Object.keys(encode({ stop: [], tools: [], seed: 7 }))).toEqual([
      'model',
      'max_tokens',
      'messages',
      'stream',
    ]);
  });

  it('lets the provider options have the last word', () => {
    const providerOptions = { temperature: 0.3, top_k: 5, cache_control: { type: 'ephemeral' } };

    expect(encode({ temperature: 1, providerOptions })).toMatchObject(providerOptions);
  });

  it.each([
    ['auto', { type: 'auto' }],
    ['none', { type: 'none' }],
    ['required', { type: 'any' }],
    [{ name: 'add' }, { type: 'tool', name: 'add' }],
  ] as const)('carries the choice of tools %j', (toolChoice, wire) => {
    expect(encode({ toolChoice })['tool_choice']).toEqual(wire);
  });

  it('asks for an answer in JSON whose objects hold nothing that is not named', () => {
    const schema = {
      type: 'object',
      properties: {
        city: { type: 'object', properties: { additionalProperties: { type: 'string' } } },
        all: { type: 'array', items: { $ref: '#/$defs/any' } },
      },
      $defs: { any: { type: ['object', 'null'], additionalProperties: true } },
      required: ['city'],
    };

    expect(encode({ output: { schema, name: 'places' } })['output_config']).toEqual({
      format: {
        type: 'json_schema',
        schema: {
          ...schema,
          properties: {
            ...schema.properties,
            city: { ...schema.properties.city, additionalProperties: false },
          },
          additionalProperties: false,
        },
      },
    });
  });
});

describe('system messages', () => {
  it('stand outside of the turns, wherever they were', () => {
    const body = encode({
      messages: [systemMessage('Be brief.'), userMessage('Hi'), systemMessage('Be kind.')],
    });

    expect(body['system']).toEqual([text('Be brief.'), text('Be kind.')]);
    expect(body['messages']).toEqual([{ role: 'user', content: [text('Hi')] }]);
  });

  it('that are empty are left out', () => {
    expect(encode({ messages: [systemMessage(''), userMessage('Hi')] })).not.toHaveProperty(
      'system',
    );
  });
});

describe('turns', () => {
  it('alternate: neighbours of one role become one', () => {
    const turns = turnsOf(
      userMessage('One'),
      userMessage('Two'),
      assistantMessage('Yes'),
      assistantMessage('No'),
    );

    expect(turns).toEqual([
      { role: 'user', content: [text('One'), text('Two')] },
      { role: 'assistant', content: [text('Yes'), text('No')] },
    ]);
  });

  it('that hold nothing are left out, since the wire refuses them', () => {
    const turns = turnsOf(userMessage('Hi'), assistantMessage(''), userMessage(''));

    expect(turns).toEqual([{ role: 'user', content: [text('Hi')] }]);
  });

  it('carry text and images of a user, a data URL as its bytes', () => {
    const content: ContentPart[] = [
      { type: 'text', text: 'What is this?' },
      { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AAAA' } },
      { type: 'image', source: { kind: 'url', url: 'https://a.example/b.png' } },
      { type: 'image', source: { kind: 'url', url: 'data:image/gif;base64,BBBB' } },
    ];

    expect(turnsOf(userMessage(content))).toEqual([
      {
        role: 'user',
        content: [
          text('What is this?'),
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
          { type: 'image', source: { type: 'url', url: 'https://a.example/b.png' } },
          { type: 'image', source: { type: 'base64', media_type: 'image/gif', data: 'BBBB' } },
        ],
      },
    ]);
  });

  it('carry what a part says to this provider, such as where its cache ends', () => {
    const cache_control = { type: 'ephemeral' };
    const part = { type: 'text', text: 'Hi', extra: { anthropic: { cache_control } } } as const;

    expect(turnsOf(userMessage([part]))).toEqual([
      { role: 'user', content: [{ ...text('Hi'), cache_control }] },
    ]);
  });

  it('of a user refuse parts that a user cannot write', () => {
    const content: ContentPart[] = [{ type: 'thinking', text: 'Hm' }];

    expect(() => turnsOf(userMessage(content))).toThrow(TypeError);
  });
});

describe('tools at work', () => {
  const call = { id: 'toolu_1', name: 'weather', input: { city: 'Oslo' } };
  const asked = assistantMessage([
    { type: 'tool-call', call },
    { type: 'tool-call', call: { id: 'b', name: 'time', input: {} } },
  ]);
  const one = { type: 'tool-result', callId: 'toolu_1', name: 'weather', content: '7 C' } as const;
  const two = {
    type: 'tool-result',
    callId: 'b',
    name: 'time',
    content: 'no',
    isError: true,
  } as const;

  it('have all their results in the one next turn, before any text', () => {
    const turns = turnsOf(
      userMessage('Weather?'),
      asked,
      toolMessage([one]),
      userMessage('And?'),
      toolMessage([two]),
    );

    expect(turns).toEqual([
      { role: 'user', content: [text('Weather?')] },
      {
        role: 'assistant',
        content: [
          { type: 'tool_use', ...call },
          { type: 'tool_use', id: 'b', name: 'time', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'toolu_1', content: '7 C' },
          { type: 'tool_result', tool_use_id: 'b', content: 'no', is_error: true },
          text('And?'),
        ],
      },
    ]);
  });

  it('have an input that did not parse within an object, so that the model sees its mistake', () => {
    const broken = { id: 'a', name: 'find', input: '{"q": Oslo', inputError: 'no JSON' };

    expect(turnsOf(assistantMessage([{ type: 'tool-call', call: broken }]))).toMatchObject([
      { content: [{ input: { INVALID_JSON: '{"q": Oslo' } }] },
    ]);
  });

  it('keep together by ids that another provider made, whatever is in them', () => {
    const id = 'call|fc:1.2';
    const turns = turnsOf(
      assistantMessage([{ type: 'tool-call', call: { ...call, id } }]),
      toolMessage([{ ...one, callId: id }]),
    );

    expect(turns).toMatchObject([
      { content: [{ id: 'call_fc_1_2' }] },
      { content: [{ tool_use_id: 'call_fc_1_2' }] },
    ]);
  });
});

describe('thinking', () => {
  it.each([
    ['off', { thinking: { type: 'disabled' }, max_tokens: 4_096 }],
    [{}, { thinking: { type: 'adaptive' }, max_tokens: 4_096 }],
    [{ effort: 'low' }, { thinking: { type: 'adaptive' }, output_config: { effort: 'low' } }],
    [
      { budgetTokens: 2_048 },
      { thinking: { type: 'enabled', budget_tokens: 2_048 }, max_tokens: 6_144 },
    ],
    [{ budgetTokens: 10 }, { thinking: { type: 'enabled', budget_tokens: 1_024 } }],
  ] as const)('as %j', (thinking, wire) => {
    expect(encode({ thinking })).toMatchObject(wire);
  });

  it('leaves the length of the answer to whoever says it', () => {
    expect(encode({ thinking: { budgetTokens: 2_048 }, maxTokens: 9_000 })).toMatchObject({
      max_tokens: 9_000,
    });
  });

  it('takes no temperature', () => {
    const thinking = { budgetTokens: 2_048 };

    expect(encode({ temperature: 0.2, thinking })).not.toHaveProperty('temperature');
    expect(encode({ temperature: 0.2, thinking: 'off' })).toMatchObject({ temperature: 0.2 });
  });

  it('goes back unchanged, with what the provider did by itself, as the decoder gave it', () => {
    const search = { type: 'server_tool_use', id: 's', name: 'web_search', input: { query: 'x' } };
    const redacted = { type: 'redacted_thinking', data: 'EmwK' };
    const thinking = { type: 'thinking', thinking: 'Hm', signature: 'EqQB' };
    const answer = decode([
      aStart(),
      ...[thinking, redacted, search].flatMap((block, at) => aBlock(at, block)),
      ...aText(3, 'Hi'),
      ...anEnd(),
    ]);

    expect(turnsOf(doneOf(answer).message)).toEqual([
      { role: 'assistant', content: [thinking, redacted, search, text('Hi')] },
    ]);
  });

  it('of another provider never goes, nor what that did by itself', () => {
    const extra = { openai: { signature: 'x' } };

    const turns = turnsOf(
      assistantMessage([
        { type: 'thinking', text: 'Hm', extra },
        { type: 'thinking', text: 'unsigned' },
        { type: 'provider', kind: 'web_search_call', extra },
        { type: 'text', text: 'Hi', extra },
      ]),
    );

    expect(turns).toEqual([{ role: 'assistant', content: [text('Hi')] }]);
  });

  it('within a budget waits for the next turn when another provider began this one', () => {
    const call = { type: 'tool-call', call: { id: 'a', name: 'x', input: {} } } as const;
    const result = toolMessage([{ type: 'tool-result', callId: 'a', name: 'x', content: '' }]);
    const extra = { anthropic: { signature: 'S' } };
    const thinking = { budgetTokens: 2_048 };

    const foreign = encode({ thinking, messages: [assistantMessage([call]), result] });
    const own = encode({
      thinking,
      messages: [assistantMessage([{ type: 'thinking', text: 'Hm', extra }, call]), result],
    });

    expect(foreign).not.toHaveProperty('thinking');
    expect(own).toHaveProperty('thinking');
  });
});
