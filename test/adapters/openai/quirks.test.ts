import { type CompletionRequest, userMessage } from '@sluice/core';
import { openai, type OpenAiOptions } from '@sluice/adapters/openai';
import { describe, expect, it } from 'vitest';
import { serverAt } from '../../../packages/adapters/src/openai/quirks.ts';
import { aChunk, aClient, aContext, aFinish, answering, read } from './support.ts';

/** What a server is sent. */
interface Sent {
  readonly url: string;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

const ANSWER = [aChunk({ content: 'Hi' }), aFinish()]
  .map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`)
  .join('');

/** What one request to a server is. */
async function sentTo(
  options: Partial<OpenAiOptions>,
  request: Partial<CompletionRequest> = {},
): Promise<Sent> {
  const sent: Request[] = [];
  const fetch: typeof globalThis.fetch = (input, init) => {
    sent.push(new Request(input, init));
    return answering([ANSWER])(input, init);
  };
  await read(
    aClient({ fetch, ...options }).stream(
      { messages: [userMessage('Hi')], ...request },
      aContext(),
    ),
  );
  const [{ url, headers }, body] = [sent[0]!, (await sent[0]!.json()) as Sent['body']];
  return { url, headers, body };
}

/** What a probe asks for. */
async function probed(options: Partial<OpenAiOptions>): Promise<string> {
  let url = '';
  const fetch: typeof globalThis.fetch = (input) => {
    url = (input as Request).url;
    return Promise.resolve(new Response('{}'));
  };
  await openai({ apiKey: 'k', model: 'm', fetch, ...options }).probe?.(aContext());
  return url;
}

describe('a server is known by its host', () => {
  it.each([
    ['api.openai.com', 'openai'],
    ['my-resource.openai.azure.com', 'azure'],
    ['my-resource.services.ai.azure.com', 'azure'],
    ['api.groq.com', 'groq'],
    ['api.mistral.ai', 'mistral'],
    ['api.deepseek.com', 'deepseek'],
    ['api.x.ai', 'xai'],
    ['openrouter.ai', 'openrouter'],
    ['api.together.xyz', 'together'],
    ['api.perplexity.ai', 'perplexity'],
    ['127.0.0.1', undefined],
    ['api.openai.com.evil.example', undefined],
    ['notopenrouter.ai', undefined],
  ])('%s is %s', (host, server) => {
    expect(serverAt(host)).toBe(server);
  });
});

describe('a provider goes by the name of', () => {
  it.each([
    ['OpenAI', {}, 'openai'],
    ['a server that is known', { baseUrl: 'https://api.groq.com/openai/v1' }, 'groq'],
    ['a server that is told', { baseUrl: 'http://127.0.0.1:8080/v1', server: 'vllm' }, 'vllm'],
    [
      'the wire, at a server of which nothing is known',
      { baseUrl: 'http://h.example/v1' },
      'openai',
    ],
    ['its user’s choice', { baseUrl: 'https://api.groq.com/openai/v1', name: 'fast' }, 'fast'],
  ] as const)('%s', (_, options, name) => {
    expect(openai({ apiKey: 'k', model: 'm', ...options }).name).toBe(name);
  });

  it('a server, whose thinking stays its own when the conversation goes to OpenAI', async () => {
    const call = { type: 'tool-call', call: { id: 'call_1', name: 'add', input: {} } } as const;
    const groq = openai({ apiKey: 'k', model: 'm', baseUrl: 'https://api.groq.com/openai/v1' });
    const extra = { [groq.name]: { field: 'reasoning' } };
    const content = [{ type: 'thinking', text: 'Hm', extra } as const, call];

    const { body } = await sentTo({}, { messages: [{ role: 'assistant', content }] });

    expect(JSON.stringify(body)).not.toContain('reasoning');
  });
});

describe('a limit of tokens travels', () => {
  it.each([
    ['https://api.openai.com/v1', 'max_completion_tokens'],
    ['https://r.openai.azure.com/openai/v1', 'max_completion_tokens'],
    ['https://api.groq.com/openai/v1', 'max_tokens'],
    ['http://127.0.0.1:8080/v1', 'max_tokens'],
  ])('at %s as %s', async (baseUrl, field) => {
    const { body } = await sentTo({ baseUrl }, { maxTokens: 7 });

    expect(body).toHaveProperty(field, 7);
  });

  it('under the name that the user says', async () => {
    const { body } = await sentTo({ maxTokensField: 'max_tokens' }, { maxTokens: 7 });

    expect(body).toHaveProperty('max_tokens', 7);
  });
});

describe('Mistral', () => {
  const baseUrl = 'https://api.mistral.ai/v1';

  it('is sent no stream options, to which it answers 422, and its own name of the seed', async () => {
    const { body } = await sentTo({ baseUrl }, { seed: 7 });

    expect(body).not.toHaveProperty('stream_options');
    expect(body).not.toHaveProperty('seed');
    expect(body).toHaveProperty('random_seed', 7);
  });

  it('is sent ids of nine letters and digits, the same for a call and its result', async () => {
    const call = { id: 'call_made_elsewhere', name: 'add', input: {} };
    const own = { id: 'abcDEF123', name: 'sub', input: {} };

    const { body } = await sentTo(
      { baseUrl },
      {
        messages: [
          {
            role: 'assistant',
            content: [call, own].map((one) => ({ type: 'tool-call', call: one })),
          },
          {
            role: 'tool',
            content: [
              { type: 'tool-result', callId: call.id, name: 'add', content: '1' },
              { type: 'tool-result', callId: own.id, name: 'sub', content: '2' },
            ],
          },
        ],
      },
    );

    const [assistant, first, second] = body['messages'] as [
      { tool_calls: { id: string }[] },
      { tool_call_id: string },
      { tool_call_id: string },
    ];
    expect(assistant.tool_calls[0]?.id).toMatch(/^[A-Za-z0-9]{9}$/);
    expect(first.tool_call_id).toBe(assistant.tool_calls[0]?.id);
    expect(second.tool_call_id).toBe('abcDEF123');
  });
});

describe('DeepSeek', () => {
  const baseUrl = 'https://api.deepseek.com';

  it('is asked for any JSON, with the schema in the words of the system', async () => {
    const schema = { type: 'object', properties: { a: { type: 'string' } } };

    const { body } = await sentTo({ baseUrl }, { output: { schema } });

    expect(body['response_format']).toEqual({ type: 'json_object' });
    const [system] = body['messages'] as { role: string; content: string }[];
    expect(system).toMatchObject({ role: 'system' });
    expect(system?.content).toContain('"a":{"type":"string"}');
  });

  it('reads a refusal that comes as plain bytes', async () => {
    const body = JSON.stringify({ error: { message: 'Bad field', type: 'invalid_request_error' } });
    const headers = { 'content-type': 'application/octet-stream' };

    const client = aClient({ baseUrl, fetch: answering([body], { status: 400, headers }) });
    const { thrown } = await read(client.stream({ messages: [userMessage('Hi')] }, aContext()));

    expect(thrown).toMatchObject({
      kind: 'bad-request',
      message: expect.stringContaining('Bad field') as unknown,
    });
  });
});

describe('xAI', () => {
  it('calls a wrong key 400, which is auth all the same', async () => {
    const body = JSON.stringify({
      code: 'Client specified an invalid argument',
      error: 'Incorrect API key provided: sk***ef',
    });

    const client = aClient({
      baseUrl: 'https://api.x.ai/v1',
      fetch: answering([body], { status: 400 }),
    });
    const { thrown } = await read(client.stream({ messages: [userMessage('Hi')] }, aContext()));

    expect(thrown).toMatchObject({ kind: 'auth', retryable: false });
  });
});

describe('OpenRouter', () => {
  const baseUrl = 'https://openrouter.ai/api/v1';

  it.each<[CompletionRequest['thinking'], object]>([
    [{ effort: 'low' }, { effort: 'low' }],
    [{ budgetTokens: 500 }, { max_tokens: 500 }],
    [{}, { enabled: true }],
    ['off', { enabled: false }],
  ])('is told how to think, %j, in an object', async (thinking, reasoning) => {
    const { body } = await sentTo({ baseUrl }, { thinking });

    expect(body).toMatchObject({ reasoning });
    expect(body).not.toHaveProperty('reasoning_effort');
  });

  it('is read through its comments, and by the id of its own', async () => {
    const comment = ': OPENROUTER PROCESSING\n\n';
    const headers = { 'content-type': 'text/event-stream', 'x-generation-id': 'gen-1' };
    const fetch = answering([comment, comment + ANSWER], { headers });

    const { chunks } = await read(
      aClient({ baseUrl, fetch }).stream({ messages: [userMessage('Hi')] }, aContext()),
    );

    expect(chunks[0]).toMatchObject({ type: 'start', requestId: 'gen-1' });
    expect(chunks.at(-1)).toMatchObject({ type: 'done' });
  });
});

describe('thinking is turned off', () => {
  it.each<[Partial<OpenAiOptions>, object]>([
    [{}, { reasoning_effort: 'none' }],
    [{ baseUrl: 'https://api.groq.com/openai/v1' }, { reasoning_effort: 'none' }],
    [{ baseUrl: 'https://api.deepseek.com' }, { thinking: { type: 'disabled' } }],
    [
      { baseUrl: 'http://127.0.0.1:8000/v1', server: 'vllm' },
      { chat_template_kwargs: { enable_thinking: false } },
    ],
  ])('at %j', async (options, fields) => {
    const { body } = await sentTo(options, { thinking: 'off' });

    expect(body).toMatchObject(fields);
  });

  it('at a server of which nothing is known by nothing', async () => {
    const { body } = await sentTo({ baseUrl: 'http://127.0.0.1:9/v1' }, { thinking: 'off' });

    expect(Object.keys(body)).toEqual(['model', 'messages', 'stream', 'stream_options']);
  });
});

describe('Azure', () => {
  const host = 'https://r.openai.azure.com';

  it('is shown a key in a header of its own', async () => {
    const { headers } = await sentTo({ baseUrl: `${host}/openai/v1` });

    expect(headers.get('api-key')).toBe('sk-test-0123456789abcdef');
    expect(headers.has('authorization')).toBe(false);
  });

  it('is shown a token as everybody is', async () => {
    const { headers } = await sentTo({
      baseUrl: host,
      apiKey: undefined,
      getToken: () => 'a-token',
    });

    expect(headers.get('authorization')).toBe('Bearer a-token');
    expect(headers.has('api-key')).toBe(false);
  });

  it.each<[string, Partial<OpenAiOptions>, string]>([
    ['its newer way', {}, '/openai/v1/chat/completions'],
    ['the responses of its newer way', { api: 'responses' }, '/openai/v1/responses'],
    [
      'the deployment that is called like the model',
      { apiVersion: '2024-10-21', model: 'my gpt/4?' },
      '/openai/deployments/my%20gpt%2F4%3F/chat/completions?api-version=2024-10-21',
    ],
    [
      'the deployment in the base URL',
      { apiVersion: '2024-10-21', baseUrl: `${host}/openai/deployments/d1` },
      '/openai/deployments/d1/chat/completions?api-version=2024-10-21',
    ],
  ])('is asked by %s', async (_, options, path) => {
    const { url } = await sentTo({ baseUrl: host, ...options });

    expect(url).toBe(`${host}${path}`);
  });

  it('has no address that could be taken for granted', () => {
    expect(() => openai({ apiKey: 'k', model: 'm', server: 'azure' })).toThrow('baseUrl');
  });

  it('is probed beside its deployments', async () => {
    const options = { baseUrl: `${host}/openai/deployments/d1`, apiVersion: '2024-10-21' };

    expect(await probed(options)).toBe(`${host}/openai/models?api-version=2024-10-21`);
    expect(await probed({ baseUrl: host })).toBe(`${host}/openai/v1/models`);
  });

  it('waits as its header says in milliseconds, and without it as the other one does', async () => {
    const waits = [
      { 'retry-after-ms': '1500', 'retry-after': '2' },
      { 'retry-after-ms': '0', 'retry-after': '1' },
      { 'x-ms-retry-after-ms': '700' },
    ].map(async (headers) => {
      const fetch = answering(['{}'], { status: 429, headers });
      const client = aClient({ baseUrl: host, fetch });
      const { thrown } = await read(client.stream({ messages: [userMessage('Hi')] }, aContext()));
      return (thrown as { retryAfterMs?: number }).retryAfterMs;
    });

    expect(await Promise.all(waits)).toEqual([1_500, 1_000, 700]);
  });
});

describe('a server of one’s own is probed', () => {
  const baseUrl = 'http://127.0.0.1:8080/v1';

  it('by its list of models', async () => {
    expect(await probed({ baseUrl })).toBe(`${baseUrl}/models`);
    expect(await probed({ baseUrl, server: 'lm-studio' })).toBe(`${baseUrl}/models`);
  });

  it.each(['llama.cpp', 'vllm'] as const)('by its health when it is %s', async (server) => {
    expect(await probed({ baseUrl, server })).toBe('http://127.0.0.1:8080/health');
    expect(await probed({ baseUrl: 'http://127.0.0.1:8080', server })).toBe(
      'http://127.0.0.1:8080/health',
    );
  });

  it('as overloaded while llama.cpp loads its model', async () => {
    const body = { error: { code: 503, message: 'Loading model', type: 'unavailable_error' } };
    const provider = openai({
      baseUrl,
      model: 'm',
      server: 'llama.cpp',
      fetch: answering([JSON.stringify(body)], { status: 503 }),
    });

    await expect(provider.probe?.(aContext())).rejects.toMatchObject({ kind: 'overloaded' });
  });
});
