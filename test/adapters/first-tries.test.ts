import { createMockServer } from '@sluice/adapters/mock-server';
import { fromEnv, ollama } from '@sluice/adapters/ollama';
import { openai } from '@sluice/adapters/openai';
import { ClientPool, type CompletionRequest, type Provider, userMessage } from '@sluice/core';
import { describe, expect, it } from 'vitest';

const REQUEST = { messages: [userMessage('Hello?')] };

describe('a request that the wire cannot carry', () => {
  it('is refused as unsupported, and not held against the provider', async () => {
    const fetch = answering(
      () =>
        new Response('{"message":{"content":"hi"},"done":true}\n', {
          headers: { 'content-type': 'application/x-ndjson' },
        }),
    );
    await using clients = new ClientPool({ providers: { local: ollama({ model: 'm', fetch }) } });
    const source = { kind: 'url', url: 'https://example.com/a.png' } as const;
    const byUrl: CompletionRequest = {
      messages: [{ role: 'user', content: [{ type: 'image', source }] }],
    };

    for (let at = 0; at < 5; at += 1) {
      await expect(clients.complete(byUrl)).rejects.toMatchObject({ kind: 'unsupported' });
    }
    const { text } = await clients.complete(REQUEST);

    expect(text).toBe('hi');
  });

  it('is no lost connection when it cannot be written as JSON', async () => {
    const schema: Record<string, unknown> = { type: 'object' };
    schema['properties'] = { self: schema };
    const request = { ...REQUEST, tools: [{ name: 't', inputSchema: schema as never }] };
    const provider = openai({ baseUrl: 'http://h/v1', apiKey: 'k', model: 'm' });
    await using clients = new ClientPool({ providers: { a: provider } });

    await expect(clients.complete(request)).rejects.toMatchObject({
      kind: 'unsupported',
      message: expect.stringContaining('circular') as unknown,
    });
  });
});

describe('an answer', () => {
  it('without a content type is told as such', async () => {
    const fetch = answering(() => new Response(null, { status: 204 }));
    const provider = openai({ baseUrl: 'http://h/v1', apiKey: 'k', model: 'm', fetch });
    await using clients = new ClientPool({ providers: { a: provider } });

    await expect(clients.complete(REQUEST)).rejects.toThrow(
      'answered with no content type instead of events',
    );
  });
});

describe('the address', () => {
  it('of responses lies beside the deployments of Azure', async () => {
    const asked: string[] = [];
    const provider = openai({
      apiKey: 'k',
      baseUrl: 'https://r.openai.azure.com',
      model: 'dep',
      apiVersion: '2025-04-01-preview',
      api: 'responses',
      fetch: answering(() => new Response('', { status: 404 }), asked),
    });
    await using clients = new ClientPool({ providers: { a: provider } });

    await expect(clients.complete(REQUEST)).rejects.toMatchObject({ status: 404 });

    expect(asked).toEqual([
      'https://r.openai.azure.com/openai/responses?api-version=2025-04-01-preview',
    ]);
  });

  it.each([
    ['ollama.com', 'https://ollama.com/api/version'],
    ['::1', 'http://[::1]:11434/api/version'],
    ['[::1]:8080', 'http://[::1]:8080/api/version'],
    ['::', 'http://127.0.0.1:11434/api/version'],
  ])('that OLLAMA_HOST %s means is asked', async (host, url) => {
    const asked: string[] = [];
    const env = { OLLAMA_HOST: host, OLLAMA_MODEL: 'm', OLLAMA_API_KEY: 'key-123456789' };
    const provider = fromEnv(env, { fetch: answering(() => Response.json({}), asked) });

    await provider.probe?.({ signal: new AbortController().signal });

    expect(asked).toEqual([url]);
  });
});

describe('a mock', () => {
  const providers: Readonly<Record<'openai' | 'ollama', (baseUrl: string) => Provider>> = {
    openai: (baseUrl) => openai({ baseUrl, model: 'm', apiKey: 'k' }),
    ollama: (baseUrl) => ollama({ baseUrl, model: 'm' }),
  };

  it.each(['openai', 'ollama'] as const)(
    'gives each call of a conversation an id of its own: %s',
    async (wire) => {
      const call = { toolCalls: [{ name: 'f', input: {} }] };
      await using server = createMockServer({ script: [call, call] });
      const { urls } = await server.listen();
      await using clients = new ClientPool({ providers: { p: providers[wire](urls[wire] ?? '') } });
      const ids = new Set<string>();

      for (const question of ['one', 'two']) {
        const { message } = await clients.complete({ messages: [userMessage(question)] });
        for (const part of message.content) if (part.type === 'tool-call') ids.add(part.call.id);
      }

      expect(ids.size).toBe(2);
    },
  );
});

/** A `fetch` that gives this answer, and notes what was asked. */
function answering(answer: () => Response, asked: string[] = []): typeof fetch {
  return (input) => {
    asked.push((input as Request).url); // as `ky` calls it
    return Promise.resolve(answer());
  };
}
