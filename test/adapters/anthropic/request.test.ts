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

const OPTIONS = { model: 'claude-sonnet-4-6', provider: 'anthropic', maxTokens: 4_096 };

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
      model: 'claude-sonnet-4-6',
      max_tokens: 4_096,
      messages: [{ role: 'user', content: [text('Hi')] }],
      stream: true,
    });
  });

  it('carries what it sets, under the names of the wire', () => {
    const request = {
      model: 'deepseek-x',
      maxTokens: 100,
      temperature: 0,
      topP: 0.5,
      stop: ['END'],
      tools: [{ name: 'add', description: 'Adds', inputSchema: { type: 'object' } }],
    };

    expect(encode(request)).toMatchObject({
      model: 'deepseek-x',
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

  it('asks for an answer in JSON by a schema as the wire takes it', () => {
    const schema = {
      type: 'object',
      properties: {
        age: { type: 'integer', minimum: 0, description: 'In years' },
        mail: { type: 'string', format: 'email', maxLength: 80 },
        code: { type: 'string', format: 'iban' },
        extra: { type: 'object', properties: { minimum: { type: 'string' } } },
        either: { oneOf: [{ type: 'string' }, { $ref: '#/$defs/any' }] },
        all: { type: 'array', minItems: 2, items: { type: ['object', 'null'] } },
      },
      $defs: { any: { type: 'object', additionalProperties: true } },
      required: ['age'],
    };

    expect(encode({ output: { schema, name: 'people' } })['output_config']).toEqual({
      format: {
        type: 'json_schema',
        schema: {
          type: 'object',
          properties: {
            age: { type: 'integer', description: 'In years (minimum: 0)' },
            mail: { type: 'string', format: 'email', description: '(maxLength: 80)' },
            code: { type: 'string', description: '(format: "iban")' },
            extra: {
              type: 'object',
              properties: { minimum: { type: 'string' } },
              additionalProperties: false,
            },
            either: { anyOf: [{ type: 'string' }, { $ref: '#/$defs/any' }] },
            all: {
              type: 'array',
              items: { type: ['object', 'null'], additionalProperties: false },
              description: '(minItems: 2)',
            },
          },
          $defs: { any: { type: 'object', additionalProperties: false } },
          required: ['age'],
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

describe('how long an answer may be, when nobody says,', () => {
  it.each([
    ['claude-opus-5-5', 32_000],
    ['claude-sonnet-4-5-20250929', 32_000],
    ['claude-3-haiku-20240307', 4_096],
    ['deepseek-x', 4_096],
  ])('is what is usual for %s', (model, maxTokens) => {
    const request = { messages: [userMessage('Hi')], model };

    const body = encodeRequest(request, { ...OPTIONS, maxTokens: undefined });

    expect(body.max_tokens).toBe(maxTokens);
  });

  it('has a budget of thinking on top, as far as the model can go', () => {
    const thinking = { budgetTokens: 20_000 };
    const request = { messages: [userMessage('Hi')], thinking };
    const tokensOf = (model: string): number =>
      encodeRequest({ ...request, model }, { ...OPTIONS, maxTokens: undefined }).max_tokens;

    expect(tokensOf('claude-sonnet-4-5')).toBe(52_000);
    expect(tokensOf('claude-opus-4-1-20250805')).toBe(32_000);
  });
});

describe('what a model refuses', () => {
  const asked = { temperature: 0.2, topP: 0.5 };

  it.each([
    ['deepseek-x', { temperature: 0.2, top_p: 0.5 }],
    ['claude-sonnet-4-6', { temperature: 0.2 }],
    ['us.anthropic.claude-opus-4-5-v1:0', { temperature: 0.2 }],
    ['claude-opus-4-7', {}],
    ['claude-opus-4-9', {}],
    ['claude-sonnet-5', {}],
    ['claude-nova-6', {}],
  ])('is not sent: %s is asked with %j', (model, wire) => {
    const { temperature, top_p } = encode({ ...asked, model });

    expect({ temperature, top_p }).toEqual({ temperature: undefined, top_p: undefined, ...wire });
  });
});

describe('thinking', () => {
  const enabled = (budget_tokens: number): object => ({ type: 'enabled', budget_tokens });
  const adaptive = { type: 'adaptive' };

  it.each([
    ['claude-sonnet-4-6', 'off', { type: 'disabled' }, undefined],
    ['claude-sonnet-4-6', {}, adaptive, undefined],
    ['claude-sonnet-4-6', { effort: 'low' }, adaptive, 'low'],
    ['claude-sonnet-4-6', { budgetTokens: 2_048 }, enabled(2_048), undefined],
    ['claude-sonnet-4-6', { budgetTokens: 10 }, enabled(1_024), undefined],
    ['claude-opus-4-6', { budgetTokens: 2_048, effort: 'high' }, enabled(2_048), 'high'],
    ['claude-opus-5-5', 'off', undefined, undefined],
    ['claude-opus-5-5', { budgetTokens: 2_048 }, adaptive, 'low'],
    ['claude-haiku-5-5', { budgetTokens: 30_000 }, adaptive, 'high'],
    ['claude-haiku-5-5', 'off', { type: 'disabled' }, undefined],
    ['claude-haiku-4-5', {}, enabled(8_192), undefined],
    ['claude-haiku-4-5', { effort: 'low' }, enabled(2_048), undefined],
    ['claude-sonnet-4-20250514', { effort: 'high' }, enabled(24_576), undefined],
    ['claude-opus-4-5', { effort: 'medium' }, enabled(8_192), 'medium'],
    ['deepseek-x', { effort: 'medium' }, adaptive, 'medium'],
  ] as const)(
    'of %s asked for %j is measured as that model takes it',
    (model, thinking, wire, effort) => {
      const body = encode({ model, thinking });

      expect(body['thinking']).toEqual(wire);
      expect(body['output_config']).toEqual(effort === undefined ? undefined : { effort });
    },
  );

  it('keeps within the length that the request says', () => {
    const thinking = { effort: 'high' } as const;
    const model = 'claude-haiku-4-5';

    expect(encode({ model, thinking, maxTokens: 9_000 })).toMatchObject({
      max_tokens: 9_000,
      thinking: { budget_tokens: 8_999 },
    });
    expect(encode({ model, thinking, maxTokens: 500 })).not.toHaveProperty('thinking');
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
