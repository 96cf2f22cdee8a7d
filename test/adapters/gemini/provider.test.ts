import { fromEnv, gemini, type GeminiOptions } from '@sluice/adapters/gemini';
import { Secret } from '@sluice/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { aContext, aClient, aFinish, answering, bodyOf, read, REQUEST } from './support.ts';

const KEY = 'AIzaTest-0123456789abcdef';
const QUESTION = 'models/gemini-x:streamGenerateContent?alt=sse';

afterEach(() => vi.unstubAllGlobals());

/** Asks once and gives the request that left. */
async function requestOf(options: Partial<GeminiOptions>): Promise<Request> {
  const requests: Request[] = [];
  const fetch = (input: RequestInfo | URL): Promise<Response> => {
    requests.push((input as Request).clone());
    return Promise.resolve(new Response(bodyOf([`data: ${JSON.stringify(aFinish())}\r\n\r\n`])));
  };
  await read(aClient({ fetch, ...options }).stream(REQUEST, aContext()));
  const [request] = requests;
  if (request === undefined) throw new Error('No request left');
  return request;
}

describe('a request', () => {
  it('goes to Google with the key in a header, and none in the URL', async () => {
    const request = await requestOf({});

    expect(request.url).toBe(`https://generativelanguage.googleapis.com/v1beta/${QUESTION}`);
    expect(request.method).toBe('POST');
    expect(request.headers.get('x-goog-api-key')).toBe(KEY);
    expect(request.redirect).toBe('manual');
    expect(await request.json()).toMatchObject({ contents: [{ role: 'user' }] });
  });

  it('goes to Vertex with a token', async () => {
    const baseUrl = 'https://aiplatform.googleapis.com/v1/projects/p/locations/l/publishers/google';

    const request = await requestOf({ apiKey: undefined, getToken: () => 'short-lived', baseUrl });

    expect(request.url).toBe(`${baseUrl}/${QUESTION}`);
    expect(request.headers.get('authorization')).toBe('Bearer short-lived');
    expect(request.headers.has('x-goog-api-key')).toBe(false);
  });

  it('sends no header that a browser would ask the server about first, but the key', async () => {
    const { headers } = await requestOf({});

    expect([...headers.keys()].toSorted()).toEqual(['content-type', 'x-goog-api-key']);
  });

  it('takes its key as a secret, too', async () => {
    const { headers } = await requestOf({ apiKey: new Secret(KEY) });

    expect(headers.get('x-goog-api-key')).toBe(KEY);
  });
});

describe('a provider', () => {
  it.each<[string, Partial<GeminiOptions>, string]>([
    ['no model', { model: '' }, 'model is missing'],
    ['neither key nor token', { apiKey: undefined }, 'apiKey is missing'],
    ['key and token', { getToken: () => 'x' }, 'not both'],
    ['a key in the base URL', { baseUrl: 'https://a.example/?key=hunter22' }, 'query'],
  ])('with %s is refused at once', (_, options, message) => {
    const make = (): unknown => gemini({ apiKey: KEY, model: 'gemini-x', ...options });

    expect(make).toThrow(TypeError);
    expect(make).toThrow(message);
    expect(make).not.toThrow(/hunter22|0123456789/);
  });

  it('probes the endpoint for free', async () => {
    const asked: string[] = [];
    const fetch = (input: RequestInfo | URL): Promise<Response> => {
      asked.push((input as Request).url);
      return Promise.resolve(new Response('{"models":[]}'));
    };
    const refusal = { error: { code: 400, details: [{ reason: 'API_KEY_INVALID' }] } };
    const locked = answering([JSON.stringify(refusal)], { status: 400 });

    await gemini({ apiKey: KEY, model: 'x', fetch }).probe?.(aContext());
    const refused = gemini({ apiKey: KEY, model: 'x', fetch: locked }).probe?.(aContext());

    expect(asked).toEqual(['https://generativelanguage.googleapis.com/v1beta/models?pageSize=1']);
    await expect(refused).rejects.toMatchObject({ kind: 'auth' });
  });

  it('lists the models that answer, page by page, with their windows', async () => {
    const generates = { supportedGenerationMethods: ['generateContent'] };
    const pages = [
      {
        models: [
          { name: 'models/a', inputTokenLimit: 1_000, ...generates },
          { name: 'models/embeds', supportedGenerationMethods: ['embedContent'] },
        ],
        nextPageToken: 'to ken',
      },
      { models: [{ name: 'tunedModels/b' }, { no: 'name' }, 7] },
    ];
    const queries: string[] = [];
    const fetch = (input: RequestInfo | URL): Promise<Response> => {
      queries.push(new URL((input as Request).url).search);
      return Promise.resolve(Response.json(pages[queries.length - 1]));
    };

    const models = await gemini({ apiKey: KEY, model: 'x', fetch }).listModels?.(aContext());

    expect(models).toEqual([{ id: 'a', contextWindow: 1_000 }, { id: 'tunedModels/b' }]);
    expect(queries).toEqual(['?pageSize=1000', '?pageSize=1000&pageToken=to%20ken']);
  });

  it('follows no list that never ends', async () => {
    let pages = 0;
    const fetch = (): Promise<Response> => {
      pages += 1;
      return Promise.resolve(Response.json({ models: [{ name: 'models/a' }], nextPageToken: 'x' }));
    };

    const models = await gemini({ apiKey: KEY, model: 'x', fetch }).listModels?.(aContext());

    expect(models).toHaveLength(20);
    expect(pages).toBe(20);
  });

  it('calls a list that is no JSON malformed', async () => {
    const provider = gemini({ apiKey: KEY, model: 'x', fetch: answering(['<html>']) });

    await expect(provider.listModels?.(aContext())).rejects.toMatchObject({ kind: 'malformed' });
  });

  it('tells what its models can do', () => {
    expect(gemini({ apiKey: KEY, model: 'x' }).capabilities).toEqual({
      tools: true,
      images: true,
      thinking: true,
      structuredOutput: true,
    });
  });
});

describe('in a browser', () => {
  const browser = { userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Chrome/140' };

  it('a key is refused', () => {
    vi.stubGlobal('navigator', browser);

    expect(() => gemini({ apiKey: KEY, model: 'gemini-x' })).toThrow('dangerouslyAllowBrowser');
  });

  it.each<[string, Partial<GeminiOptions>]>([
    ['a key, knowingly', { apiKey: KEY, dangerouslyAllowBrowser: true }],
    ['a key for this very machine', { apiKey: KEY, baseUrl: 'http://localhost:8080/v1beta' }],
    ['a source of tokens', { getToken: () => 'short-lived' }],
    ['a backend of one’s own', { baseUrl: 'https://backend.example/gemini' }],
  ])('%s is let through', (_, options) => {
    vi.stubGlobal('navigator', browser);

    expect(gemini({ model: 'gemini-x', ...options }).name).toBe('gemini');
  });
});

describe('from the environment', () => {
  it.each(['GEMINI_API_KEY', 'GOOGLE_API_KEY'])('comes a provider, by %s', async (name) => {
    const env = { [name]: KEY, GEMINI_BASE_URL: '', GEMINI_MODEL: 'gemini-env' };

    const client = await fromEnv(env).createClient({ signal: new AbortController().signal });

    expect(client.model).toBe('gemini-env');
  });

  it.each([
    ['GEMINI_MODEL', { GEMINI_API_KEY: KEY }],
    ['GEMINI_API_KEY', { GEMINI_MODEL: 'gemini-x' }],
  ])('that lacks %s, none comes, and the name is told', (name, env) => {
    expect(() => fromEnv(env)).toThrow(name);
  });

  it('lets options win', async () => {
    const env = { GEMINI_API_KEY: KEY, GEMINI_MODEL: 'gemini-env' };

    const provider = fromEnv(env, { model: 'gemini-mine', name: 'mine' });

    const client = await provider.createClient({ signal: new AbortController().signal });
    expect([provider.name, client.model]).toEqual(['mine', 'gemini-mine']);
  });
});
