import { createMockServer, type MockServer, type Reply } from '@sluice/adapters/mock-server';
import {
  type CallContext,
  ClientPool,
  type Provider,
  readOutput,
  type ResponseMeta,
  type StandardSchema,
  userMessage,
} from '@sluice/core';
import { VirtualClock } from '@sluice/core/testing';
import { afterEach, describe, expect, it } from 'vitest';
import {
  CANARY_KEY,
  PROVIDER_FAMILIES,
  type ProviderFamily,
} from '../support/provider-families.ts';

const REQUEST = { messages: [userMessage('Where is it?')] };
const SCHEMA = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
} as const;

/** A schema as validation libraries make them: it validates, and writes itself as JSON Schema. */
const PLACE: StandardSchema<{ readonly city: string }> = {
  '~standard': {
    version: 1,
    vendor: 'acme',
    validate: (value) => {
      const { city } = value as { city?: unknown };
      return typeof city === 'string' ? { value: { city } } : { issues: [{ message: 'no city' }] };
    },
    jsonSchema: { input: () => SCHEMA, output: () => SCHEMA },
  },
};

const cleanups: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

describe.each(PROVIDER_FAMILIES)('over $dialect', (family) => {
  it('an answer is asked for by a schema, and read by it', async () => {
    const sent: string[] = [];
    const { provider } = await aServer(family, { script: { text: ['{"city":', '"Oslo"}'] }, sent });
    const pool = aPool(provider);

    const answer = await pool.complete({ ...REQUEST, output: { schema: PLACE, name: 'place' } });

    expect(await readOutput(answer, PLACE)).toEqual({ city: 'Oslo' });
    expect(sent.join()).toContain('"city"');
  });

  it('tools are called, and their results go back', async () => {
    const call = { name: 'look', input: { at: 'home' }, id: 'call_1' };
    const { server, provider } = await aServer(family, {
      script: [{ toolCalls: [call] }, { text: 'Oslo' }],
    });
    const pool = aPool(provider);
    const tools = [{ name: 'look', description: 'Looks', inputSchema: SCHEMA }];

    const first = await pool.complete({ ...REQUEST, tools, toolChoice: 'auto' });
    const [called] = first.message.content.flatMap((part) =>
      part.type === 'tool-call' ? [part.call] : [],
    );
    const result = { type: 'tool-result', name: 'look', content: 'in Oslo' } as const;
    const results = [{ ...result, callId: called?.id ?? '' }];
    const second = await pool.complete({
      messages: [...REQUEST.messages, first.message, { role: 'tool', content: results }],
      tools,
    });

    expect(first.finish.reason).toBe('tool-calls');
    expect(called).toMatchObject({ name: 'look', input: { at: 'home' } });
    expect(second.text).toBe('Oslo');
    expect(server.journal.questions.map((question) => question.tools)).toEqual([
      ['look'],
      ['look'],
    ]);
  });

  it('limits are read from the headers in which they are told', async () => {
    const clock = new VirtualClock();
    const budget = { limit: 50, remaining: 20, resetMs: 30_000 };
    const script = { text: 'x', limits: { requests: budget } };
    const { provider } = await aServer(family, { script, clock });
    const heard: ResponseMeta[] = [];
    const { signal } = new AbortController();
    const context: CallContext = { signal, onMeta: (meta) => heard.push(meta) };

    const client = await provider.createClient({ signal });
    for await (const chunk of client.stream(REQUEST, context)) expect(chunk).toBeDefined();

    const hasHeaders = family.dialect !== 'gemini' && family.dialect !== 'ollama';
    const resetAt = clock.timestamp() + 30_000;
    const requests = { limit: 50, remaining: 20, resetAt, source: 'headers' };
    expect(heard.map(({ limits }) => limits?.requests)).toEqual([
      hasHeaders ? requests : undefined,
    ]);
  });

  it('models are listed and the endpoint is probed, with a key and without an answer', async () => {
    const { server, provider } = await aServer(family, { script: {} });
    const { signal } = new AbortController();

    await provider.probe?.({ signal });
    const models = await provider.listModels?.({ signal });

    expect(models?.map(({ id }) => id)).toEqual(['mock-model']);
    expect(server.journal.asked).toBe(0);
  });

  it('a wrong key is told as such', async () => {
    const { provider } = await aServer(family, { script: {}, apiKey: 'another-key-0123456789' });
    const pool = aPool(provider);

    await expect(pool.complete(REQUEST)).rejects.toMatchObject({ kind: 'auth', retryable: false });
  });

  it('a second call takes the connection of the first', async () => {
    const { server, provider } = await aServer(family, { script: { text: 'x' } });
    const pool = aPool(provider);

    for (let call = 0; call < 5; call += 1) await pool.complete(REQUEST);

    expect(await server.openSockets()).toBeLessThanOrEqual(2);
  });
});

interface ServerOptions {
  readonly script: Reply | readonly Reply[];
  /** Collects the bodies of all requests. */
  readonly sent?: string[];
  readonly clock?: VirtualClock;
  /** The key that it asks for. */
  readonly apiKey?: string;
}

async function aServer(
  { dialect, make }: ProviderFamily,
  { script, sent, clock = new VirtualClock(), apiKey = CANARY_KEY }: ServerOptions,
): Promise<{ readonly server: MockServer; readonly provider: Provider }> {
  const server = createMockServer({ script, clock, apiKey });
  cleanups.push(() => server.close());
  const { urls } = await server.listen();
  const watched: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    sent?.push(await request.clone().text());
    return fetch(request);
  };
  return { server, provider: make({ baseUrl: urls[dialect], clock, fetch: watched }) };
}

function aPool(provider: Provider): ClientPool {
  const pool = new ClientPool({ providers: { [provider.name]: provider } });
  cleanups.push(() => pool.close());
  return pool;
}
