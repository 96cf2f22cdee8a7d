import {
  assistantMessage,
  type CompletionRequest,
  type ContentPart,
  type ProviderExtra,
  systemMessage,
  toolMessage,
  userMessage,
} from '@sluice/core';
import { describe, expect, it } from 'vitest';
import { encodeRequest } from '../../../packages/adapters/src/gemini/request.ts';

type Body = Readonly<Record<string, unknown>>;

function encode(request: Partial<CompletionRequest>, model = 'gemini-2.5-flash'): Body {
  const wire = encodeRequest(
    { messages: [userMessage('Hi')], ...request },
    { model, provider: 'gemini' },
  );
  return JSON.parse(JSON.stringify(wire.body)) as Body; // as it travels
}

function configOf(request: Partial<CompletionRequest>, model?: string): unknown {
  return encode(request, model)['generationConfig'];
}

describe('a request', () => {
  it('of one question holds nothing but the question', () => {
    expect(encode({})).toEqual({ contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] });
  });

  it.each([
    ['gemini-x', 'models/gemini-x:streamGenerateContent?alt=sse'],
    ['models/gemini-x', 'models/gemini-x:streamGenerateContent?alt=sse'],
    ['tunedModels/mine', 'tunedModels/mine:streamGenerateContent?alt=sse'],
    ['a b?key=c', 'models/a%20b%3Fkey%3Dc:streamGenerateContent?alt=sse'],
  ])('to %s asks for events, since the answer would else be one JSON array', (model, path) => {
    const options = { model, provider: 'gemini' };

    expect(encodeRequest({ messages: [userMessage('Hi')] }, options).path).toBe(path);
  });

  it('carries what it sets, under the names of the wire', () => {
    const request = { maxTokens: 100, temperature: 0, topP: 0.5, stop: ['END'], seed: 7 };

    expect(configOf(request)).toEqual({
      maxOutputTokens: 100,
      temperature: 0,
      topP: 0.5,
      stopSequences: ['END'],
      seed: 7,
    });
  });

  it('sends nothing for empty lists', () => {
    expect(encode({ stop: [], tools: [] })).toEqual(encode({}));
  });

  it('puts all system messages where the wire has them', () => {
    const messages = [systemMessage('Be brief.'), userMessage('Hi'), systemMessage('And kind.')];

    expect(encode({ messages })).toEqual({
      systemInstruction: { parts: [{ text: 'Be brief.' }, { text: 'And kind.' }] },
      contents: [{ role: 'user', parts: [{ text: 'Hi' }] }],
    });
  });

  it('offers tools by JSON Schema, not by the dialect of it', () => {
    const inputSchema = { type: 'object', additionalProperties: false };
    const tools = [{ name: 'add', description: 'Adds', inputSchema }];

    expect(encode({ tools })['tools']).toEqual([
      {
        functionDeclarations: [
          { name: 'add', description: 'Adds', parametersJsonSchema: inputSchema },
        ],
      },
    ]);
  });

  it.each([
    ['auto', { mode: 'AUTO' }],
    ['none', { mode: 'NONE' }],
    ['required', { mode: 'ANY' }],
    [{ name: 'add' }, { mode: 'ANY', allowedFunctionNames: ['add'] }],
  ] as const)('says that tools are to be called: %j', (toolChoice, functionCallingConfig) => {
    expect(encode({ toolChoice })['toolConfig']).toEqual({ functionCallingConfig });
  });

  it('asks for JSON by a schema', () => {
    const schema = { type: 'object', properties: { city: { type: 'string' } } };

    expect(configOf({ output: { schema } })).toEqual({
      responseMimeType: 'application/json',
      responseJsonSchema: schema,
    });
  });

  it('asks for JSON by the schema of a library', () => {
    const json = { type: 'object' };
    const standard = {
      version: 1,
      vendor: 'x',
      validate: (value: unknown) => ({ value }),
    } as const;
    const jsonSchema = { input: () => json, output: () => json };
    const schema = { '~standard': { ...standard, jsonSchema } };

    expect(configOf({ output: { schema } })).toMatchObject({ responseJsonSchema: json });
  });

  it.each([
    ['gemini-2.5-flash', { effort: 'low' }, { includeThoughts: true, thinkingBudget: 1_024 }],
    ['gemini-2.5-flash', { effort: 'high' }, { includeThoughts: true, thinkingBudget: 24_576 }],
    ['gemini-2.5-pro', { budgetTokens: 500 }, { includeThoughts: true, thinkingBudget: 500 }],
    ['gemini-2.5-pro', {}, { includeThoughts: true }],
    ['gemini-2.5-flash', 'off', { thinkingBudget: 0 }],
    ['gemini-2.5-pro', 'off', { thinkingBudget: 128 }],
    ['gemini-3-pro-preview', { effort: 'low' }, { includeThoughts: true, thinkingLevel: 'low' }],
    [
      'models/gemini-3.5-flash',
      { effort: 'medium' },
      { includeThoughts: true, thinkingLevel: 'medium' },
    ],
    ['gemini-3.5-flash', 'off', { thinkingLevel: 'minimal' }],
    ['gemini-3-pro-preview', 'off', { thinkingLevel: 'low' }],
  ] as const)('tells %s how much to think: %j', (model, thinking, thinkingConfig) => {
    expect(configOf({ thinking }, model)).toEqual({ thinkingConfig });
  });

  it('lets the provider options have the last word, field by field in the config', () => {
    const providerOptions = {
      generationConfig: { topK: 40, temperature: 0.3 },
      safetySettings: [],
    };

    expect(encode({ temperature: 1, maxTokens: 5, providerOptions })).toMatchObject({
      generationConfig: { maxOutputTokens: 5, temperature: 0.3, topK: 40 },
      safetySettings: [],
    });
  });
});

describe('a message of the user', () => {
  const partsOf = (content: readonly ContentPart[]): unknown =>
    (encode({ messages: [userMessage(content)] })['contents'] as readonly Body[])[0]?.['parts'];

  it('carries text and images', () => {
    const parts = partsOf([
      { type: 'text', text: 'What is this?' },
      { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AAAA' } },
      { type: 'image', source: { kind: 'url', url: 'data:image/webp;base64,BBBB' } },
      { type: 'image', source: { kind: 'url', url: 'https://a.example/b.JPG?size=1' } },
      { type: 'image', source: { kind: 'url', url: 'https://a.example/files/7' } },
    ]);

    expect(parts).toEqual([
      { text: 'What is this?' },
      { inlineData: { mimeType: 'image/png', data: 'AAAA' } },
      { inlineData: { mimeType: 'image/webp', data: 'BBBB' } },
      { fileData: { mimeType: 'image/jpeg', fileUri: 'https://a.example/b.JPG?size=1' } },
      { fileData: { fileUri: 'https://a.example/files/7' } },
    ]);
  });

  it('cannot hold what only a model or a tool writes', () => {
    expect(() => partsOf([{ type: 'thinking', text: 'Hm' }])).toThrow(TypeError);
  });
});

describe('a turn of tools', () => {
  const aCall = (id: string, extra?: ProviderExtra): ContentPart => ({
    type: 'tool-call',
    call: { id, name: `tool-${id}`, input: { id } },
    extra,
  });
  const aResult = (callId: string, more: object = {}) =>
    ({ type: 'tool-result', callId, name: `tool-${callId}`, content: callId, ...more }) as const;

  it('brings all results in one turn, in the order of their calls', () => {
    const messages = [
      assistantMessage([aCall('a'), aCall('b'), aCall('c')]),
      toolMessage([aResult('c'), aResult('a')]),
      toolMessage([aResult('b', { isError: true })]),
      userMessage('And?'),
    ];

    expect(encode({ messages })['contents']).toEqual([
      {
        role: 'model',
        parts: [
          { functionCall: { name: 'tool-a', args: { id: 'a' } } },
          { functionCall: { name: 'tool-b', args: { id: 'b' } } },
          { functionCall: { name: 'tool-c', args: { id: 'c' } } },
        ],
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { name: 'tool-a', response: { output: 'a' } } },
          { functionResponse: { name: 'tool-b', response: { error: 'b' } } },
          { functionResponse: { name: 'tool-c', response: { output: 'c' } } },
        ],
      },
      { role: 'user', parts: [{ text: 'And?' }] },
    ]);
  });

  it('names a call by its id where the provider gave one', () => {
    const messages = [
      assistantMessage([aCall('a', { gemini: { id: 'a' } })]),
      toolMessage([aResult('a')]),
    ];

    expect(encode({ messages })['contents']).toMatchObject([
      { parts: [{ functionCall: { id: 'a' } }] },
      { parts: [{ functionResponse: { id: 'a' } }] },
    ]);
  });

  it('sends arguments back that were no JSON, as the model wrote them', () => {
    const call = { id: 'a', name: 'add', input: '{"a":', inputError: 'no' };
    const messages = [assistantMessage([{ type: 'tool-call', call }])];

    expect(encode({ messages })['contents']).toMatchObject([
      { parts: [{ functionCall: { name: 'add', args: { input: '{"a":' } } }] },
    ]);
  });

  it('excuses the first call of another model to Gemini 3, which else refuses it', () => {
    const messages = [assistantMessage([aCall('a'), aCall('b')])];

    expect(encode({ messages }, 'gemini-3-pro')['contents']).toMatchObject([
      { parts: [{ thoughtSignature: 'skip_thought_signature_validator' }, {}] },
    ]);
    expect(JSON.stringify(encode({ messages }, 'gemini-2.5-pro'))).not.toContain('Signature');
  });
});

describe('what the model said', () => {
  const content: readonly ContentPart[] = [
    { type: 'thinking', text: 'Hm', extra: { gemini: { thought: true, thoughtSignature: 'S0' } } },
    { type: 'text', text: 'Let me see', extra: { gemini: { thoughtSignature: 'S1' } } },
    { type: 'text', text: '', extra: { gemini: { thoughtSignature: 'S2' } } },
    {
      type: 'tool-call',
      call: { id: 'x', name: 'add', input: {} },
      extra: { gemini: { thoughtSignature: 'S3' } },
    },
    {
      type: 'provider',
      kind: 'executableCode',
      extra: { gemini: { executableCode: { code: '1+1' }, thoughtSignature: 'S4' } },
    },
  ];

  it('goes back part by part, each signature on the very part that it came with', () => {
    expect(encode({ messages: [assistantMessage(content)] })['contents']).toEqual([
      {
        role: 'model',
        parts: [
          { text: 'Hm', thought: true, thoughtSignature: 'S0' },
          { text: 'Let me see', thoughtSignature: 'S1' },
          { text: '', thoughtSignature: 'S2' },
          { functionCall: { name: 'add', args: {} }, thoughtSignature: 'S3' },
          { executableCode: { code: '1+1' }, thoughtSignature: 'S4' },
        ],
      },
    ]);
  });

  it('goes to another provider without thinking and signatures', () => {
    const foreign = JSON.parse(JSON.stringify(content).replaceAll('"gemini"', '"other"')) as [];

    expect(encode({ messages: [assistantMessage(foreign)] })['contents']).toEqual([
      {
        role: 'model',
        parts: [{ text: 'Let me see' }, { functionCall: { name: 'add', args: {} } }],
      },
    ]);
  });

  it('is left out when nothing of it can go back, since an empty turn is refused', () => {
    const messages = [userMessage('Hi'), assistantMessage([{ type: 'thinking', text: 'Hm' }])];

    expect(encode({ messages })['contents']).toHaveLength(1);
  });
});
