import { fromEnv, ollama, type OllamaOptions } from '@sluice/adapters/ollama';
import { ClientPool } from '@sluice/core';
import { VirtualClock } from '@sluice/core/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  aClient,
  aContext,
  aDone,
  answering,
  bodyOf,
  lines,
  LINES,
  read,
  REQUEST,
} from './support.ts';

const KEY = 'ollama-test-0123456789abcdef';

afterEach(() => vi.unstubAllGlobals());

/** Asks once and gives the request that left. */
async function requestOf(options: Partial<OllamaOptions>): Promise<Request> {
  const requests: Request[] = [];
  const fetch = (input: RequestInfo | URL): Promise<Response> => {
    requests.push((input as Request).clone());
    return Promise.resolve(new Response(bodyOf([lines(aDone())]), LINES));
  };
  await read(aClient({ fetch, ...options }).stream(REQUEST, aContext()));
  const [request] = requests;
  if (request === undefined) throw new Error('No request left');
  return request;
}

describe('a request', () => {
  it('goes to this very machine, without a key', async () => {
    const request = await requestOf({ numCtx: 8_192 });

    expect(request.url).toBe('http://127.0.0.1:11434/api/chat');
    expect(request.method).toBe('POST');
    expect([...request.headers.keys()]).toEqual(['content-type']);
    expect(await request.json()).toMatchObject({
      model: 'llama-x',
      stream: true,
      options: { num_ctx: 8_192 },
    });
  });

  it('goes elsewhere with one', async () => {
    const { url, headers } = await requestOf({ baseUrl: 'https://ollama.com/', apiKey: KEY });

    expect(url).toBe('https://ollama.com/api/chat');
    expect(headers.get('authorization')).toBe(`Bearer ${KEY}`);
  });
});

describe('a provider', () => {
  it.each<[string, Partial<OllamaOptions>, string]>([
    ['no model', { model: '' }, 'model is missing'],
    ['key and token', { apiKey: KEY, getToken: () => 'x' }, 'not both'],
    ['a base URL that is none', { baseUrl: '127.0.0.1:11434' }, 'baseUrl'],
    ['no context', { numCtx: 0 }, 'numCtx must be a whole number above 0'],
    ['half a token of context', { numCtx: 0.5 }, 'numCtx'],
  ])('with %s is refused at once', (_, options, message) => {
    const make = (): unknown => ollama({ model: 'llama-x', ...options });

    expect(make).toThrow(TypeError);
    expect(make).toThrow(message);
  });

  it('asks whether the server is there by its version', async () => {
    const asked: string[] = [];
    const fetch = (input: RequestInfo | URL): Promise<Response> => {
      asked.push((input as Request).url);
      return Promise.resolve(Response.json({ version: '0.12.6' }));
    };
    const down = answering(['starting'], { status: 503 });

    await ollama({ model: 'x', fetch }).probe?.(aContext());

    expect(asked).toEqual(['http://127.0.0.1:11434/api/version']);
    await expect(ollama({ model: 'x', fetch: down }).probe?.(aContext())).rejects.toMatchObject({
      kind: 'overloaded',
    });
  });

  it('lists the models that the server has', async () => {
    const models = [
      { name: 'llama3.2:latest', model: 'llama3.2:latest', size: 1 },
      { model: 'b', details: { context_length: 4_096 } },
      { no: 'name' },
      7,
    ];
    const fetch = answering([JSON.stringify({ models })]);

    expect(await ollama({ model: 'x', fetch }).listModels?.(aContext())).toEqual([
      { id: 'llama3.2:latest' },
      { id: 'b', contextWindow: 4_096 },
    ]);
  });

  it('gives the first byte the time that loading a model takes, and no less than others the rest', async () => {
    const clock = new VirtualClock();
    const provider = ollama({ model: 'x', clock, fetch: () => new Promise(() => undefined) });
    const clients = new ClientPool({ providers: { home: provider }, clock });
    const started = clock.now();

    const asking = clients.complete(REQUEST).catch((error: unknown) => error);
    await clock.advance(299_999);
    const early = await Promise.race([asking, Promise.resolve('waiting')]);
    await clock.advance(2);

    expect(early).toBe('waiting');
    expect(await asking).toMatchObject({ kind: 'first-byte-timeout' });
    expect(clock.now() - started).toBe(300_001);
    await clients.close();
  });
});

describe('in a browser', () => {
  const browser = { userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Chrome/140' };

  it('a key for somewhere else is refused', () => {
    vi.stubGlobal('navigator', browser);

    const make = (): unknown => ollama({ model: 'x', apiKey: KEY, baseUrl: 'https://ollama.com' });

    expect(make).toThrow('dangerouslyAllowBrowser');
  });

  it.each<[string, Partial<OllamaOptions>]>([
    ['no key at all', {}],
    ['a key for this very machine', { apiKey: KEY }],
    ['a source of tokens', { baseUrl: 'https://ollama.com', getToken: () => 'short-lived' }],
  ])('%s is let through', (_, options) => {
    vi.stubGlobal('navigator', browser);

    expect(ollama({ model: 'x', ...options }).name).toBe('ollama');
  });
});

describe('from the environment', () => {
  it.each([
    [undefined, 'http://127.0.0.1:11434'],
    ['', 'http://127.0.0.1:11434'],
    ['0.0.0.0', 'http://127.0.0.1:11434'],
    [':8080', 'http://127.0.0.1:8080'],
    ['[::]:8080', 'http://127.0.0.1:8080'],
    ['gpu.local', 'http://gpu.local:11434'],
    ['gpu.local:8080', 'http://gpu.local:8080'],
    ['gpu.local:8080/ollama', 'http://gpu.local:8080/ollama'],
    ['[::1]:8080', 'http://[::1]:8080'],
    ['https://ollama.com', 'https://ollama.com'],
  ])('comes a provider, with OLLAMA_HOST %s', async (host, origin) => {
    const asked: string[] = [];
    const fetch = (input: RequestInfo | URL): Promise<Response> => {
      asked.push((input as Request).url);
      return Promise.resolve(Response.json({}));
    };

    await fromEnv({ OLLAMA_HOST: host, OLLAMA_MODEL: 'x' }, { fetch }).probe?.(aContext());

    expect(asked).toEqual([`${origin}/api/version`]);
  });

  it('that lacks OLLAMA_MODEL, none comes, and the name is told', () => {
    expect(() => fromEnv({})).toThrow('OLLAMA_MODEL');
  });

  it('lets options win', async () => {
    const env = { OLLAMA_MODEL: 'env', OLLAMA_HOST: 'elsewhere', OLLAMA_API_KEY: KEY };
    const fetch = answering([JSON.stringify({ models: [] })]);

    const provider = fromEnv(env, {
      model: 'mine',
      baseUrl: 'http://127.0.0.1:1',
      name: 'home',
      fetch,
    });

    const client = await provider.createClient({ signal: new AbortController().signal });
    expect([provider.name, client.model]).toEqual(['home', 'mine']);
  });
});
